package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Alert;
import dev.weir.alert.AlertTables;
import dev.weir.alert.DeskEntry;
import dev.weir.io.AlertFeed;
import dev.weir.io.DeliveryLog;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Wire;
import dev.weir.local.BrokerAlone;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir alerts} on a real warehouse and a real broker. */
@Tag("slow")
class AlertsCommandTest {
    @Test
    void alertsAreListedShownAnsweredAndFollowed(@TempDir Path folder) throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                BrokerAlone broker = BrokerAlone.start(folder.resolve("home"))) {
            String url = postgres.getJdbcUrl("postgres", "postgres");
            Migrate.run(url, "postgres", "");
            try (Connection owner = postgres.getPostgresDatabase().getConnection()) {
                insert(owner, "aaa1", Alert.FIRING, "Deals wait.\u001b[31m\u202e");
                insert(owner, "aab2", Alert.RESOLVED, "Deals waited.");
                owner.createStatement().execute("CREATE ROLE reader LOGIN; GRANT weir_reader TO reader");
            }
            Path settings = Files.writeString(
                    folder.resolve("settings.yaml"),
                    "kafka: {bootstrap: '%s'}\nwarehouse: {url: '%s', user: reader}\n"
                            .formatted(broker.bootstrap(), url.replaceAll("\\?.*", "")));

            assertThat(alerts(settings, "list").said())
                    .contains("aaa1", "firing", "Deals wait.\\u{1b}[31m\\u{202e}")
                    .doesNotContain("aab2", "\u001b", "\u202e");
            assertThat(alerts(settings, "list", "--all", "--team", "sales").said())
                    .contains("aaa1", "aab2");
            assertThat(alerts(settings, "list", "--kind", "none-such").said()).contains("no alert stands");
            assertThat(alerts(settings, "show", "aab").said()).contains("Deals waited.", "resolved", "  to", "20.5");
            assertThat(alerts(settings, "show", "aaa").said()).containsPattern("told +nobody");
            tell(Settings.read(settings));
            assertThat(alerts(settings, "show", "aaa").said())
                    .containsPattern("told +slack at 2026-03-02T06:00:00Z: firing")
                    .containsPattern(
                            "to be told +mail: firing, failed at 2026-03-02T06:05:00Z \\(HTTP 500\\), tried again")
                    .containsPattern("to be told +slack: resolved\\R")
                    .doesNotContain("nobody", "webhook");
            refused(alerts(settings, "show", "aa"), "more than one alert begins with aa");
            refused(alerts(settings, "ack", "zzz"), "there is no alert zzz");
            refused(alerts(settings, "verdict", "aaa1", "great"), "is no verdict: useful, known or wrong");
            refused(alerts(settings, "silence", "aaa1"), "say how long");
            refused(alerts(settings, "silence", "--for", "2h"), "name one alert, or what alerts have in common");
            refused(alerts(settings, "silence", "aaa1", "--team", "sales", "--for", "2h"), "name one alert, or");

            assertThat(alerts(settings, "ack", "aaa", "--by", "ana", "--note", "on it")
                            .exit())
                    .isZero();
            assertThat(alerts(settings, "verdict", "aaa1", "useful", "--by", "ben")
                            .exit())
                    .isZero();
            assertThat(alerts(
                                    settings,
                                    "silence",
                                    "--kind",
                                    "bottleneck",
                                    "--until",
                                    "2030-01-01T00:00:00Z",
                                    "--by",
                                    "ana")
                            .exit())
                    .isZero();
            assertThat(alerts(settings, "unsilence", "--kind", "bottleneck", "--by", "ana")
                            .exit())
                    .isZero();
            assertThat(desk(Settings.read(settings)))
                    .satisfiesExactlyInAnyOrder(
                            e -> assertThat(List.of(
                                            e.kind(), String.valueOf(e.alertId()), e.by(), String.valueOf(e.note())))
                                    .containsExactly("acknowledged", "aaa1", "ana", "on it"),
                            e -> assertThat(List.of(e.kind(), String.valueOf(e.alertId()), String.valueOf(e.verdict())))
                                    .containsExactly("verdict", "aaa1", "useful"),
                            e -> assertThat(List.of(e.kind(), String.valueOf(e.alertKind()), String.valueOf(e.until())))
                                    .containsExactly("silenced", "bottleneck", "2030-01-01T00:00:00Z"),
                            e -> assertThat(List.of(e.kind(), String.valueOf(e.alertKind())))
                                    .containsExactly("unsilenced", "bottleneck"));

            publish(Settings.read(settings));
            assertThat(alerts(settings, "tail", "--all", "--count", "1").said()).contains("aaa1", "Deals wait.");
        }
    }

    private static Run alerts(Path settings, String verb, String... more) {
        List<String> words = new ArrayList<>(List.of("alerts", verb, "--settings", settings.toString()));
        words.addAll(List.of(more));
        return Run.run(words.toArray(String[]::new));
    }

    private static void refused(Run run, String why) {
        assertThat(run.exit()).as(run.said()).isEqualTo(2);
        assertThat(run.said()).contains(why);
    }

    private static void insert(Connection owner, String id, String status, String summary) throws Exception {
        try (PreparedStatement insert = owner.prepareStatement(
                "INSERT INTO weir.alert (alert_id, kind, severity, status, subject, team, summary, started_at, evidence, revision)"
                        + " VALUES (?, 'bottleneck', 'warning', ?, 'sales/legal', 'sales', ?, '2026-03-02Z', '{\"to\":20.5}', 1)")) {
            insert.setString(1, id);
            insert.setString(2, status);
            insert.setString(3, summary);
            insert.execute();
        }
    }

    /** What a relay would note of it, and of another. */
    private static void tell(Settings settings) throws Exception {
        AlertFeed.Place place = new AlertFeed.Place("topic", 0, 7);
        Instant at = Instant.parse("2026-03-02T06:00:00Z");
        Alert firing = alert("aaa1", Alert.FIRING);
        try (DeliveryLog log = DeliveryLog.open(settings)) {
            log.told("slack", new DeliveryLog.Told(firing, place, "C1/1", at));
            log.told("webhook", new DeliveryLog.Told(alert("aab2", Alert.FIRING), place, "", at));
            log.waits("mail", new DeliveryLog.Waiting(firing, place).failed("HTTP 500", at.plusSeconds(300)));
            log.waits("slack", new DeliveryLog.Waiting(alert("aaa1", Alert.RESOLVED), place));
        }
    }

    private static void publish(Settings settings) {
        Alert alert = alert("aaa1", Alert.FIRING);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings.kafka().client(), new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[] key = alert.row(0).key(AlertTables.ALERT).getBytes(StandardCharsets.UTF_8);
            var unused = producer.send(
                    new ProducerRecord<>(Topics.name(settings, Topics.ALERT), key, Wire.encode(alert.row(0))));
        }
    }

    private static Alert alert(String id, String status) {
        return new Alert(
                id,
                "bottleneck",
                "warning",
                status,
                null,
                null,
                null,
                "sales/legal",
                "sales",
                null,
                "Deals wait.",
                Instant.parse("2026-03-02T00:00:00Z"),
                null,
                "{}",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "d",
                false);
    }

    private static List<DeskEntry> desk(Settings settings) {
        Properties properties = settings.kafka().client();
        properties.put("group.id", "test");
        properties.put("auto.offset.reset", "earliest");
        List<DeskEntry> entries = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topics.name(settings, Topics.DESK)));
            for (int i = 0; i < 100 && entries.size() < 4; i++) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> entries.add((DeskEntry) Objects.requireNonNull(
                                Wire.decode(record.value()).event())));
            }
        }
        return entries;
    }
}
