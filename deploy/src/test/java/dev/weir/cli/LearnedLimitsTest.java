package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.EntityChange;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Wire;
import dev.weir.local.BrokerAlone;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir playbook learned} and {@code withdraw} on a real warehouse and a real broker. */
@Tag("slow")
class LearnedLimitsTest {
    private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void limitsThatWereLearnedArePrintedPublishedOnceAndTakenBack(@TempDir Path work) throws Exception {
        Path playbook = Files.writeString(work.resolve("playbook.yaml"), """
                playbook: limits
                pipelines:
                  - name: sales
                    stages:
                      - {name: lead}
                      - {name: demo}
                      - {name: legal, stalled_after: 10d}
                      - {name: won, outcome: won}
                """);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                BrokerAlone broker = BrokerAlone.start(work.resolve("home"))) {
            String url = postgres.getJdbcUrl("postgres", "postgres").replaceAll("\\?.*", "");
            Migrate.run(url, "postgres", "");
            try (Connection owner = postgres.getPostgresDatabase().getConnection()) {
                learn(owner, PlaybookLoader.load(playbook).pipelines().get(0).definition());
            }
            Path settings = Files.writeString(
                    work.resolve("settings.yaml"),
                    "kafka: {bootstrap: '%s'}\nwarehouse: {url: '%s', user: reader}\n"
                            .formatted(broker.bootstrap(), url));
            Run printed = Run.run("playbook", "learned", playbook.toString(), "--settings", settings.toString());
            assertThat(printed.said().lines())
                    .containsExactly(
                            "sales/demo: {from: 2026-01-01, limit: 35h}  # p85 of the stage, 40 visits",
                            "sales/lead: {from: 2026-01-01, limit: 35h}  # p85 of the stage, 40 visits");
            assertThat(printed.exit()).isZero();

            Run published =
                    Run.run("playbook", "learned", playbook.toString(), "--publish", "--settings", settings.toString());
            assertThat(published.said().lines())
                    .containsExactly(
                            "sales/demo: 35h from 2026-01-01T00:00:00Z, published before",
                            "sales/lead: 35h from 2026-01-01T00:00:00Z, published");
            assertThat(published.exit()).isZero();

            Run withdrawn = Run.run(
                    "playbook", "withdraw", "sales/lead", "--from", "2026-01-01", "--settings", settings.toString());
            assertThat(withdrawn.said().strip()).isEqualTo("sales/lead: from 2026-01-01T00:00:00Z, taken back");
            assertThat(withdrawn.exit()).isZero();
            assertThat(events(Settings.read(settings)))
                    .extracting(e -> List.of(e.kind(), e.entity(), e.id(), e.occurredAt(), e.properties()))
                    .containsExactly(
                            List.of("upserted", "stage", "sales/lead", JANUARY, Map.of("stalled_after", "35h")),
                            List.of("deleted", "stage", "sales/lead", JANUARY, Map.of()));

            for (List<String> wrong : List.of(List.of("lead", "2026-01-01"), List.of("sales/lead", "January"))) {
                Run refused = Run.run(
                        "playbook",
                        "withdraw",
                        wrong.get(0),
                        "--from",
                        wrong.get(1),
                        "--settings",
                        settings.toString());
                assertThat(refused.exit()).isEqualTo(2);
                assertThat(refused.said()).contains("write");
            }
        }
    }

    private static void learn(Connection owner, String definition) throws Exception {
        try (Statement statement = owner.createStatement()) {
            statement.execute("INSERT INTO weir.deal (deal_id, definition, as_of, revision) VALUES ('l', '" + definition
                    + "', '2026-01-05Z', 1)");
            statement.execute(
                    "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at, exit, definition,"
                            + " revision) SELECT stage || n, 1, 'sales', stage, '2025-11-01Z', timestamptz '2025-11-01Z'"
                            + " + n * interval '1 hour', 'advanced', '" + definition
                            + "', 1 FROM generate_series(1, 40) n, unnest(array['lead', 'demo', 'legal']) stage");
            statement.execute("INSERT INTO weir.stage_limit (pipeline, stage, valid_from, event_id, revision)"
                    + " VALUES ('sales', 'demo', '2026-01-01Z', 'e', 1)");
            statement.execute("CREATE ROLE reader LOGIN; GRANT weir_reader TO reader");
        }
    }

    private static List<EntityChange> events(Settings settings) {
        Properties properties = settings.kafka().client();
        properties.put("group.id", "test");
        properties.put("auto.offset.reset", "earliest");
        List<EntityChange> events = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topics.name(settings, Topics.ENTITY)));
            for (int i = 0; i < 100 && events.size() < 2; i++) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> events.add((EntityChange) Objects.requireNonNull(
                                Wire.decode(record.value()).event())));
            }
        }
        return events;
    }
}
