package dev.weir.cli;

import dev.weir.alert.Alert;
import dev.weir.alert.DeskEntry;
import dev.weir.io.AlertTable;
import dev.weir.io.AlertTail;
import dev.weir.io.DeliveryLog;
import dev.weir.io.DeskTopic;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import dev.weir.io.Warehouse;
import dev.weir.local.Home;
import dev.weir.local.LocalPostgres;
import dev.weir.local.Refused;
import dev.weir.machine.Json;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir alerts}: what was found, and what people say of it. */
@Command(
        name = "alerts",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "<verb>",
        description = {
            "What was found, as the warehouse has it or as it comes, and what people say of it: taken on, silenced, useful,",
            "known or wrong. What is said goes to the desk's topic, so it outlives every restart and counts in a replay too."
        },
        footer = {
            "",
            "An alert is named by its id or by what its id begins with, if no other does.",
            "Characters that a terminal could take for a command are printed as escapes."
        },
        subcommands = {
            HelpCommand.class,
            AlertsCommand.ListAlerts.class,
            AlertsCommand.Show.class,
            AlertsCommand.Tail.class,
            AlertsCommand.Acknowledge.class,
            AlertsCommand.Silence.class,
            AlertsCommand.Unsilence.class,
            AlertsCommand.SayVerdict.class
        })
public final class AlertsCommand {
    private static final Pattern LENGTH = Pattern.compile("([0-9]{1,5})([mhd])");

    private AlertsCommand() {}

    /** Where the warehouse is, for a reader of it. */
    static final class Reader {
        @Mixin
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private SettingsOption settings;

        Settings settings() {
            return settings.read();
        }

        /** On a machine of one's own the reader's login; else the one that the settings name, which may be a reader's. */
        Warehouse warehouse() {
            Warehouse named = settings.read().warehouse();
            Path secret = Home.locate(null).resolve("secrets").resolve(LocalPostgres.READER);
            return settings.isNamed() || !Files.exists(secret)
                    ? named
                    : new Warehouse(named.url(), LocalPostgres.READER, secret.toString(), null);
        }

        /** The one alert that a person means; refuses when there is none, or more than one. */
        Alert alert(String id) {
            Warehouse warehouse = warehouse();
            try (AlertTable table = AlertTable.open(warehouse)) {
                List<Alert> found = table.beginning(id, 2);
                if (found.size() == 1
                        || (!found.isEmpty() && found.get(0).alertId().equals(id))) {
                    return found.get(0);
                }
                throw new Refused(
                        found.isEmpty()
                                ? "there is no alert " + Printable.text(id) + ": `weir alerts list` shows them"
                                : "more than one alert begins with " + Printable.text(id) + ": write more of its id");
            } catch (SQLException failure) {
                throw new Refused(warehouse.explain(failure), failure);
            }
        }
    }

    /** Which alerts are meant. */
    static final class Choice {
        @Option(names = "--kind", paramLabel = "KIND", description = "Only those of this kind, such as bottleneck.")
        private @Nullable String kind;

        @Option(names = "--team", paramLabel = "TEAM", description = "Only those of this team.")
        private @Nullable String team;

        @Option(names = "--severity", paramLabel = "S", description = "Only those: info, warning or critical.")
        private @Nullable String severity;

        @Option(
                names = "--status",
                paramLabel = "S",
                description = "Only those: firing, acknowledged, resolved, retracted.")
        private @Nullable String status;

        boolean takes(Alert alert) {
            return matches(kind, alert.kind())
                    && matches(team, alert.team())
                    && matches(severity, alert.severity())
                    && matches(status, alert.status());
        }

        private static boolean matches(@Nullable String wanted, @Nullable String is) {
            return wanted == null || wanted.equals(is);
        }
    }

    private static Instant time(String option, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException wrong) {
            throw new Refused(option + " " + text + " is no time with a zone: write it as 2026-03-31T22:00:00Z", wrong);
        }
    }

    private static String line(Alert alert) {
        return String.format(
                Locale.ROOT,
                "%-8.8s  %-12s  %-8s  %s  %-15s  %-12s  %s",
                Printable.text(alert.alertId()),
                Printable.text(alert.status()),
                Printable.text(alert.severity()),
                alert.startedAt().truncatedTo(ChronoUnit.MINUTES),
                Printable.text(alert.kind()),
                Printable.text(team(alert)),
                Printable.text(alert.summary()));
    }

    private static String team(Alert alert) {
        return alert.team() != null ? alert.team() : Objects.requireNonNullElse(alert.ownerId(), "-");
    }

    /** What there is. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description =
                    "The alerts of the warehouse, the latest first; those that stand unless --status or --all says more.",
            footer = {
                "",
                "Examples:",
                "  weir alerts list",
                "  weir alerts list --all --team growth --since 2026-03-01T00:00:00Z",
                "",
                "Exit code: 0 listed, be it none; 2 refused before it started."
            })
    static final class ListAlerts implements Callable<Integer> {
        @Mixin
        private Reader reader;

        @Mixin
        private Choice choice;

        @Option(names = "--all", description = "Those that are over or were taken back, too.")
        private boolean all;

        @Option(names = "--since", paramLabel = "TIME", description = "Only those that began then or later.")
        private @Nullable String since;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "At most so many (default ${DEFAULT-VALUE}).")
        private long limit;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        ListAlerts() {}

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            Instant from = since == null ? null : time("--since", since);
            Warehouse warehouse = reader.warehouse();
            try (AlertTable table = AlertTable.open(warehouse)) {
                List<Alert> alerts = table.alerts(
                        new AlertTable.Filter(
                                choice.status,
                                choice.kind,
                                choice.team,
                                choice.severity,
                                from,
                                !all && choice.status == null),
                        limit);
                alerts.forEach(alert -> out.println(line(alert)));
                if (alerts.isEmpty()) {
                    out.println(
                            all || choice.status != null ? "no alerts" : "no alert stands; --all shows those that did");
                } else if (alerts.size() == limit) {
                    out.println("… there may be more: --limit");
                }
                return 0;
            } catch (SQLException failure) {
                throw new Refused(warehouse.explain(failure), failure);
            }
        }
    }

    /** One of them. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "Everything about one alert: what, since when, why, for whom, the figures that it rests on; which receiver was",
                "told, when, and who is still to be told, with why the last attempt failed."
            },
            footer = {"", "Exit code: 0 shown; 2 refused before it started, also when there is no such alert."})
    static final class Show implements Callable<Integer> {
        @Mixin
        private Reader reader;

        @Parameters(paramLabel = "ALERT", description = "Its id, or how it begins.")
        private String id;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Show() {}

        @Override
        public Integer call() {
            Alert alert = reader.alert(id);
            PrintWriter out = spec.commandLine().getOut();
            out.println(Printable.text(alert.summary()));
            out.println();
            Map<String, @Nullable Object> facts = new LinkedHashMap<>();
            facts.put("alert", alert.alertId());
            facts.put("status", alert.status());
            facts.put("severity", alert.severity());
            facts.put("kind", alert.kind());
            facts.put("about", alert.subject());
            facts.put("series", series(alert));
            facts.put("team", alert.team());
            facts.put("owner", alert.ownerId());
            facts.put("since", alert.startedAt());
            facts.put("until", alert.endedAt());
            facts.put("cause", alert.cause());
            facts.put("confidence", alert.confidence());
            facts.put("delivery", alert.delivery());
            facts.put("not before", alert.deliverAfter());
            facts.put("runbook", alert.runbook());
            facts.put("taken on by", alert.acknowledgedBy());
            facts.put("verdict", alert.verdict());
            Json.read(alert.evidence()).forEach((name, figure) -> facts.put("  " + name, figure));
            facts.forEach((name, fact) -> {
                if (fact != null) {
                    out.printf("%-14s  %s%n", Printable.text(name), Printable.text(written(fact)));
                }
            });
            out.flush(); // the brokers may be slow to say that they are not there
            out.print(received(alert));
            return 0;
        }

        /** A line for each receiver that was told, or is to be. */
        private String received(Alert alert) {
            StringBuilder lines = new StringBuilder();
            try {
                DeliveryLog.Reception reception = DeliveryLog.of(reader.settings(), alert.alertId());
                reception
                        .told()
                        .forEach((receiver, told) -> lines.append(line(
                                "told",
                                receiver + " at " + told.at() + ": "
                                        + told.alert().status())));
                reception
                        .waiting()
                        .forEach((receiver, waiting) -> lines.append(line(
                                "to be told",
                                receiver + ": " + waiting.alert().status() + failure(waiting.failure()))));
                return lines.isEmpty() ? line("told", "nobody") : lines.toString();
            } catch (Unreachable failure) {
                return line("told", "not known: " + failure.getMessage());
            }
        }

        private static String line(String name, String text) {
            return String.format(Locale.ROOT, "%-14s  %s%n", name, Printable.text(text));
        }

        private static String failure(DeliveryLog.@Nullable Failure failure) {
            return failure == null ? "" : ", failed at " + failure.at() + " (" + failure.why() + "), tried again";
        }

        private static @Nullable String series(Alert alert) {
            return alert.metric() == null
                    ? null
                    : alert.metric()
                            + (alert.breakdown() == null ? "" : ", " + alert.breakdown() + " = " + alert.value());
        }

        private static String written(Object fact) {
            if (fact instanceof Map<?, ?> members) {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                members.forEach((name, member) -> copy.put(String.valueOf(name), member));
                return Json.object(copy);
            }
            return fact instanceof List<?> elements ? Json.array(elements) : String.valueOf(fact);
        }
    }

    /** As they come. */
    @Command(
            name = "tail",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Prints alerts as they come on the alert topic, changes of earlier ones too, until Ctrl-C.",
            footer = {"", "Exit code: 0 ended; 1 the brokers stopped answering; 2 refused before it started."})
    static final class Tail implements Callable<Integer> {
        @Mixin
        private SettingsOption settings;

        @Mixin
        private Choice choice;

        @Option(names = "--all", description = "First those that are there already.")
        private boolean all;

        @Option(names = "--count", paramLabel = "N", description = "End after so many (default: never).")
        private long count = Long.MAX_VALUE;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Tail() {}

        @Override
        public Integer call() throws InterruptedException {
            PrintWriter out = spec.commandLine().getOut();
            try (AlertTail tail = open()) {
                for (long left = count; left > 0; ) {
                    for (Alert alert : tail.next()) {
                        if (choice.takes(alert) && left > 0) {
                            out.println(line(alert));
                            left--;
                        }
                    }
                    out.flush();
                }
                return 0;
            } catch (Unreachable stopped) {
                spec.commandLine().getErr().println("weir: " + stopped.getMessage());
                return 1;
            }
        }

        private AlertTail open() {
            try {
                return AlertTail.open(settings.read(), all);
            } catch (Unreachable wrong) {
                throw new Refused(String.valueOf(wrong.getMessage()), wrong);
            }
        }
    }

    /** Who says it, and in which words. */
    static final class Speaker {
        @Option(names = "--by", paramLabel = "NAME", description = "Who says it (default: the login on this machine).")
        private String by = System.getProperty("user.name", "");

        @Option(names = "--note", paramLabel = "TEXT", description = "Why, in your words.")
        private @Nullable String note;
    }

    /** Tells the desk; refuses what it would refuse. */
    private static int tell(Reader reader, DeskEntry entry, CommandSpec spec, String done) {
        String fault = DeskTopic.fault(entry);
        if (fault != null) {
            throw new Refused(fault);
        }
        try (DeskTopic desk = DeskTopic.open(reader.settings())) {
            desk.write(entry);
        } catch (Unreachable wrong) {
            throw new Refused(String.valueOf(wrong.getMessage()), wrong);
        }
        spec.commandLine().getOut().println(Printable.text(done));
        return 0;
    }

    private static String newId() {
        return UUID.randomUUID().toString();
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    /** Someone takes it on. */
    @Command(
            name = "ack",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Takes an alert on: whoever is told of it sees that someone has.",
            footer = {"", "Exit code: 0 said; 2 refused before it started, also when there is no such alert."})
    static final class Acknowledge implements Callable<Integer> {
        @Mixin
        private Reader reader;

        @Mixin
        private Speaker speaker;

        @Parameters(paramLabel = "ALERT", description = "Its id, or how it begins.")
        private String id;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Acknowledge() {}

        @Override
        public Integer call() {
            Alert alert = reader.alert(id);
            return tell(
                    reader,
                    DeskEntry.acknowledged(newId(), now(), alert.alertId(), speaker.by, speaker.note),
                    spec,
                    speaker.by + " has taken on " + alert.alertId() + ": " + alert.summary());
        }
    }

    /** What it was worth. */
    @Command(
            name = "verdict",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "Says what an alert was worth: useful, known (true, and nothing new) or wrong. Of kinds of alerts that are",
                "mostly not useful the desk learns to keep quiet."
            },
            footer = {"", "Exit code: 0 said; 2 refused before it started, also when there is no such alert."})
    static final class SayVerdict implements Callable<Integer> {
        @Mixin
        private Reader reader;

        @Mixin
        private Speaker speaker;

        @Parameters(index = "0", paramLabel = "ALERT", description = "Its id, or how it begins.")
        private String id;

        @Parameters(index = "1", paramLabel = "VERDICT", description = "useful, known or wrong.")
        private String verdict;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        SayVerdict() {}

        @Override
        public Integer call() {
            if (!DeskEntry.VERDICTS.contains(verdict)) {
                throw new Refused("'" + Printable.text(verdict) + "' is no verdict: useful, known or wrong");
            }
            Alert alert = reader.alert(id);
            return tell(
                    reader,
                    DeskEntry.verdict(newId(), now(), alert.alertId(), verdict, speaker.by, speaker.note),
                    spec,
                    alert.alertId() + " was " + verdict + ", says " + speaker.by);
        }
    }

    /** What a silence is about: one alert, or all that have something in common. */
    static final class Scope {
        @Parameters(arity = "0..1", paramLabel = "ALERT", description = "One alert: its id, or how it begins.")
        private @Nullable String id;

        @Option(names = "--kind", paramLabel = "KIND", description = "All of this kind.")
        private @Nullable String kind;

        @Option(names = "--metric", paramLabel = "METRIC", description = "All of this metric.")
        private @Nullable String metric;

        @Option(names = "--breakdown", paramLabel = "FIELD", description = "All of this breakdown.")
        private @Nullable String breakdown;

        @Option(names = "--value", paramLabel = "VALUE", description = "All of this value of it.")
        private @Nullable String value;

        @Option(names = "--subject", paramLabel = "SUBJECT", description = "All about this, such as sales/legal.")
        private @Nullable String subject;

        @Option(names = "--team", paramLabel = "TEAM", description = "All of this team.")
        private @Nullable String team;

        DeskEntry entry(String what, Reader reader, Speaker speaker, @Nullable Instant until) {
            boolean many = kind != null
                    || metric != null
                    || breakdown != null
                    || value != null
                    || subject != null
                    || team != null;
            if (many == (id != null)) {
                throw new Refused("name one alert, or what alerts have in common (--kind, --subject, --team, …)");
            }
            return new DeskEntry(
                    newId(),
                    now(),
                    what,
                    id == null ? null : reader.alert(id).alertId(),
                    kind,
                    metric,
                    breakdown,
                    value,
                    subject,
                    team,
                    until,
                    null,
                    speaker.by,
                    speaker.note);
        }
    }

    /** Not now. */
    @Command(
            name = "silence",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "Keeps one alert, or all that have what is named in common, from being told until a time. They stand in the",
                "tables all the same."
            },
            footer = {
                "",
                "Examples:",
                "  weir alerts silence 5f3a91c2 --for 2h --note 'we know'",
                "  weir alerts silence --kind bottleneck --subject sales/legal --until 2026-04-01T06:00:00Z",
                "",
                "Exit code: 0 said; 2 refused before it started."
            })
    static final class Silence implements Callable<Integer> {
        @Mixin
        private Reader reader;

        @Mixin
        private Speaker speaker;

        @Mixin
        private Scope scope;

        @Option(names = "--for", paramLabel = "LENGTH", description = "How long: 30m, 4h or 7d.")
        private @Nullable String length;

        @Option(names = "--until", paramLabel = "TIME", description = "Until when, such as 2026-04-01T06:00:00Z.")
        private @Nullable String until;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Silence() {}

        @Override
        public Integer call() {
            Instant end = end();
            return tell(reader, scope.entry(DeskEntry.SILENCED, reader, speaker, end), spec, "silent until " + end);
        }

        private Instant end() {
            if ((length == null) == (until == null)) {
                throw new Refused("say how long: --for 4h, or --until TIME");
            }
            if (until != null) {
                return time("--until", until);
            }
            Matcher parts = LENGTH.matcher(Objects.requireNonNull(length));
            if (!parts.matches()) {
                throw new Refused("--for " + length + " is no length: write 30m, 4h or 7d");
            }
            long n = Long.parseLong(parts.group(1));
            Duration lasts =
                    switch (parts.group(2)) {
                        case "m" -> Duration.ofMinutes(n);
                        case "h" -> Duration.ofHours(n);
                        default -> Duration.ofDays(n);
                    };
            return now().plus(lasts);
        }
    }

    /** After all. */
    @Command(
            name = "unsilence",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Ends a silence: name just what the silence named.",
            footer = {"", "Exit code: 0 said; 2 refused before it started."})
    static final class Unsilence implements Callable<Integer> {
        @Mixin
        private Reader reader;

        @Mixin
        private Speaker speaker;

        @Mixin
        private Scope scope;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Unsilence() {}

        @Override
        public Integer call() {
            return tell(reader, scope.entry(DeskEntry.UNSILENCED, reader, speaker, null), spec, "silent no more");
        }
    }
}
