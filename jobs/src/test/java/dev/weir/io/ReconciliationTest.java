package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.AlertTables;
import dev.weir.event.Engagement;
import dev.weir.io.Reconciliation.Line;
import dev.weir.machine.LedgerCheck.Finding;
import dev.weir.machine.LedgerCheck.Kind;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.LedgerTally.Fate;
import dev.weir.machine.Position;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Table;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real broker and a real warehouse; the ledger is written as a job does that has read what the test says. */
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ReconciliationTest {
    private static final String JOB = "conversion";

    @SuppressWarnings("NullAway.Init")
    private static TestBroker broker;

    @SuppressWarnings("NullAway.Init")
    private static Database database;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        broker = TestBroker.start(folder);
        database = Database.migrated();
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
        broker.close();
    }

    @Test
    void aLedgerThatSpeaksOfEveryRecordHoldsAndOneThatMissesSomeDoesNot() throws Exception {
        Settings settings = settings("whole.");
        send(settings, 2_600);
        account(settings, Topics.ENGAGEMENT, offset -> true);
        assertThat(findings(settings)).isEmpty();

        send(settings, 10);
        assertThat(findings(settings)).extracting(Finding::kind).containsOnly(Kind.BEHIND);
        assertThat(findings(settings)).extracting(Finding::records).satisfies(records -> assertThat(
                        records.stream().mapToLong(n -> n).sum())
                .isEqualTo(10));

        account(settings, Topics.ENGAGEMENT, offset -> offset != 5);
        assertThat(findings(settings)).hasSize(3).allSatisfy(finding -> {
            assertThat(finding.bucket()).isZero();
            assertThat(finding.records()).isEqualTo(1);
        });
        database.run(
                "UPDATE weir.ledger SET accepted = accepted + 1 WHERE topic = 'whole.engagement.v1' AND partition = 1");
        assertThat(findings(settings)).contains(new Finding(Kind.UNBALANCED, 0, -1));
    }

    @Test
    void whatComesAfterTheFirstLookIsNoFault() throws Exception {
        Settings settings = settings("news.");
        send(settings, 100);
        account(settings, Topics.ENGAGEMENT, offset -> true);
        try (Reconciliation ledger = Reconciliation.open(settings, List.of(JOB))) {
            assertThat(all(ledger.look())).isEmpty();
            send(settings, 50);
            assertThat(all(ledger.look())).isEmpty();
            assertThat(ledger.look()).extracting(line -> line.held().count()).satisfies(counts -> assertThat(
                            counts.stream().mapToLong(n -> n).sum())
                    .isEqualTo(150));
        }
    }

    @Test
    void recordsDeletedBeforeTheyWereReadAreLost() throws Exception {
        Settings settings = settings("short.");
        send(settings, 3_000);
        Map<Integer, Long> deleted = Map.of(0, 400L, 1, 0L, 2, 0L);
        account(settings, Topics.ENGAGEMENT, offset -> offset < 100 || offset >= 400);
        try (Admin admin = Admin.create(settings.kafka().client())) {
            Map<TopicPartition, RecordsToDelete> before = new HashMap<>();
            deleted.forEach((partition, offset) -> before.put(
                    new TopicPartition("short.engagement.v1", partition), RecordsToDelete.beforeOffset(offset)));
            admin.deleteRecords(before).all().get();
        }
        try (Reconciliation ledger = Reconciliation.open(settings, List.of(JOB))) {
            Map<Integer, List<Finding>> found = new HashMap<>();
            for (Line line : ledger.look()) {
                found.put(line.part().partition(), line.findings());
            }
            assertThat(found.get(0)).containsExactly(new Finding(Kind.LOST, 0, 300));
            assertThat(found.get(1)).extracting(Finding::kind).containsExactly(Kind.DIFFERENT);
        }
    }

    @Test
    void endsOfTransactionsAndWhatWasRolledBackAreNoRecords() throws Exception {
        Settings settings = settings("tied.");
        Topics.ensure(settings, true);
        Properties properties = settings.kafka().client();
        properties.setProperty("transactional.id", "tied");
        try (var producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (int i = 0; i < 30; i++) {
                producer.beginTransaction();
                for (int k = 0; k < 5; k++) {
                    var unused = producer.send(new ProducerRecord<>("tied.metric.v1", 0, null, new byte[] {1}));
                }
                if (i % 3 == 0) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
        account(settings, Topics.METRIC, offset -> true);
        assertThat(findings(settings)).isEmpty();
        try (Reconciliation ledger = Reconciliation.open(settings, List.of(JOB))) {
            assertThat(ledger.look().get(0).total().read()).isEqualTo(100);
        }
    }

    @Test
    void alertsThatTheTopicLacksArePublishedUnderTheirIds() throws Exception {
        Settings settings = settings("alerts.");
        Topics.ensure(settings, true);
        List<Row> rows = List.of(
                alert("a1", "firing", "One."), alert("a2", "firing", "Two."), alert("a3", "resolved", "Three."));
        upsert(AlertTables.ALERT, 7, rows);
        publish(
                settings,
                List.of(rows.get(0), alert("a3", "firing", "Three."), alert("a9", "firing", "Nobody knows.")));
        try (AlertTopic topic = AlertTopic.open(settings)) {
            AlertTopic.Comparison found = topic.compare();
            assertThat(found.same()).isEqualTo(1);
            assertThat(ids(found.missing())).containsExactly("a2");
            assertThat(ids(found.outdated())).containsExactly("a3");
            assertThat(found.unknown()).containsExactly("a9");

            topic.publish(found.missing());
            topic.publish(found.outdated());
            assertThat(topic.compare().same()).isEqualTo(3);
        }
        try (AlertTopic topic = AlertTopic.open(settings)) {
            assertThat(topic.compare().unknown()).as("a second run").containsExactly("a9");
            assertThat(topic.compare().same()).isEqualTo(3);
        }
        List<String> keys = new ArrayList<>();
        try (TopicReader reader = new TopicReader(settings, List.of("alerts.alert.v1"))) {
            reader.readToEnd((ConsumerRecord<byte[], byte[]> record) ->
                    keys.add(new String(record.key(), StandardCharsets.UTF_8)));
        }
        assertThat(keys).hasSize(5);
        assertThat(keys)
                .filteredOn(key -> key.equals(rows.get(1).key(AlertTables.ALERT)))
                .hasSize(1);
        database.run("DELETE FROM weir.alert");
    }

    @Test
    void alertsOlderThanWhatTheTopicHoldsAreNotPublishedAgain() throws Exception {
        Settings settings = settings("old.");
        Topics.ensure(settings, true);
        upsert(AlertTables.ALERT, 7, List.of(alert("b1", "resolved", "Long ago.")));
        try (Admin admin = Admin.create(settings.kafka().client())) {
            publish(settings, List.of(alert("b1", "resolved", "Long ago.")));
            Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
            for (int partition = 0; partition < 3; partition++) {
                all.put(new TopicPartition("old.alert.v1", partition), RecordsToDelete.beforeOffset(-1));
            }
            admin.deleteRecords(all).all().get();
        }
        try (AlertTopic topic = AlertTopic.open(settings)) {
            AlertTopic.Comparison found = topic.compare();
            assertThat(found.holds()).isTrue();
            assertThat(found.gone()).isEqualTo(1);
        }
        database.run("DELETE FROM weir.alert");
    }

    private static Settings settings(String prefix) {
        return broker.settings(prefix, database.as("writer"));
    }

    private static List<String> ids(List<Row> rows) {
        return rows.stream().map(row -> String.valueOf(row.values()[0])).toList();
    }

    private static Row alert(String id, String status, String sentence) {
        return Row.of(
                AlertTables.ALERT,
                "h",
                1_000,
                id,
                "stalled",
                "info",
                status,
                null,
                null,
                null,
                "sales/d1",
                null,
                "o1",
                sentence,
                "2026-01-05T00:00:00Z",
                null,
                "{\"z\":1.50,\"a\":[{\"to\":1.0E10}]}",
                null,
                "page",
                "2026-01-05T07:00:00Z",
                null,
                "rate",
                "0.925",
                null);
    }

    private static void publish(Settings settings, List<Row> alerts) throws Exception {
        try (var producer =
                new KafkaProducer<>(settings.kafka().client(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Row alert : alerts) {
                producer.send(new ProducerRecord<>(
                                Topics.name(settings, Topics.ALERT),
                                alert.key(AlertTables.ALERT).getBytes(StandardCharsets.UTF_8),
                                Wire.encode(alert)))
                        .get();
            }
        }
    }

    private static void send(Settings settings, int count) throws Unreachable {
        try (Sender sender = new Sender(settings, null, refusal -> {})) {
            for (int i = 0; i < count; i++) {
                sender.event(new Engagement(
                        "e" + i,
                        Instant.parse("2026-01-05T00:00:00Z"),
                        "p" + i,
                        null,
                        null,
                        null,
                        "page_view",
                        null,
                        null,
                        null,
                        null,
                        Map.of()));
            }
            sender.finish();
        }
    }

    private interface Read {
        boolean was(long offset);
    }

    /** Writes the ledger of a job that read these records and accepted them. */
    private static void account(Settings settings, String topic, Read read) throws Exception {
        Map<String, Sums> groups = new HashMap<>();
        try (TopicReader reader = new TopicReader(settings, List.of(Topics.name(settings, topic)))) {
            reader.readToEnd(record -> {
                if (read.was(record.offset())) {
                    Position position = new Position(record.topic(), record.partition(), record.offset());
                    Sums sums = groups.computeIfAbsent(LedgerTally.group(JOB, position), group -> new Sums());
                    LedgerTally.count(sums, position, Fate.READ);
                    LedgerTally.count(sums, position, Fate.ACCEPTED);
                }
            });
        }
        List<Row> rows = new ArrayList<>();
        groups.forEach((group, sums) -> new LedgerTally().rows(group, sums, 0, rows::add));
        database.run("DELETE FROM weir.ledger WHERE topic = '" + Topics.name(settings, topic) + "'");
        upsert(LedgerTally.TABLE, 1, rows);
    }

    private static void upsert(Table table, long revision, List<Row> rows) throws SQLException {
        try (Connection connection = database.as("writer").connect()) {
            Upsert.of(table).run(connection, rows, revision);
        }
    }

    private static List<Finding> findings(Settings settings) throws Exception {
        try (Reconciliation ledger = Reconciliation.open(settings, List.of(JOB))) {
            return all(ledger.look());
        }
    }

    private static List<Finding> all(List<Line> lines) {
        return lines.stream().flatMap(line -> line.findings().stream()).toList();
    }
}
