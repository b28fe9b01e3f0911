package dev.weir.bench;

import dev.weir.avro.Engagement;
import dev.weir.conversion.FunnelTables;
import dev.weir.flink.Flow;
import dev.weir.io.PlaybookLoader;
import dev.weir.jobs.ConversionJob;
import dev.weir.jobs.Inputs;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Values;
import dev.weir.playbook.Playbook;
import dev.weir.stats.Buckets;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Workload A: 20 events a person over 28 days, half of them noise; a funnel of four steps in seven days, by day, campaign
 * (40) and channel (8).
 */
final class Visits implements Workload {
    private static final long DAY = 86_400_000L;
    private static final long START = Instant.parse("2026-01-05T00:00:00Z").toEpochMilli();
    private static final long WITHIN = 7 * DAY;
    private static final int EVENTS_A_PERSON = 20;
    private static final String FIRST = "buy";
    private static final List<String> STEPS = List.of("visit", "signup", "trial", "purchase");
    private static final List<String> NOISE = List.of("scroll", "video", "click", "search");
    private static final String PLAYBOOK = """
            playbook: bench
            timezone: UTC
            reporting_currency: EUR
            funnels:
            """;

    /** Steps of the funnels, in order and within what; the first is the one that the loop counts too. */
    private static final List<String> FUNNELS = List.of(
            "visit signup trial purchase / ordered / 7d",
            "visit signup / ordered / 1d",
            "visit signup trial / strict / 7d",
            "signup trial purchase / ordered / 14d",
            "visit purchase / ordered / 28d",
            "signup purchase / any / 7d",
            "visit trial / ordered / 3d",
            "trial purchase / ordered / 2d",
            "visit signup purchase / any / 14d",
            "visit signup trial purchase / ordered / 14d");

    /** Most funnels at once. */
    static final int MOST = FUNNELS.size();

    private final byte[][] events;
    private final long end;
    private final int funnels;

    Visits(int count) {
        funnels = 1;
        BinaryMessageEncoder<Engagement> encoder = Avro.encoder(Engagement.getClassSchema());
        SplittableRandom random = new SplittableRandom(1);
        int persons = Math.max(1, count / EVENTS_A_PERSON);
        long gap = 28 * DAY / count;
        events = new byte[count][];
        long at = START;
        for (int i = 0; i < count; i++) {
            at = START + i * gap + random.nextLong(Math.max(1, gap));
            int campaign = random.nextInt(40);
            boolean noise = random.nextBoolean();
            Engagement event = Engagement.newBuilder()
                    .setEventId("e" + i)
                    .setOccurredAt(Instant.ofEpochMilli(at))
                    .setPersonId("p" + random.nextInt(persons))
                    .setKind(noise ? NOISE.get(random.nextInt(NOISE.size())) : STEPS.get(step(random.nextInt(10))))
                    .setCampaign("campaign" + campaign)
                    .setChannel("channel" + random.nextInt(8))
                    .setAsset("/pricing")
                    .build();
            events[i] = Avro.bytes(encoder, event);
        }
        end = at;
    }

    private Visits(byte[][] events, long end, int funnels) {
        this.events = events;
        this.end = end;
        this.funnels = funnels;
    }

    /** The same events, and several funnels over them, at most {@link #MOST}. */
    Visits with(int count) {
        return new Visits(events, end, count);
    }

    /** 4 visits, 3 sign-ups, 2 trials, 1 purchase in 10. */
    private static int step(int ten) {
        return ten < 4 ? 0 : ten < 7 ? 1 : ten < 9 ? 2 : 3;
    }

    @Override
    public byte[][] events() {
        return events;
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public String loopName() {
        return "Avro-reader loop";
    }

    @Override
    public DataStream<Row> flow(StreamExecutionEnvironment env) {
        Playbook playbook = PlaybookLoader.load(playbook(), "bench");
        Flow flow = new Flow(ConversionJob.NAME, end);
        Feed.Streams<dev.weir.event.Engagement> read =
                Feed.streams(env, ConversionJob.NAME, dev.weir.event.Engagement.class, event -> event.occurredAt()
                        .toEpochMilli());
        flow.add("read", read.counts());
        return ConversionJob.flow(
                flow,
                playbook,
                new Inputs(
                        read.events(),
                        Feed.none(env, dev.weir.event.DealChange.class),
                        Feed.none(env, dev.weir.event.Feedback.class),
                        Feed.none(env, dev.weir.event.EntityChange.class)));
    }

    private String playbook() {
        StringBuilder text = new StringBuilder(PLAYBOOK);
        for (int f = 0; f < funnels; f++) {
            String[] parts = FUNNELS.get(f).split(" / ", -1);
            text.append("  - name: ").append(f == 0 ? FIRST : "funnel" + f).append("\n    steps:\n");
            for (String step : parts[0].split(" ", -1)) {
                text.append("      - {name: ").append(step);
                text.append(", when: \"engagement.kind == '").append(step).append("'\"}\n");
            }
            text.append("    order: ").append(parts[1]);
            text.append("\n    within: ").append(parts[2]);
            text.append("\n    breakdowns: [campaign, channel]\n    windows: [day]\n    attempts: false\n");
        }
        return text.toString();
    }

    // The loop.

    private record CellName(long day, String campaign, String channel) {}

    /** The attempts of one day, campaign and channel. */
    private static final class Cell {
        final long[] reached = new long[STEPS.size()];
        final long[] mature = new long[STEPS.size()];
        final Sums times = new Sums();

        void add(Cell other) {
            for (int s = 0; s < reached.length; s++) {
                reached[s] += other.reached[s];
                mature[s] += other.mature[s];
            }
            times.plus(other.times);
        }
    }

    /** The open attempt of a person. */
    private static final class Attempt {
        long startedAt;
        int last;

        @Nullable Cell cell;
    }

    @Override
    public Map<String, String> loop() throws IOException {
        Avro.Reader reader = new Avro.Reader(Engagement.getClassSchema());
        Map<String, Attempt> attempts = new HashMap<>();
        Map<CellName, Cell> cells = new HashMap<>();
        for (byte[] bytes : events) {
            GenericRecord event = reader.read(bytes);
            int step = STEPS.indexOf((String) event.get("kind"));
            if (step < 0) {
                continue;
            }
            long at = (Long) event.get("occurred_at");
            Attempt attempt = attempts.computeIfAbsent((String) event.get("person_id"), p -> new Attempt());
            boolean open = attempt.cell != null && at <= attempt.startedAt + WITHIN;
            if (!open && step == 0) {
                attempt.startedAt = at;
                attempt.last = 0;
                attempt.cell = cells.computeIfAbsent(
                        new CellName(
                                Math.floorDiv(at, DAY), (String) event.get("campaign"), (String) event.get("channel")),
                        name -> new Cell());
            } else if (open && step == attempt.last + 1) {
                attempt.last = step;
            } else {
                continue;
            }
            Cell cell = Objects.requireNonNull(attempt.cell);
            cell.reached[step]++;
            if (attempt.startedAt + WITHIN <= end) {
                cell.mature[step]++;
            }
            if (step > 0) {
                Buckets.add(cell.times, 0, step, at - attempt.startedAt, 1);
            }
            if (step == STEPS.size() - 1) {
                attempt.cell = null;
            }
        }
        return answer(cells);
    }

    private static Map<String, String> answer(Map<CellName, Cell> cells) {
        Map<String, Cell> rows = new HashMap<>();
        cells.forEach((name, cell) -> {
            String day = "day " + Values.time(name.day * DAY);
            String all = "all " + Values.time(0L);
            for (String window : List.of(day, all)) {
                rows.computeIfAbsent(window + " (total) (total)", r -> new Cell())
                        .add(cell);
                rows.computeIfAbsent(window + " campaign " + name.campaign, r -> new Cell())
                        .add(cell);
                rows.computeIfAbsent(window + " channel " + name.channel, r -> new Cell())
                        .add(cell);
            }
        });
        Map<String, String> answer = new TreeMap<>();
        rows.forEach((row, cell) -> {
            for (int s = 0; s < STEPS.size(); s++) {
                Buckets times = Buckets.read(cell.times, 0, s);
                answer.put(
                        row + " " + STEPS.get(s),
                        cell.reached[0] + " " + cell.reached[s] + " " + cell.mature[0] + " " + cell.mature[s] + " "
                                + Values.number(times.p50Seconds()) + " " + Values.number(times.p90Seconds()));
            }
        });
        return answer;
    }

    @Override
    public Cells cells() {
        return new FunnelCells();
    }

    private static final class FunnelCells implements Cells {
        @Override
        public @Nullable String key(Row row) {
            return row.table().equals(FunnelTables.FUNNEL_WINDOW.name()) && FIRST.equals(row.values()[0])
                    ? row.key(FunnelTables.FUNNEL_WINDOW)
                    : null;
        }

        @Override
        public void read(Row row, Map<String, String> out) {
            String[] v = row.values();
            // funnel, grain, window_start, breakdown, value, step_no, step, four of the window, then the measures.
            out.put(
                    v[1] + " " + v[2] + " " + v[3] + " " + v[4] + " " + v[6],
                    v[11] + " " + v[12] + " " + v[13] + " " + v[14] + " " + v[15] + " " + v[16]);
        }
    }
}
