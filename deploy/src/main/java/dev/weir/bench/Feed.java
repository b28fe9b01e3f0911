package dev.weir.bench;

import dev.weir.flink.CountingOperator;
import dev.weir.flink.StreamTypes;
import dev.weir.io.Wire;
import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Position;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.flink.api.common.eventtime.SerializableTimestampAssigner;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Bytes in memory as the partitions of a topic: each subtask reads one partition, decodes it, and counts what it reads, as a
 * job does with Kafka. One feed runs at a time; the cluster is in this JVM.
 */
final class Feed {
    private static final Duration OUT_OF_ORDER = Duration.ofMinutes(1);

    private static byte[][] events = {};

    private Feed() {}

    /** Deals events out to partitions, in the order given, one after another as a balanced producer does. */
    static void fill(byte[][] inOrder, int partitions) {
        byte[][] dealt = new byte[inOrder.length][];
        int at = 0;
        for (int p = 0; p < partitions; p++) {
            for (int i = p; i < inOrder.length; i += partitions) {
                dealt[at++] = inOrder[i];
            }
        }
        events = dealt;
    }

    /** The same events in a random order. */
    static byte[][] shuffled(byte[][] inOrder, long seed) {
        byte[][] shuffled = inOrder.clone();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = shuffled.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            byte[] swap = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = swap;
        }
        return shuffled;
    }

    /** What a job reads. */
    record Streams<E>(DataStream<Difference<E>> events, DataStream<Delta> counts) {}

    static <E> Streams<E> streams(StreamExecutionEnvironment env, String job, Class<E> type, Time<E> time) {
        SingleOutputStreamOperator<Difference<E>> decoded = env.fromSource(
                        new NumberSequenceSource(0, events.length - 1), WatermarkStrategy.noWatermarks(), "bench")
                .uid("bench-bytes")
                .transform("bench-decoder", StreamTypes.difference(type), new Decoder<>(job, type))
                .uid("bench-decoder")
                .name("bench-decoder");
        DataStream<Difference<E>> timed = decoded.assignTimestampsAndWatermarks(
                        WatermarkStrategy.<Difference<E>>forBoundedOutOfOrderness(OUT_OF_ORDER)
                                .withTimestampAssigner((SerializableTimestampAssigner<Difference<E>>)
                                        (event, ignored) -> time.of(Objects.requireNonNull(event.fact))))
                .uid("bench-time")
                .name("bench-time");
        return new Streams<>(timed, decoded.getSideOutput(CountingOperator.COUNTS));
    }

    /** A topic in which there is nothing. */
    static <E> DataStream<Difference<E>> none(StreamExecutionEnvironment env, Class<E> type) {
        String uid = "bench-no-" + type.getSimpleName();
        return env.fromSource(new NumberSequenceSource(0, 0), WatermarkStrategy.noWatermarks(), uid)
                .setParallelism(1)
                .uid(uid)
                .filter(index -> false)
                .setParallelism(1)
                .uid(uid + "-filter")
                .map(none -> new Difference<E>())
                .returns(StreamTypes.difference(type))
                .setParallelism(1)
                .uid(uid + "-events");
    }

    /** When an event happened, epoch milliseconds. */
    interface Time<E> extends Serializable {
        long of(E event);
    }

    private static final class Decoder<E> extends CountingOperator<Long, Difference<E>> {
        private final Class<E> type;
        private transient Wire.@Nullable Reader reader;
        private transient int partition;

        Decoder(String job, Class<E> type) {
            super(job);
            this.type = type;
        }

        @Override
        public void open() throws Exception {
            super.open();
            reader = new Wire.Reader();
            partition = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        }

        @Override
        protected void process(Long index) {
            Position position = new Position("bench", partition, index);
            count(position, LedgerTally.Fate.READ);
            Object event = Objects.requireNonNull(reader)
                    .decode(events[index.intValue()])
                    .event();
            send(new Difference<>("", true, type.cast(Objects.requireNonNull(event)), position));
        }
    }
}
