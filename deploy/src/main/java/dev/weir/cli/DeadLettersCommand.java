package dev.weir.cli;

import dev.weir.io.DeadLetters;
import dev.weir.io.DeadLetters.Filter;
import dev.weir.io.DeadLetters.Group;
import dev.weir.io.DeadLetters.Letter;
import dev.weir.io.DeadLetters.Replay;
import dev.weir.io.Sender;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import dev.weir.local.Refused;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
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

/** {@code weir deadletters}: what no job could take, why, and back it goes. */
@Command(
        name = "deadletters",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "<verb>",
        description = {
            "Records that a job could not take are kept whole (to 64 KiB) with their reason, in weir.dead_letter and on the",
            "dead-letter topic. See what there is, look at one, and send them again after a mend."
        },
        footer = {
            "",
            "Reasons: EMPTY no bytes; NOT_AVRO, TRUNCATED, UNKNOWN_SCHEMA, TOO_LARGE not readable; INVALID read, but it breaks a",
            "rule, which the detail names; FUTURE more than a day ahead of the broker's clock; EXPIRED older than the job keeps",
            "facts; REGISTRY a schema that the registry did not tell; REFUSED_BY_WAREHOUSE a row, not a record."
        },
        subcommands = {
            HelpCommand.class,
            DeadLettersCommand.ListLetters.class,
            DeadLettersCommand.Show.class,
            DeadLettersCommand.ReplayLetters.class
        })
public final class DeadLettersCommand {
    private static final Pattern PLACE = Pattern.compile("(.+)/([0-9]{1,9})/([0-9]{1,18})");

    private DeadLettersCommand() {}

    /** Which letters are meant. */
    static final class Choice {
        @Option(names = "--job", paramLabel = "JOB", description = "Only those of this job.")
        private @Nullable String job;

        @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those of this topic, by its whole name.")
        private @Nullable String topic;

        @Option(names = "--reason", paramLabel = "REASON", description = "Only those with this reason.")
        private @Nullable String reason;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "Only those that the broker took from then on, such as 2026-03-31T22:00:00Z.")
        private @Nullable String since;

        @Option(names = "--until", paramLabel = "TIME", description = "Only those that it took before then.")
        private @Nullable String until;

        Filter filter() {
            return new Filter(
                    job,
                    topic,
                    reason == null ? null : reason.toUpperCase(Locale.ROOT),
                    time("--since", since),
                    time("--until", until),
                    null,
                    null);
        }

        private static @Nullable Instant time(String option, @Nullable String text) {
            try {
                return text == null ? null : OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException wrong) {
                throw new Refused(
                        option + " " + text + " is no time with a zone: write it as 2026-03-31T22:00:00Z", wrong);
            }
        }
    }

    /** Something that a verb does with the dead letters of the settings' warehouse. */
    private interface Deed {
        int with(DeadLetters letters) throws SQLException, IOException;
    }

    private static int open(SettingsOption option, Deed deed) throws IOException {
        Settings settings = option.read();
        try (DeadLetters letters = DeadLetters.open(settings)) {
            return deed.with(letters);
        } catch (SQLException failure) {
            throw new Refused(settings.warehouse().explain(failure), failure);
        }
    }

    /** What there is. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "How many there are of each job, topic and reason; with --each every one of them, by its place",
                "(topic/partition/offset), which `weir deadletters show` takes."
            },
            footer = {
                "",
                "Examples:",
                "  weir deadletters list",
                "  weir deadletters list --each --reason INVALID --since 2026-03-31T22:00:00Z",
                "",
                "Exit code: 0 done; 2 refused before it started."
            })
    static final class ListLetters implements Callable<Integer> {
        @Mixin
        private SettingsOption settings;

        @Mixin
        private Choice choice;

        @Option(names = "--each", description = "List each of them.")
        private boolean each;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "With --each: at most so many (default ${DEFAULT-VALUE}).")
        private long limit;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        ListLetters() {}

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            Filter filter = choice.filter();
            return open(settings, letters -> {
                if (each) {
                    letters.letters(filter, limit).forEach(letter -> out.println(line(letter)));
                } else {
                    groups(letters.groups(filter), out);
                }
                return 0;
            });
        }

        private static String line(Letter letter) {
            return letter.place() + "  " + letter.job() + "  " + letter.reason() + "  " + letter.length()
                    + " bytes  taken "
                    + letter.takenAt() + (letter.replayedAt() == null ? "" : "  replayed " + letter.replayedAt()) + "  "
                    + Printable.text(letter.detail());
        }

        private static void groups(List<Group> groups, PrintWriter out) {
            if (groups.isEmpty()) {
                out.println("no dead letters");
                return;
            }
            out.printf(
                    "%-12s %-24s %-20s %10s %10s  %-24s %s%n",
                    "job", "topic", "reason", "letters", "replayed", "first", "last");
            for (Group group : groups) {
                out.printf(
                        Locale.ROOT,
                        "%-12s %-24s %-20s %,10d %,10d  %-24s %s%n",
                        group.job(),
                        group.topic(),
                        group.reason(),
                        group.letters(),
                        group.replayed(),
                        group.first(),
                        group.last());
            }
        }
    }

    /** One of them. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description =
                    "Everything about one dead letter: why, from where, and its bytes as hexadecimal digits and text.",
            footer = {
                "",
                "Bytes that a terminal could take for a command are printed as dots.",
                "To mend one by hand: --out FILE, correct it, and `weir send` it as native JSON.",
                "",
                "Example:",
                "  weir deadletters show weir.deal.v1/2/17",
                "",
                "Exit code: 0 shown; 1 there is none at that place; 2 refused before it started."
            })
    static final class Show implements Callable<Integer> {
        @Mixin
        private SettingsOption settings;

        @Parameters(paramLabel = "TOPIC/PARTITION/OFFSET", description = "Its place, as `list --each` prints it.")
        private String place;

        @Option(
                names = "--bytes",
                paramLabel = "N",
                defaultValue = "1024",
                description = "Print so many bytes (default ${DEFAULT-VALUE}).")
        private int bytes;

        @Option(names = "--out", paramLabel = "FILE", description = "Write the bytes that are kept into a file.")
        private @Nullable Path out;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Show() {}

        @Override
        public Integer call() throws IOException {
            Matcher parts = PLACE.matcher(place);
            if (!parts.matches()) {
                throw new Refused(
                        "'" + place + "' is no place: write topic/partition/offset, such as weir.deal.v1/2/17");
            }
            Filter filter = new Filter(
                    null, parts.group(1), null, null, null, Long.valueOf(parts.group(2)), Long.valueOf(parts.group(3)));
            return open(settings, letters -> {
                List<Letter> found = letters.letters(filter, 100);
                if (found.isEmpty()) {
                    spec.commandLine().getErr().println("weir: no dead letter at " + place);
                    return 1;
                }
                for (Letter letter : found) {
                    spec.commandLine().getOut().print(about(letter));
                }
                byte[] payload = found.get(0).payload();
                Printable.dump(payload, bytes).forEach(spec.commandLine().getOut()::println);
                if (out != null) {
                    Files.write(out, payload);
                }
                return 0;
            });
        }

        private static String about(Letter letter) {
            return """
                    job       %s
                    reason    %s
                    detail    %s
                    taken     %s
                    replayed  %s
                    length    %,d bytes, %,d of them kept
                    sha256    %s
                    """.formatted(
                            letter.job(),
                            letter.reason(),
                            Printable.text(letter.detail()),
                            letter.takenAt() == null ? "not known" : letter.takenAt(),
                            letter.replayedAt() == null ? "no" : letter.replayedAt(),
                            letter.length(),
                            letter.payload().length,
                            letter.sha256());
        }
    }

    /** Back into the topics. */
    @Command(
            name = "replay",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "Sends dead letters again: those that can be read by now (a newer version of Weir, a schema that is known",
                "now, a clock that has caught up) go to the topic that their event belongs to, and are marked.",
                "A record that was sent once is not sent again, also where two jobs could not take it; and an event that",
                "comes twice counts once, by its event_id. Those that still cannot be read stay, each told with its reason."
            },
            footer = {
                "",
                "Those with reason EXPIRED expire again, unless the job keeps facts for longer by now and was submitted with",
                "--fresh. The ledger of the old record stays dead-lettered: the event is a new record.",
                "",
                "Examples:",
                "  weir deadletters replay --dry-run                         what would go, and what would not",
                "  weir deadletters replay --topic weir.deal.v1 --reason UNKNOWN_SCHEMA",
                "",
                "Exit code: 0 all of them sent, now or before; 1 some cannot be; 2 refused before it started."
            })
    static final class ReplayLetters implements Callable<Integer> {
        @Mixin
        private SettingsOption settings;

        @Mixin
        private Choice choice;

        @Option(names = "--dry-run", description = "Tell what would be sent; send and mark nothing.")
        private boolean dryRun;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        ReplayLetters() {}

        @Override
        public Integer call() throws IOException {
            Filter filter = choice.filter();
            return open(settings, letters -> {
                try (Sender sender = dryRun ? null : sender()) {
                    return told(letters.replay(filter, sender, this::tell));
                } catch (Unreachable stopped) {
                    tell("weir: " + stopped.getMessage() + "; run it again: what was sent is not sent again");
                    return 1;
                }
            });
        }

        private Sender sender() {
            try {
                return new Sender(settings.read(), null, this::tell);
            } catch (Unreachable failure) {
                throw new Refused(String.valueOf(failure.getMessage()), failure);
            }
        }

        private void tell(String line) {
            spec.commandLine().getErr().println(Printable.text(line));
        }

        private int told(Replay done) {
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "%,d records %s, %,d sent before, %,d cannot be sent%n",
                            done.sent(),
                            dryRun ? "would be sent" : "sent",
                            done.before(),
                            done.refused());
            return done.refused() == 0 ? 0 : 1;
        }
    }
}
