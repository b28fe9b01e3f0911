package dev.weir.io;

import dev.weir.alert.AlertTables;
import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** The rows that other programs hear of by topic: published when their checkpoint completes, once. */
public final class KafkaOutputs {
    private static final Map<String, Table> TABLES = Map.of(
            MetricPoint.TABLE.name(), MetricPoint.TABLE,
            Signal.TABLE.name(), Signal.TABLE,
            AlertTables.ALERT.name(), AlertTables.ALERT,
            DeadLetterTable.DEAD_LETTER.name(), DeadLetterTable.DEAD_LETTER);

    private static final Map<String, String> TOPICS = Map.of(
            MetricPoint.TABLE.name(), Topics.METRIC,
            Signal.TABLE.name(), Topics.SIGNAL,
            AlertTables.ALERT.name(), Topics.ALERT,
            DeadLetterTable.DEAD_LETTER.name(), Topics.DEAD_LETTER);

    private KafkaOutputs() {}

    /** Whether rows of this table go to a topic. */
    public static boolean publishes(Row row) {
        return TOPICS.containsKey(row.table());
    }

    /**
     * Writes metric points, signals, alerts and dead letters, each to its topic, and leaves out all other rows.
     *
     * <p>One sink for all of them, so that a checkpoint is one transaction a subtask and not four.
     */
    public static void write(DataStream<Row> rows, Settings settings, String job) {
        String uid = job + "-topics";
        rows.filter(KafkaOutputs::publishes)
                .uid(job + "-published")
                .name(job + "-published")
                .sinkTo(sink(settings, job))
                .uid(uid)
                .name(uid);
    }

    private static KafkaSink<Row> sink(Settings settings, String job) {
        return KafkaSink.<Row>builder()
                .setKafkaProducerConfig(settings.kafka().client())
                .setBootstrapServers(settings.kafka().bootstrap())
                .setProperty(
                        "transaction.timeout.ms",
                        Long.toString(settings.kafka().transactionTimeout().toMillis()))
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
                .setTransactionalIdPrefix(settings.kafka().topicPrefix() + job)
                .setRecordSerializer(new Records(settings.kafka().topicPrefix(), Registry.ofJob(settings)))
                .build();
    }

    /** Tells the connector its topics too: it looks there for transactions that an earlier run left open. */
    private static final class Records implements KafkaRecordSerializationSchema<Row>, KafkaDatasetFacetProvider {
        private final String prefix;
        private final @Nullable Registry registry;

        Records(String prefix, @Nullable Registry registry) {
            this.prefix = prefix;
            this.registry = registry;
        }

        @Override
        public ProducerRecord<byte[], byte[]> serialize(Row row, KafkaSinkContext context, @Nullable Long timestamp) {
            Table table = Objects.requireNonNull(TABLES.get(row.table()));
            String topic = prefix + TOPICS.get(row.table());
            return new ProducerRecord<>(
                    topic,
                    row.table().equals(MetricPoint.TABLE.name()) ? partition(row, context, topic) : null,
                    row.key(table).getBytes(StandardCharsets.UTF_8),
                    Wire.encode(row, registry));
        }

        /**
         * That of the point's series: its key names the window too, and windows spread over partitions would overtake each
         * other on their way to whoever watches the series.
         */
        private static int partition(Row row, KafkaSinkContext context, String topic) {
            int window = MetricPoint.TABLE.index("window_start");
            String series = Keys.join(row.definition(), Keys.join(Arrays.copyOf(row.values(), window)));
            return Utils.toPositive(Utils.murmur2(series.getBytes(StandardCharsets.UTF_8)))
                    % context.getPartitionsForTopic(topic).length;
        }

        @Override
        public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
            List<String> topics = TOPICS.values().stream()
                    .map(topic -> prefix + topic)
                    .sorted()
                    .toList();
            return Optional.of(new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(topics)));
        }
    }
}
