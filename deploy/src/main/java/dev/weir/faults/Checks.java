package dev.weir.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.io.Topics;
import dev.weir.machine.Keys;
import dev.weir.recount.Differences;
import dev.weir.recount.Recount;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** What must hold once everything that was sent has been read: recount, ledger, revisions, alerts. */
final class Checks {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, List<String>> READS = Map.of(
            "conversion", List.of(Topics.ENGAGEMENT, Topics.DEAL, Topics.FEEDBACK, Topics.ENTITY),
            "cycle-time", List.of(Topics.DEAL, Topics.ENGAGEMENT, Topics.ENTITY),
            "anomaly", List.of(Topics.METRIC, Topics.SIGNAL, Topics.DESK));

    private final Site site;
    private final Recount recount;

    Checks(Site site) {
        this.site = site;
        this.recount = Recount.of(site.playbook, site.sent, site.end.toEpochMilli());
    }

    /** Everything that does not hold, a line each. */
    List<String> broken() throws SQLException, IOException {
        List<String> broken = new ArrayList<>();
        try (Connection connection = site.system.postgres().owner();
                Statement statement = connection.createStatement()) {
            ledger(statement, broken);
            if (broken.isEmpty()) {
                tables(statement, broken);
                alerts(statement, broken);
            }
        }
        long back = RevisionGuard.seen(site);
        if (back > 0) {
            broken.add(back + " rows went back to an older revision");
        }
        return broken;
    }

    /** Whether every record of every topic has been read and is accounted for. */
    boolean settled() throws SQLException {
        List<String> broken = new ArrayList<>();
        try (Connection connection = site.system.postgres().owner();
                Statement statement = connection.createStatement()) {
            ledger(statement, broken);
        }
        return broken.isEmpty();
    }

    private void tables(Statement statement, List<String> broken) throws SQLException, IOException {
        Map<String, List<Map<String, @Nullable String>>> found = new HashMap<>();
        for (String table : Recount.counted()) {
            found.put(table, rows(statement, table));
        }
        broken.addAll(Differences.between(recount, Recount.counted(), found));
    }

    private static List<Map<String, @Nullable String>> rows(Statement statement, String table)
            throws SQLException, IOException {
        String which = table.equals("alert") ? " AND kind = 'stalled' AND status <> 'retracted'" : "";
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        try (ResultSet result =
                statement.executeQuery("SELECT to_jsonb(t) FROM weir.\"" + table + "\" t WHERE NOT deleted" + which)) {
            while (result.next()) {
                Map<String, @Nullable String> row = new LinkedHashMap<>();
                for (Map.Entry<String, JsonNode> cell :
                        JSON.readTree(result.getString(1)).properties()) {
                    JsonNode value = cell.getValue();
                    row.put(
                            cell.getKey(),
                            value.isNull() ? null : value.isContainerNode() ? value.toString() : value.asText());
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private void ledger(Statement statement, List<String> broken) throws SQLException {
        try (ResultSet rows = statement.executeQuery(
                "SELECT job, topic, partition, bucket FROM weir.ledger WHERE NOT deleted AND read <> accepted + duplicate"
                        + " + filtered + dead_lettered + expired + control")) {
            while (rows.next()) {
                broken.add("the ledger of " + rows.getString(1) + " does not balance for " + rows.getString(2) + "/"
                        + rows.getInt(3) + "/" + rows.getLong(4));
            }
        }
        for (Map.Entry<String, List<String>> job : READS.entrySet()) {
            for (String topic : job.getValue()) {
                long there = count(topic);
                long read = site.number("SELECT coalesce(sum(read), 0) FROM weir.ledger WHERE job = '" + job.getKey()
                        + "' AND topic = '" + site.topic(topic) + "'");
                if (read != there) {
                    broken.add(job.getKey() + " has read " + read + " of " + there + " records of " + topic);
                }
            }
        }
    }

    /** The topic and the table tell of the same alerts, and the topic nothing twice. */
    private void alerts(Statement statement, List<String> broken) throws SQLException {
        Set<String> table = new HashSet<>();
        Set<String> ever = new HashSet<>();
        try (ResultSet rows = statement.executeQuery("SELECT alert_id, deleted FROM weir.alert")) {
            while (rows.next()) {
                ever.add(rows.getString(1));
                if (!rows.getBoolean(2)) {
                    table.add(rows.getString(1));
                }
            }
        }
        Map<String, byte[]> last = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : committed(Topics.ALERT)) {
            String id = Keys.split(new String(record.key(), java.nio.charset.StandardCharsets.UTF_8))
                    .get(2);
            byte[] before = last.put(id, record.value());
            if (before != null && Arrays.equals(before, record.value())) {
                broken.add("alert " + id + " was published twice with the same words");
            }
            if (!ever.contains(id)) {
                broken.add("alert " + id + " was published and is not in the table");
            }
        }
        table.removeAll(last.keySet());
        table.forEach(id -> broken.add("alert " + id + " is in the table and was never published"));
    }

    private long count(String topic) {
        return committed(topic).size();
    }

    private List<ConsumerRecord<byte[], byte[]>> committed(String topic) {
        Properties client = site.settings.kafka().client();
        client.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(site.topic(topic)).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }
}
