package dev.weir.io;

import dev.weir.alert.AlertTables;
import dev.weir.machine.Column;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The alert topic held against the alert table, which is the truth: a fenced transaction can take published alerts back
 * without a word, and the connector does not notice.
 */
public final class AlertTopic implements AutoCloseable {
    private static final Table ALERT = AlertTables.ALERT;
    private static final String NAME = ALERT.name();

    private final Settings settings;
    private final String topic;
    private final Connection warehouse;
    private final TopicReader reader;
    private final @Nullable Registry registry;
    private final Map<String, Published> newest = new HashMap<>();
    /** Of partitions from which records were deleted: when their first remaining record was written. */
    private final Map<TopicPartition, Long> remaining = new HashMap<>();

    /** The last record of an alert. */
    private record Published(long timestamp, long offset, byte[] value) {}

    /** An alert as the table has it. */
    private record Stored(
            Row row, long loadedMillis, @Nullable String evidence) {}

    /**
     * How both sides compare.
     *
     * @param same how many alerts say the same in both
     * @param missing rows of the table that the topic does not have
     * @param outdated rows of the table of which the topic has another version
     * @param unknown ids of alerts that only the topic has
     * @param gone how many alerts are older than what the topic still holds, so that nothing can be said of them
     * @param unreadable how many keys of the topic hold no alert
     */
    public record Comparison(
            long same, List<Row> missing, List<Row> outdated, List<String> unknown, long gone, long unreadable) {
        public boolean holds() {
            return missing.isEmpty() && outdated.isEmpty() && unknown.isEmpty();
        }
    }

    private AlertTopic(Settings settings, Connection warehouse, TopicReader reader, @Nullable Registry registry) {
        this.registry = registry;
        this.settings = settings;
        this.topic = Topics.name(settings, Topics.ALERT);
        this.warehouse = warehouse;
        this.reader = reader;
    }

    /**
     * Connects to both sides.
     *
     * @throws Unreachable when the brokers do not answer or refuse
     * @throws SQLException when the warehouse does
     */
    public static AlertTopic open(Settings settings) throws Unreachable, SQLException {
        Connection warehouse = settings.warehouse().connect();
        try {
            return new AlertTopic(
                    settings,
                    warehouse,
                    new TopicReader(settings, List.of(Topics.name(settings, Topics.ALERT))),
                    Registry.of(settings));
        } catch (Unreachable failure) {
            warehouse.close();
            throw failure;
        }
    }

    /** Compares both as they are now. A job that publishes between the two readings makes a difference that passes. */
    public Comparison compare() throws Unreachable, SQLException {
        Map<String, Stored> table = stored();
        reader.readToEnd(this::keep);
        long expired = expiry();
        Map<String, Map<String, @Nullable Object>> published = published();
        List<Row> missing = new ArrayList<>();
        List<Row> outdated = new ArrayList<>();
        long same = 0;
        long gone = 0;
        for (Map.Entry<String, Stored> entry : table.entrySet()) {
            Stored stored = entry.getValue();
            Map<String, @Nullable Object> said = published.get(entry.getKey());
            if (said != null && said.equals(content(stored))) {
                same++;
            } else if (said != null) {
                outdated.add(stored.row());
            } else if (stored.loadedMillis() < expired) {
                gone++;
            } else {
                missing.add(stored.row());
            }
        }
        List<String> unknown = published.entrySet().stream()
                .filter(entry -> !table.containsKey(entry.getKey()))
                .map(entry -> String.valueOf(entry.getValue().get("alert_id")))
                .sorted()
                .toList();
        return new Comparison(same, missing, outdated, unknown, gone, newest.size() - published.size());
    }

    private void keep(ConsumerRecord<byte[], byte[]> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (Objects.requireNonNull(reader.begins().get(partition)) > 0) {
            remaining.putIfAbsent(partition, record.timestamp());
        }
        if (record.key() != null && record.value() != null) {
            newest.merge(
                    new String(record.key(), StandardCharsets.UTF_8),
                    new Published(record.timestamp(), record.offset(), record.value()),
                    (one, other) -> other.timestamp() >= one.timestamp() ? other : one);
        }
    }

    /** Before this moment an alert may have been published and deleted since. */
    private long expiry() {
        long expiry = Long.MIN_VALUE;
        for (Map.Entry<TopicPartition, Long> partition : reader.begins().entrySet()) {
            if (partition.getValue() > 0) {
                expiry = Math.max(expiry, remaining.getOrDefault(partition.getKey(), Long.MAX_VALUE));
            }
        }
        return expiry;
    }

    private Map<String, Stored> stored() throws SQLException {
        Map<String, Stored> table = new TreeMap<>();
        try (PreparedStatement statement = warehouse.prepareStatement(
                        "SELECT *, extract(epoch FROM loaded_at) * 1000 AS loaded FROM weir.alert");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                @Nullable String[] values = new @Nullable String[ALERT.width()];
                for (int i = 0; i < values.length; i++) {
                    String column = ALERT.columns().get(i).name();
                    Timestamp time =
                            ALERT.columns().get(i).type() == Column.Type.TIMESTAMP ? row.getTimestamp(column) : null;
                    values[i] = time != null ? time.toInstant().toString() : row.getString(column);
                }
                Timestamp asOf = row.getTimestamp("as_of");
                Row alert = new Row(
                        NAME,
                        values,
                        row.getString("definition"),
                        row.getBoolean("deleted"),
                        asOf == null ? 0 : asOf.getTime());
                table.put(alert.key(ALERT), new Stored(alert, row.getLong("loaded"), row.getString("evidence")));
            }
        }
        return table;
    }

    /** The fields of the newest record of each key, evidence as the warehouse writes it. */
    private Map<String, Map<String, @Nullable Object>> published() throws SQLException {
        Map<String, Map<String, @Nullable Object>> published = new LinkedHashMap<>();
        for (Map.Entry<String, Published> entry : newest.entrySet()) {
            Map<String, @Nullable Object> fields = Wire.fields(entry.getValue().value(), NAME, registry);
            if (fields != null) {
                published.put(entry.getKey(), comparable(fields));
            }
        }
        List<Map<String, @Nullable Object>> all = new ArrayList<>(published.values());
        try (PreparedStatement statement = warehouse.prepareStatement(
                "SELECT evidence::jsonb::text FROM unnest(?::text[]) WITH ORDINALITY AS e (evidence, place)"
                        + " ORDER BY place")) {
            statement.setArray(
                    1,
                    warehouse.createArrayOf(
                            "text",
                            all.stream().map(fields -> fields.get("evidence")).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                for (int i = 0; row.next(); i++) {
                    all.get(i).put("evidence", row.getString(1));
                }
            }
        }
        return published;
    }

    private static Map<String, @Nullable Object> content(Stored stored) {
        WireSchema schema = WireSchema.of(NAME);
        Map<String, @Nullable Object> content = comparable(schema.byName(schema.values(stored.row())));
        content.put("evidence", stored.evidence());
        return content;
    }

    /** Without as_of, which is no part of what an alert says; on the wire the empty text says as little as null. */
    private static Map<String, @Nullable Object> comparable(Map<String, @Nullable Object> fields) {
        Map<String, @Nullable Object> comparable = new HashMap<>(fields);
        comparable.remove("as_of");
        comparable.replaceAll((name, value) -> "".equals(value) ? null : value);
        return comparable;
    }

    /**
     * Publishes rows of the table again, under the ids they have.
     *
     * <p>Compare again afterwards: what a job published meanwhile may now stand before an older version.
     *
     * @throws Unreachable when the brokers do not take them
     */
    public void publish(List<Row> rows) throws Unreachable {
        Properties properties = settings.kafka().client();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "20000");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            for (Row row : rows) {
                byte[] key = row.key(ALERT).getBytes(StandardCharsets.UTF_8);
                sent.add(producer.send(new ProducerRecord<>(topic, key, Wire.encode(row, registry))));
            }
            producer.flush();
            for (Future<?> one : sent) {
                one.get();
            }
        } catch (ExecutionException | KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Topics.unreachable(settings, interrupted);
        }
    }

    @Override
    public void close() throws SQLException {
        reader.close();
        warehouse.close();
    }
}
