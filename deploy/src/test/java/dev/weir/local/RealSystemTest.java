package dev.weir.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.Migrate;
import dev.weir.cli.Submit;
import dev.weir.io.History;
import dev.weir.io.NativeJson;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Sender;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.jobs.Backtest;
import dev.weir.sim.Company;
import dev.weir.sim.Happening;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
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
                try (Connection warehouse = system.postgres().owner()) {
                    differences.addAll(SameRows.differences(warehouse, expected));
                } catch (java.sql.SQLException failure) {
                    throw new java.io.IOException(failure);
                }
                return differences.isEmpty();
            });
            assertThat(differences).isEmpty();
        }
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
