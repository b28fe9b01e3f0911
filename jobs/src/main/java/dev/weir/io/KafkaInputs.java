package dev.weir.io;

import dev.weir.alert.DeskEntry;
import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import dev.weir.event.MetricPoint;
import dev.weir.flink.CountingOperator;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally.Fate;
import dev.weir.machine.Row;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.SerializableTimestampAssigner;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The topics a job reads, from their first record, as facts; what is none as dead letters; all of it counted. */
public final class KafkaInputs {
    private static final Duration PAUSE_OF_OTHER_JOBS = Duration.ofSeconds(1);
    /** How long a partition that was added may stay unread, in milliseconds. */
    private static final String NEW_PARTITIONS_AFTER = "10000";

    private final StreamExecutionEnvironment env;
    private final Settings settings;
    private final String job;
    private final @Nullable Registry registry;

    public KafkaInputs(StreamExecutionEnvironment env, Settings settings, String job) {
        this.env = env;
        this.settings = settings;
        this.job = job;
        this.registry = Registry.ofJob(settings);
    }

    /**
     * One topic.
     *
     * @param events each with its position and no key yet
     * @param deadLetters rows of {@link DeadLetterTable#DEAD_LETTER}
     * @param counts of the ledger: read, dead-lettered, control
     */
    public record Input<E>(DataStream<Difference<E>> events, DataStream<Row> deadLetters, DataStream<Delta> counts) {}

    public Input<Engagement> engagements() {
        return happenings(Engagement.class, Topics.ENGAGEMENT, "engagement");
    }

    public Input<DealChange> deals() {
        return happenings(DealChange.class, Topics.DEAL, "deal");
    }

    public Input<Feedback> feedback() {
        return happenings(Feedback.class, Topics.FEEDBACK, "feedback");
    }

    public Input<EntityChange> entities() {
        return happenings(EntityChange.class, Topics.ENTITY, "entity");
    }

    /** Points of other jobs. Their time is that of what those jobs read, so a pause does not move it. */
    public Input<MetricPoint> metrics() {
        return read(MetricPoint.class, Topics.METRIC, "metric", PAUSE_OF_OTHER_JOBS, false);
    }

    /** Signals of other jobs. Their time is that of what those jobs read, so a pause does not move it. */
    public Input<Signal> signals() {
        return read(Signal.class, Topics.SIGNAL, "signal", PAUSE_OF_OTHER_JOBS, false);
    }

    /** What people said at the desk: of now, which says nothing about how far time has come in what is watched. */
    public Input<DeskEntry> desk() {
        return read(
                DeskEntry.class,
                Topics.DESK,
                "desk",
                WatermarkStrategy.<Received<DeskEntry>>noWatermarks().withIdleness(PAUSE_OF_OTHER_JOBS));
    }

    private <E> Input<E> happenings(Class<E> type, String topic, String what) {
        return read(type, topic, what, settings.idleAfter(), true);
    }

    private <E> Input<E> read(Class<E> type, String topic, String what, Duration idleAfter, boolean followsClock) {
        return read(type, topic, what, time(settings.outOfOrderness(), idleAfter, followsClock));
    }

    private <E> Input<E> read(Class<E> type, String topic, String what, WatermarkStrategy<Received<E>> time) {
        String source = job + "-" + what + "-source";
        String events = job + "-" + what + "-events";
        OutputTag<Row> deadLetters = new OutputTag<>("dead-letters", StreamTypes.ROW);
        SingleOutputStreamOperator<Difference<E>> split = env.fromSource(
                        source(type, topic, what), time, source, Received.type(type))
                .uid(source)
                .transform(events, StreamTypes.difference(type), new Split<>(job, deadLetters))
                .uid(events)
                .name(events);
        return new Input<>(split, split.getSideOutput(deadLetters), split.getSideOutput(CountingOperator.COUNTS));
    }

    private <E> KafkaSource<Received<E>> source(Class<E> type, String topic, String what) {
        Properties client = settings.kafka().client();
        client.setProperty("isolation.level", "read_committed");
        client.setProperty(KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(), NEW_PARTITIONS_AFTER);
        return KafkaSource.<Received<E>>builder()
                .setProperties(client)
                .setTopics(Topics.name(settings, topic))
                .setGroupId(settings.kafka().topicPrefix() + job)
                .setClientIdPrefix(settings.kafka().topicPrefix() + job + "-" + what)
                .setStartingOffsets(new FromTheFirst())
                .setDeserializer(new Receiver<>(type, registry))
                .build();
    }

    /** Each partition has a time of its own, the source that of its slowest. */
    static <E> WatermarkStrategy<Received<E>> time(Duration outOfOrderness, Duration idleAfter, boolean followsClock) {
        return WatermarkStrategy.<Received<E>>forGenerator(context -> new PartitionTime<>(
                        outOfOrderness,
                        idleAfter,
                        followsClock,
                        context.getInputActivityClock(),
                        System::currentTimeMillis))
                .withTimestampAssigner((SerializableTimestampAssigner<Received<E>>) (received, ignored) -> received.at);
    }

    /**
     * From the first record there is. A job that goes on from a position that its topic no longer has would have to leave out
     * what lay between: it fails instead, and says so. To begin anew in spite of that is for a person to decide
     * ({@code weir submit --fresh}).
     */
    @SuppressWarnings("deprecation") // the word of Kafka that the connector still speaks
    private static final class FromTheFirst implements OffsetsInitializer {
        @Override
        public Map<TopicPartition, Long> getPartitionOffsets(
                Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
            return OffsetsInitializer.earliest().getPartitionOffsets(partitions, retriever);
        }

        @Override
        public OffsetResetStrategy getAutoOffsetResetStrategy() {
            return OffsetResetStrategy.NONE;
        }
    }

    private static final class Split<E> extends CountingOperator<Received<E>, Difference<E>> {
        private final String job;
        private final OutputTag<Row> deadLetters;

        Split(String job, OutputTag<Row> deadLetters) {
            super(job);
            this.job = job;
            this.deadLetters = deadLetters;
        }

        @Override
        protected void process(Received<E> received) {
            count(received.position, Fate.READ);
            E event = received.event;
            if (received.isDeadLetter()) {
                count(received.position, Fate.DEAD_LETTERED);
                send(deadLetters, deadLetter(job, received));
            } else if (event == null) {
                count(received.position, Fate.CONTROL);
            } else {
                send(new Difference<>("", true, event, received.position));
            }
        }
    }

    /** As of the moment the broker took it: a dead letter has no other time that can be trusted. */
    static Row deadLetter(String job, Received<?> received) {
        return Row.of(
                DeadLetterTable.DEAD_LETTER,
                "",
                received.appendedAt,
                job,
                received.position.topic(),
                Integer.toString(received.position.partition()),
                Long.toString(received.position.offset()),
                received.reason,
                received.detail,
                Long.toString(received.length),
                received.sha256,
                Base64.getEncoder().encodeToString(Objects.requireNonNull(received.payload)));
    }
}
