package dev.weir.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.Migrate;
import dev.weir.cli.Run;
import dev.weir.cli.Submit;
import dev.weir.event.DealChange;
import dev.weir.io.History;
import dev.weir.io.NativeJson;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Sender;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.WarehouseSnapshot;
import dev.weir.io.Wire;
import dev.weir.jobs.Backtest;
import dev.weir.sim.Company;
import dev.weir.sim.Happening;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar on a real cluster between a real broker and a real database. The reference is a backtest of the same
 * events, in order, in this JVM.
 */
@Tag("slow")
class RealSystemTest {
    private static final int DAYS = 14;
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @Test
    void shuffledAndDoubledEventsAndAKilledTaskManagerEndInTheRowsOfABacktest(@TempDir Path folder) throws Exception {
        Path playbook = Home.project().resolve("deploy/src/main/resources/demo/playbook.yaml");
        Company company = Company.of(11, Company.USUAL_START, DAYS, Set.of());
        List<Object> events = new ArrayList<>();
        for (Happening happening : company.happenings()) {
            events.add(event(happening));
        }
        Path expected = backtest(folder, playbook, events, company);
        List<Object> sent = new ArrayList<>(events);
        sent.addAll(events.subList(0, events.size() / 10));
        Collections.shuffle(sent, new Random(7));

        try (LocalSystem system =
                LocalSystem.start(LocalSystem.Options.lively(folder.resolve("home"), Ports.ANY, true), said -> {})) {
            ready(system);
            Settings settings = Settings.read(system.settings());
            List<Thread> submissions = new ArrayList<>();
            for (Submission submission : Submit.all(playbook, system.settings(), jar())) {
                Thread thread = new Thread(() -> system.flink().submit(submission));
                thread.start();
                submissions.add(thread);
            }
            for (Thread submission : submissions) {
                submission.join();
            }
            try (Sender sender = new Sender(settings, null, refusal -> {
                throw new AssertionError(refusal);
            })) {
                sender.events(sent.subList(0, sent.size() / 2));
                sender.finish();
                awaitRows(system);
                ProcessHandle.of(system.flink().taskManagerPid()).orElseThrow().destroyForcibly();
                sender.events(sent.subList(sent.size() / 2, sent.size()));
                sender.finish();
                sender.mark(company.end());
            }
            List<String> differences = new ArrayList<>();
            Tools.poll(PATIENCE, () -> {
                differences.clear();
                try (WarehouseSnapshot warehouse = WarehouseSnapshot.open(settings.warehouse())) {
                    warehouse.differences(expected, Set.of(), 3).stream()
                            .filter(table -> !table.same() || table.otherDefinitions() > 0)
                            .forEach(table -> differences.add(table.toString()));
                } catch (java.sql.SQLException failure) {
                    throw new java.io.IOException(failure);
                }
                return differences.isEmpty();
            });
            assertThat(differences).isEmpty();
            replayed(system, events);
            reconciled(system, playbook, company.end());
        }
    }

    /** The command says the same of the same system, and notices what was changed in it, and publishes an alert that is missing. */
    private static void reconciled(LocalSystem system, Path playbook, Instant end) throws Exception {
        List<String> reconcile = List.of("--recompute", "--playbook", playbook.toString(), "--looks", "1");
        Run sound = weir(system, "reconcile", reconcile);
        assertThat(sound.exit()).as(sound.said()).isZero();
        assertThat(sound.said()).contains("stage_flow: as recounted", "all of it holds", "as of " + end);

        try (Connection warehouse = system.postgres().owner();
                var statement = warehouse.createStatement()) {
            statement.execute(
                    "UPDATE weir.deal SET push_count = 77 WHERE deal_id = (SELECT min(deal_id) FROM weir.deal)");
            statement.execute(
                    "INSERT INTO weir.alert (alert_id, kind, severity, status, subject, summary, started_at, revision)"
                            + " VALUES ('x', 'stalled', 'info', 'firing', 'sales/x', 'Never published.', '2026-01-05Z', 1)");
            statement.execute(
                    "UPDATE weir.ledger SET filtered = filtered - 1 WHERE (job, topic, partition, bucket) ="
                            + " (SELECT job, topic, partition, bucket FROM weir.ledger WHERE filtered > 0 ORDER BY 1, 2, 3, 4 LIMIT 1)");
        }
        List<String> hasty =
                Stream.concat(reconcile.stream(), Stream.of("--wait", "1")).toList();
        Run broken = weir(system, "reconcile", hasty);
        assertThat(broken.exit()).as(broken.said()).isEqualTo(1);
        assertThat(broken.said())
                .contains("1 more records read than accounted for", "x firing Never published.", "deal: 1 rows differ")
                .containsPattern("push_count 77, recounted \\d");
    }

    /** A deal on the topic of feedback is a dead letter, is shown, and is sent to where it belongs, where it is known already. */
    private static void replayed(LocalSystem system, List<Object> events) throws Exception {
        Settings settings = Settings.read(system.settings());
        Object deal =
                events.stream().filter(DealChange.class::isInstance).findFirst().orElseThrow();
        try (var producer =
                new KafkaProducer<>(settings.kafka().client(), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("weir.feedback.v1", 0, null, Wire.encode(deal)))
                    .get();
        }
        assertThat(Tools.poll(PATIENCE, () -> weir(system, "deadletters list", List.of("--each"))
                        .said()
                        .contains("UNKNOWN_SCHEMA")))
                .isTrue();
        String listed = weir(system, "deadletters list", List.of("--each", "--job", "conversion"))
                .said();
        String place = listed.substring(0, listed.indexOf(' '));
        assertThat(place).startsWith("weir.feedback.v1/0/");
        assertThat(weir(system, "deadletters show", List.of(place)).said())
                .contains("a record of another topic", "00000000  c3 01");
        assertThat(weir(system, "deadletters replay", List.of("--dry-run")).said())
                .contains("1 records would be sent");
        assertThat(weir(system, "deadletters replay", List.of()).said()).contains("1 records sent, 0 sent before");
        assertThat(weir(system, "deadletters replay", List.of()).said()).contains("0 records sent, 1 sent before");
    }

    private static Run weir(LocalSystem system, String verbs, List<String> options) {
        return Run.run(Stream.of(
                        Stream.of(verbs.split(" ")),
                        Stream.of("--settings", system.settings().toString()),
                        options.stream())
                .flatMap(words -> words)
                .toArray(String[]::new));
    }

    private static Object event(Happening happening) {
        if (happening.engagement() != null) {
            return happening.engagement();
        } else if (happening.deal() != null) {
            return happening.deal();
        } else if (happening.feedback() != null) {
            return happening.feedback();
        }
        return java.util.Objects.requireNonNull(happening.entity());
    }

    private static Path backtest(Path folder, Path playbook, List<Object> events, Company company) throws Exception {
        Path lines = folder.resolve("events.jsonl");
        Files.write(lines, events.stream().map(NativeJson::write).toList());
        Path out = Files.createDirectory(folder.resolve("expected"));
        History history = History.read(List.of(lines), company.end(), out, refusal -> {
            throw new AssertionError(refusal);
        });
        Backtest.run(
                StreamExecutionEnvironment.createLocalEnvironment(2, new Configuration()),
                PlaybookLoader.load(playbook),
                history,
                out);
        return out;
    }

    private static Path jar() {
        return Home.project().resolve("jobs/target/weir-jobs.jar");
    }

    private static void ready(LocalSystem system) throws Exception {
        Migrate.run(
                system.postgres().url(),
                LocalPostgres.OWNER,
                Files.readString(system.postgres().passwordFile(LocalPostgres.OWNER))
                        .strip());
        system.postgres().logins();
        system.prepare();
        Topics.ensure(Settings.read(system.settings()), true);
    }

    /** The jobs have published something, so that the kill comes in the middle. */
    private static void awaitRows(LocalSystem system) {
        assertThat(Tools.poll(PATIENCE, () -> {
                    try (Connection warehouse = system.postgres().owner();
                            var statement = warehouse.createStatement();
                            var rows = statement.executeQuery("SELECT count(*) FROM weir.deal")) {
                        return rows.next() && rows.getLong(1) > 0;
                    } catch (java.sql.SQLException failure) {
                        throw new java.io.IOException(failure);
                    }
                }))
                .isTrue();
    }
}
