package dev.weir.io;

import dev.weir.alert.DeskEntry;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import dev.weir.flink.LedgerGroups;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Position;
import dev.weir.machine.Sums;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.apache.flink.api.common.eventtime.SerializableTimestampAssigner;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * A finite history of events out of files of native JSON, in the order in which they happened, up to one last moment.
 *
 * @param lines how many events there are
 * @param sorted file with one event a line, its time before it, in order
 * @param desk what people said at the alert desk, as lines of native JSON; they are no events of the business
 * @param end the last moment, epoch milliseconds
 * @param later how many events were left out because they had not happened by then
 * @param refused how many lines are not events
 */
public record History(long lines, Path sorted, List<String> desk, long end, long later, long refused) {

    private record Line(long at, String id, String text) {}

    /**
     * Reads and sorts files, plain or .gz.
     *
     * @param end the last moment; null for that of the last event
     * @param refusals receives {@code file:line: reason} of each line that is no event
     * @throws IOException when a file cannot be read
     */
    public static History read(List<Path> files, @Nullable Instant end, Path folder, Consumer<String> refusals)
            throws IOException {
        List<Line> lines = new ArrayList<>();
        List<Line> desk = new ArrayList<>();
        long[] counts = new long[2];
        for (Path file : files) {
            try (BufferedReader in = open(file)) {
                long number = 0;
                for (String text = in.readLine(); text != null; text = in.readLine()) {
                    number++;
                    if (text.isBlank()) {
                        continue;
                    }
                    NativeJson.Parsed parsed = NativeJson.read(text);
                    Object event = parsed.event();
                    if (event == null) {
                        counts[0]++;
                        refusals.accept(file + ":" + number + ": " + parsed.reason());
                    } else {
                        (event instanceof DeskEntry ? desk : lines)
                                .add(new Line(time(event).toEpochMilli(), id(event), text));
                    }
                }
            }
        }
        lines.sort(Comparator.comparingLong(Line::at).thenComparing(Line::id));
        long last = end != null ? end.toEpochMilli() : lines.isEmpty() ? 0 : lines.get(lines.size() - 1).at;
        int kept = lines.size();
        while (kept > 0 && lines.get(kept - 1).at > last) {
            kept--;
        }
        Path sorted = folder.resolve("events.sorted");
        try (var out = Files.newBufferedWriter(sorted)) {
            for (Line line : lines.subList(0, kept)) {
                out.write(line.at + "\t" + line.text + "\n");
            }
        }
        List<String> said = desk.stream()
                .filter(line -> end == null || line.at <= last)
                .map(Line::text)
                .toList();
        return new History(kept, sorted, said, last, lines.size() - kept + desk.size() - said.size(), counts[0]);
    }

    /** The same events, spoken of as of another moment: those later than it stay, as a job has them that reads ahead of it. */
    public History asOf(Instant moment) {
        return new History(lines, sorted, desk, moment.toEpochMilli(), later, refused);
    }

    static BufferedReader open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        return new BufferedReader(new InputStreamReader(
                file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in, StandardCharsets.UTF_8));
    }

    static Instant time(Object event) {
        if (event instanceof Engagement e) {
            return e.occurredAt();
        } else if (event instanceof DealChange d) {
            return d.occurredAt();
        } else if (event instanceof Feedback f) {
            return f.occurredAt();
        }
        return event instanceof DeskEntry e ? e.occurredAt() : ((EntityChange) event).occurredAt();
    }

    private static String id(Object event) {
        if (event instanceof Engagement e) {
            return e.eventId();
        } else if (event instanceof DealChange d) {
            return d.eventId();
        } else if (event instanceof Feedback f) {
            return f.eventId();
        }
        return event instanceof DeskEntry e ? e.entryId() : ((EntityChange) event).eventId();
    }

    /**
     * The streams of a history, as a job reads them from topics.
     *
     * @param counts of what was read of all of them but feedback
     * @param feedbackCounts of what was read of feedback, for the job that reads it
     */
    public record Streams(
            DataStream<Difference<Engagement>> engagements,
            DataStream<Difference<DealChange>> deals,
            DataStream<Difference<Feedback>> feedback,
            DataStream<Difference<EntityChange>> entities,
            DataStream<Delta> counts,
            DataStream<Delta> feedbackCounts) {}

    /** One reader, so that the events of all kinds come in the order in which they happened. */
    public Streams streams(StreamExecutionEnvironment env, String job) {
        return streams(env, job, new NumberSequenceSource(0, Math.max(0, lines - 1)));
    }

    /** The same, read at the pace of a source of all line numbers from 0. */
    public Streams streams(StreamExecutionEnvironment env, String job, NumberSequenceSource numbers) {
        long count = lines;
        SingleOutputStreamOperator<Tuple2<Long, String>> read = env.fromSource(
                        numbers, WatermarkStrategy.noWatermarks(), job + "-history")
                .setParallelism(1)
                .uid(job + "-history")
                .filter(index -> index < count)
                .setParallelism(1)
                .uid(job + "-history-not-empty")
                .map(new ReadLine(sorted.toString()))
                .returns(Types.TUPLE(Types.LONG, Types.STRING))
                .setParallelism(1)
                .uid(job + "-history-lines")
                .assignTimestampsAndWatermarks(WatermarkStrategy.<Tuple2<Long, String>>forMonotonousTimestamps()
                        .withTimestampAssigner(
                                (SerializableTimestampAssigner<Tuple2<Long, String>>) (line, ignored) -> line.f0))
                .setParallelism(1)
                .uid(job + "-history-time");
        SingleOutputStreamOperator<Difference<Engagement>> split = read.process(
                        new Split(job), StreamTypes.difference(Engagement.class))
                .setParallelism(1)
                .uid(job + "-history-events");
        return new Streams(
                split,
                split.getSideOutput(Split.DEALS),
                split.getSideOutput(Split.FEEDBACK),
                split.getSideOutput(Split.ENTITIES),
                split.getSideOutput(Split.COUNTS),
                split.getSideOutput(Split.FEEDBACK_COUNTS));
    }

    /** What people said, as the anomaly job reads it from its topic; counted nowhere. */
    public DataStream<Difference<DeskEntry>> desk(StreamExecutionEnvironment env, String job) {
        return desk(env, job, new NumberSequenceSource(0, Math.max(0, desk.size() - 1)));
    }

    /** The same, read at the pace of a source of all their numbers from 0; one number where nobody said anything. */
    public DataStream<Difference<DeskEntry>> desk(
            StreamExecutionEnvironment env, String job, NumberSequenceSource numbers) {
        ArrayList<String> entries = new ArrayList<>(desk);
        return env.fromSource(numbers, WatermarkStrategy.noWatermarks(), job + "-history-desk")
                .setParallelism(1)
                .uid(job + "-history-desk")
                .filter(index -> index < entries.size())
                .setParallelism(1)
                .uid(job + "-history-desk-not-empty")
                .map(index -> new Difference<>("", true, entry(entries.get(index.intValue())), null))
                .returns(StreamTypes.difference(DeskEntry.class))
                .setParallelism(1)
                .uid(job + "-history-desk-entries");
    }

    private static DeskEntry entry(String line) {
        return (DeskEntry) Objects.requireNonNull(NativeJson.read(line).event());
    }

    private static final class ReadLine extends RichMapFunction<Long, Tuple2<Long, String>> {
        private final String file;
        private transient @Nullable List<String> lines;

        ReadLine(String file) {
            this.file = file;
        }

        @Override
        public void open(OpenContext context) throws IOException {
            lines = Files.readAllLines(Path.of(file));
        }

        @Override
        public Tuple2<Long, String> map(Long index) {
            String line = Objects.requireNonNull(lines).get(index.intValue());
            int tab = line.indexOf('\t');
            return Tuple2.of(Long.valueOf(line.substring(0, tab)), index + "\t" + line.substring(tab + 1));
        }
    }

    private static final class Split extends ProcessFunction<Tuple2<Long, String>, Difference<Engagement>> {
        static final OutputTag<Difference<DealChange>> DEALS =
                new OutputTag<>("deals", StreamTypes.difference(DealChange.class));
        static final OutputTag<Difference<Feedback>> FEEDBACK =
                new OutputTag<>("feedback", StreamTypes.difference(Feedback.class));
        static final OutputTag<Difference<EntityChange>> ENTITIES =
                new OutputTag<>("entities", StreamTypes.difference(EntityChange.class));
        static final OutputTag<Delta> COUNTS = new OutputTag<>("counts", StreamTypes.DELTA);
        static final OutputTag<Delta> FEEDBACK_COUNTS = new OutputTag<>("feedback-counts", StreamTypes.DELTA);

        private final String job;
        private transient @Nullable LedgerGroups ledger;

        Split(String job) {
            this.job = job;
        }

        @Override
        public void open(OpenContext context) {
            ledger = new LedgerGroups(job);
        }

        @Override
        public void processElement(Tuple2<Long, String> line, Context context, Collector<Difference<Engagement>> out) {
            int tab = line.f1.indexOf('\t');
            long index = Long.parseLong(line.f1.substring(0, tab));
            Object event = NativeJson.read(line.f1.substring(tab + 1)).event();
            if (event instanceof Engagement e) {
                out.collect(new Difference<>("", true, e, position("engagement", index, COUNTS, context)));
            } else if (event instanceof DealChange d) {
                context.output(DEALS, new Difference<>("", true, d, position("deal", index, COUNTS, context)));
            } else if (event instanceof Feedback f) {
                context.output(
                        FEEDBACK, new Difference<>("", true, f, position("feedback", index, FEEDBACK_COUNTS, context)));
            } else if (event instanceof EntityChange e) {
                context.output(ENTITIES, new Difference<>("", true, e, position("entity", index, COUNTS, context)));
            }
        }

        private Position position(String kind, long index, OutputTag<Delta> counts, Context context) {
            Position position = new Position(kind, 0, index);
            Sums sums = new Sums();
            LedgerTally.count(sums, position, LedgerTally.Fate.READ);
            context.output(counts, new Delta(Objects.requireNonNull(ledger).group(position), sums));
            return position;
        }
    }

    /** Deletes what was sorted. */
    public void close() {
        try {
            Files.deleteIfExists(sorted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
