package dev.weir.cli;

import dev.weir.console.Console;
import dev.weir.io.Settings;
import dev.weir.local.Failure;
import dev.weir.local.Home;
import dev.weir.local.LocalSystem;
import dev.weir.local.Ports;
import dev.weir.local.Submission;
import dev.weir.relay.Receivers;
import dev.weir.relay.Relay;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir up}: the whole system on this machine, in the foreground. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts Kafka, PostgreSQL and Flink on this machine, with topics and tables ready and the console over them, and",
            "stays until Ctrl-C.",
            "With --playbook it also submits the jobs conversion, cycle-time and anomaly; with --receivers it tells of alerts.",
            "Everything it writes is in one directory (--home); the next start goes on from there."
        },
        footer = {
            "",
            "Examples:",
            "  weir up --playbook acme.yaml      start, submit the three jobs",
            "  weir up --fresh --kafka-port 0    forget all data; any free port for Kafka",
            "Then, in another terminal: weir send events.jsonl"
        })
public final class Up implements Callable<Integer> {
    @Option(names = "--playbook", paramLabel = "FILE", description = "Submit the three jobs with these definitions.")
    private @Nullable Path playbook;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "19092",
            description = "Where Kafka listens on 127.0.0.1 (default ${DEFAULT-VALUE}; 0: any free).")
    private int kafkaPort;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            defaultValue = "15432",
            description = "Where PostgreSQL listens (default ${DEFAULT-VALUE}).")
    private int postgresPort;

    @Option(
            names = "--flink-port",
            paramLabel = "PORT",
            defaultValue = "18081",
            description = "Where Flink's REST interface and web page listen (default ${DEFAULT-VALUE}).")
    private int flinkPort;

    @Option(
            names = LocalConsole.PORT_OPTION,
            paramLabel = "PORT",
            defaultValue = "18090",
            description = "Where the console, a web page, listens (default ${DEFAULT-VALUE}).")
    private int consolePort;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "Where data, logs and secrets are kept (default: $WEIR_HOME, else .weir in the project).")
    private @Nullable Path home;

    @Option(names = "--fresh", description = "Forget the data of earlier runs first.")
    private boolean fresh;

    @Option(
            names = "--jar",
            paramLabel = "FILE",
            description = "The jobs' jar (default: jobs/target/weir-jobs.jar of the project).")
    private @Nullable Path jar;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ReceiversOption receivers;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = Submit.out(spec);
        if (playbook != null) {
            Submit.jar(jar);
            Backtest.definitions(playbook);
        }
        Receivers told = receivers.readIfThere(Home.locate(home));
        Console.checkFree(consolePort, LocalConsole.PORT_OPTION);
        long started = System.nanoTime();
        var options =
                LocalSystem.Options.lively(Home.locate(home), new Ports(kafkaPort, postgresPort, flinkPort), fresh);
        try (LocalSystem system = LocalSystem.start(options, line -> say(out, "weir: " + line))) {
            Settings settings = Groundwork.lay(system);
            submit(system, out);
            try (Console console = LocalConsole.start(
                            system, settings, playbook, consolePort, line -> say(out, "weir: " + line));
                    Relay relay = ReceiversOption.start(settings, told, line -> say(out, "weir: " + line))) {
                say(out, addresses(system, console, Duration.ofNanos(System.nanoTime() - started)));
                if (!relay.delivering().isEmpty()) {
                    say(out, "  Alerts to   " + String.join(", ", relay.delivering()));
                }
                say(out, "weir: " + system.awaitEnd());
                return 1;
            }
        } catch (Failure failure) {
            return Submit.failed(spec, failure);
        }
    }

    private void submit(LocalSystem system, PrintWriter out) {
        if (playbook == null) {
            return;
        }
        try (Connection connection = system.postgres().owner()) {
            Migrate.keepCalendar(connection, Backtest.definitions(playbook).calendar());
        } catch (SQLException failure) {
            throw new Failure("cannot keep the calendar of " + playbook + ": " + failure.getMessage(), failure);
        }
        for (Submission submission : Submit.all(playbook, system.settings(), Submit.jar(jar))) {
            say(out, Submit.sentence(submission, system.flink().submit(submission)));
        }
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }

    private static String addresses(LocalSystem system, Console console, Duration elapsed) {
        return """
                Up after %.1f s. Ctrl-C stops it.
                  Console     %s
                  Kafka       %s
                  Flink       %s
                  Tables      %s
                  Settings    %s
                  Logs        %s""".formatted(
                        elapsed.toMillis() / 1000.0,
                        console.url(),
                        system.kafka().bootstrap(),
                        system.flink().url(),
                        system.postgres().psql(),
                        system.settings(),
                        system.logs());
    }
}
