package dev.weir.cli.demo;

import dev.weir.cli.Groundwork;
import dev.weir.cli.LocalConsole;
import dev.weir.cli.ReceiversOption;
import dev.weir.cli.Submit;
import dev.weir.console.Console;
import dev.weir.io.Sender;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Unreachable;
import dev.weir.local.Failure;
import dev.weir.local.Home;
import dev.weir.local.LocalSystem;
import dev.weir.local.Ports;
import dev.weir.local.Submission;
import dev.weir.relay.Receivers;
import dev.weir.relay.Relay;
import dev.weir.sim.Company;
import dev.weir.sim.Happening;
import dev.weir.sim.Incident;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir demo}: ninety days of a simulated company through the real system in about a minute. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts Kafka, PostgreSQL and Flink on this machine, sends 90 days of a simulated company through them in",
            "which two things go wrong (a trial form breaks on mobile, a legal review slows down for enterprise deals),",
            "shows what Weir says of it, here and on a web page, and stays until Ctrl-C for a look around. Data of earlier",
            "demos is forgotten."
        },
        footer = {
            "",
            "Examples:",
            "  weir demo                             see it",
            "  weir demo --seed 7                    another company",
            "  weir demo --check                     for scripts: ends by itself, exit code 0 when both incidents were",
            "                                        found after they began and nothing else was, else 1",
            "  weir demo --without-incidents --check nothing goes wrong, so no alert may tell of a drop or a bottleneck"
        })
public final class Demo implements Callable<Integer> {
    private static final int DAYS = 90;
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    /** Most digests of stalled deals that are told. */
    private static final int STALLS_TOLD = 3;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Which company (default ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--without-incidents", description = "Nothing goes wrong in the company.")
    private boolean withoutIncidents;

    @Option(names = "--check", description = "Verify what was found, stop everything, exit 0 or 1.")
    private boolean check;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Where Kafka listens on 127.0.0.1 (default: any free port).")
    private int kafkaPort;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Where PostgreSQL listens (default: any free port).")
    private int postgresPort;

    @Option(
            names = "--flink-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Where Flink's REST interface and web page listen (default: any free port).")
    private int flinkPort;

    @Option(
            names = LocalConsole.PORT_OPTION,
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Where the console, a web page, listens (default: any free port).")
    private int consolePort;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ReceiversOption receivers;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Path jar = Submit.jar(null);
        Screen screen = new Screen(Objects.requireNonNull(spec).commandLine().getOut(), Screen.onTerminal());
        Thread hook = new Thread(() -> screen.stop("Stopping."), "stop-demo-screen");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return run(screen, jar);
        } catch (Failure failure) {
            screen.line("weir: " + failure.getMessage());
            return 1;
        } finally {
            forget(hook);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // then it has run
        }
    }

    private int run(Screen screen, Path jar) {
        Set<Incident> incidents = withoutIncidents ? Set.of() : Incident.planted(Company.USUAL_START);
        var company = CompletableFuture.supplyAsync(() -> Company.of(seed, Company.USUAL_START, DAYS, incidents));
        Receivers told = receivers.readIfThere(Home.locate(null).resolve("demo"));
        Console.checkFree(consolePort, LocalConsole.PORT_OPTION);
        screen.step("Start Kafka, PostgreSQL and Flink, all of them real");
        var options = LocalSystem.Options.brief(
                Home.locate(null).resolve("demo"), new Ports(kafkaPort, postgresPort, flinkPort));
        try (LocalSystem system = LocalSystem.start(options, screen::say)) {
            screen.say("all up; logs in " + system.logs());
            screen.step("Make tables, views, logins and topics");
            Settings settings = Groundwork.lay(system);
            try (Console console = LocalConsole.start(system, settings, playbook(system), consolePort, screen::say);
                    Relay relay = ReceiversOption.start(settings, told, screen::say)) {
                screen.say("the console is at " + console.url() + " and fills as they count");
                if (!relay.delivering().isEmpty()) {
                    screen.say("alerts go to " + String.join(", ", relay.delivering()));
                }
                return live(system, settings, console, company, incidents, jar, screen);
            }
        }
    }

    private int live(
            LocalSystem system,
            Settings settings,
            Console console,
            CompletableFuture<Company> company,
            Set<Incident> incidents,
            Path jar,
            Screen screen) {
        screen.step("Submit the jobs anomaly, conversion and cycle-time");
        Map<String, String> jobs = submit(system, jar, screen);
        Company life = company.join();
        screen.step(story(life, incidents));
        Map<String, Long> sent = send(life, settings, screen);
        List<Said> alerts;
        boolean whole;
        try (Readings readings = new Readings(system.postgres())) {
            screen.step("Read, count, watch: the jobs go through all of it, and alerts come");
            Ending ending = new Ending(settings, system.flink().rest(), jobs, sent, life.end(), readings);
            alerts = watch(ending, readings, screen);
            screen.step("What the tables say now");
            whole = report(readings, alerts, screen);
        }
        if (!check) {
            return stay(system, console, screen);
        }
        screen.step("Check");
        boolean good = check(Verdict.of(incidents, alerts), screen) && whole;
        screen.line(String.format(
                Locale.ROOT,
                "%s after %.1f s",
                good ? "All as it should be" : "NOT as it should be",
                screen.seconds()));
        return good ? 0 : 1;
    }

    private String story(Company life, Set<Incident> incidents) {
        StringBuilder story = new StringBuilder(String.format(
                Locale.ROOT,
                "Send %,d events, %d days of the life of company %d",
                life.happenings().size(),
                DAYS,
                seed));
        if (incidents.isEmpty()) {
            return story + ", in which nothing goes wrong";
        }
        story.append(":");
        for (Incident incident : incidents) {
            story.append("\n               from ")
                    .append(incident.start().toString(), 0, 10)
                    .append(" on ")
                    .append(incident.story());
        }
        return story.toString();
    }

    private static Map<String, String> submit(LocalSystem system, Path jar, Screen screen) {
        List<Submission> submissions = Submit.all(playbook(system), system.settings(), jar);
        ExecutorService threads = Executors.newFixedThreadPool(submissions.size());
        try {
            Map<String, CompletableFuture<Submission.Running>> running = new TreeMap<>();
            for (Submission submission : submissions) {
                running.put(
                        submission.job(),
                        CompletableFuture.supplyAsync(() -> system.flink().submit(submission), threads));
            }
            Map<String, String> ids = new TreeMap<>();
            running.forEach((job, one) -> ids.put(job, one.join().jobId()));
            screen.say("all three run: " + system.flink().url());
            return ids;
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
        } finally {
            threads.shutdown();
        }
    }

    /** The definitions, beside the data, for whoever wants to read what is measured. */
    private static Path playbook(LocalSystem system) {
        Path file = system.home().resolve("playbook.yaml");
        try (InputStream shipped = Objects.requireNonNull(Demo.class.getResourceAsStream("/demo/playbook.yaml"))) {
            Files.copy(shipped, file, StandardCopyOption.REPLACE_EXISTING);
            return file;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Map<String, Long> send(Company life, Settings settings, Screen screen) {
        Map<String, Long> sent = new HashMap<>();
        try (Sender sender = new Sender(settings, life.end(), refusal -> {
            throw new IllegalStateException(refusal);
        })) {
            for (Happening happening : life.happenings()) {
                sender.event(happening.event());
                sent.merge(topic(happening), 1L, Long::sum);
                if (sender.sent() % 1_000 == 0) {
                    screen.progress(
                            (double) sender.sent() / life.happenings().size(), day(life, happening.occurredAt()));
                }
            }
            sender.finish();
            screen.say(String.format(
                    Locale.ROOT,
                    "%,d engagements, %,d deal changes, %,d answers, %,d entities; the history ends %s",
                    sent.getOrDefault(Topics.ENGAGEMENT, 0L),
                    sent.getOrDefault(Topics.DEAL, 0L),
                    sent.getOrDefault(Topics.FEEDBACK, 0L),
                    sent.getOrDefault(Topics.ENTITY, 0L),
                    life.end()));
            return sent;
        } catch (Unreachable failure) {
            throw new Failure(String.valueOf(failure.getMessage()), failure);
        }
    }

    private static String day(Company life, Instant now) {
        return "day " + (Duration.between(life.start(), now).toDays() + 1) + " of " + DAYS;
    }

    private static String topic(Happening happening) {
        if (happening.engagement() != null) {
            return Topics.ENGAGEMENT;
        } else if (happening.deal() != null) {
            return Topics.DEAL;
        }
        return happening.feedback() != null ? Topics.FEEDBACK : Topics.ENTITY;
    }

    /** Tells alerts as they come, until no more can come. */
    private static List<Said> watch(Ending ending, Readings readings, Screen screen) {
        Map<String, String> told = new HashMap<>();
        for (boolean over = false; !over; ) {
            over = ending.reached();
            List<Said> alerts = readings.alerts();
            for (Said alert : alerts) {
                if (!alert.isStall()) {
                    tell(alert, told, screen);
                }
            }
            if (!over) {
                screen.progress(ending.share(), "waiting for " + ending.waitsFor());
                pause();
            }
        }
        screen.say("all of it read, and nothing more can come");
        return readings.alerts();
    }

    /** An alert is told once, and again when it stands otherwise or names another segment; its figures may still move. */
    private static void tell(Said alert, Map<String, String> told, Screen screen) {
        String now = alert.status() + " " + alert.breakdown() + " " + alert.value();
        String before = told.put(alert.id(), now);
        if (!now.equals(before)) {
            screen.say((before == null ? "ALERT" : "ALERT, changed") + " (" + alert.severity()
                    + (alert.team() == null ? "" : ", to " + alert.team()) + "): " + alert.summary());
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_EVERY.toMillis());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", stop);
        }
    }

    /** Tables for people; false when records were lost or refused. */
    private static boolean report(Readings readings, List<Said> alerts, Screen screen) {
        screen.line("");
        screen.table(
                List.of("funnel", "step", "entered", "reached", "rate", "95 % interval", "median"),
                readings.conversion(),
                2);
        screen.line("");
        screen.table(
                List.of(
                        "pipeline",
                        "stage",
                        "entered",
                        "left",
                        "there",
                        "median stay",
                        "9 in 10 under",
                        "share of time"),
                readings.stages(),
                2);
        screen.line("");
        screen.table(
                List.of("channel", "touches", "people", "won deals", "revenue, each touch alike"),
                readings.channels(),
                1);
        screen.line("");
        long stalls = 0;
        List<String> digests = new ArrayList<>();
        for (Said alert : alerts) {
            if (alert.isDigest()) {
                digests.add(alert.subject() + ": " + alert.summary());
            } else if (alert.isStall()) {
                stalls++;
            } else {
                screen.line("    " + alert.status() + ", " + alert.severity() + ": " + alert.summary());
            }
        }
        if (stalls > 0) {
            screen.line("    and " + stalls + " stalled deals, told in " + digests.size() + " digests, such as:");
            digests.subList(0, Math.min(STALLS_TOLD, digests.size())).forEach(digest -> screen.line("      " + digest));
        }
        screen.line("");
        List<Readings.Account> accounts = readings.accounts();
        long refused =
                accounts.stream().mapToLong(Readings.Account::deadLettered).sum();
        long lost = accounts.stream()
                .mapToLong(account -> Math.abs(account.unaccounted()))
                .sum();
        screen.line(String.format(
                Locale.ROOT,
                "    ledger: %,d records read by three jobs, %,d refused, %,d unaccounted for",
                accounts.stream().mapToLong(Readings.Account::read).sum(),
                refused,
                lost));
        screen.line("");
        return refused == 0 && lost == 0;
    }

    private static boolean check(Verdict verdict, Screen screen) {
        List<List<String>> rows = new ArrayList<>();
        for (Verdict.Finding finding : verdict.findings()) {
            rows.add(List.of(finding.good() ? "good" : "WRONG", finding.expected(), finding.found()));
        }
        screen.table(List.of("", "planted", "found"), rows, 3);
        return verdict.good();
    }

    private static int stay(LocalSystem system, Console console, Screen screen) {
        screen.line("""
                Look around; Ctrl-C stops all of it.
                  console  %s
                  tables   %s
                           then, for instance: select * from bi.funnel_by where grain = 'all';
                  jobs     %s
                  topics   %s
                  measured %s""".formatted(
                        console.url(),
                        system.postgres().psql(),
                        system.flink().url(),
                        system.kafka().bootstrap(),
                        system.home().resolve("playbook.yaml")));
        screen.line("weir: " + system.awaitEnd());
        return 1;
    }
}
