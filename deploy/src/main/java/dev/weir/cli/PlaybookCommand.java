package dev.weir.cli;

import dev.weir.event.EntityChange;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.PlaybookProblems;
import dev.weir.io.Sender;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import dev.weir.io.Warehouse;
import dev.weir.local.Refused;
import dev.weir.machine.Hash;
import dev.weir.playbook.Breakdown;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir playbook}: says what a playbook measures and what is wrong with it; tells the jobs how long deals may stand still. */
@Command(
        name = "playbook",
        description = "Checks the file that says what is measured, and publishes what was learned.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "<verb>",
        subcommands = {
            HelpCommand.class,
            PlaybookCommand.Validate.class,
            PlaybookCommand.Learned.class,
            PlaybookCommand.Withdraw.class
        })
public final class PlaybookCommand {
    private PlaybookCommand() {}

    /** Exit 0 and a summary, or exit 2 and every problem on stderr. */
    @Command(
            name = "validate",
            mixinStandardHelpOptions = true,
            description = {
                "Checks a playbook before anything starts: its shape, its words, its conditions.",
                "Exit 0: it is sound, and here is what it measures. Exit 2: every problem as file:line:column.",
                "",
                "For completion in an editor, put this in its first line:",
                "  # yaml-language-server: $schema=<path to>/playbook.schema.json"
            })
    static final class Validate implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE|FOLDER", description = "A YAML file, or a folder of them.")
        private Path playbook;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Validate() {}

        @Override
        public Integer call() {
            try {
                print(PlaybookLoader.load(playbook), spec.commandLine().getOut());
                return 0;
            } catch (PlaybookProblems e) {
                PrintWriter err = spec.commandLine().getErr();
                err.println(e.getMessage());
                int count = e.problems().size();
                err.println(playbook + ": " + (count == 1 ? "1 problem" : count + " problems") + ", nothing started");
                return 2;
            }
        }
    }

    /** Exit 0 and one line for each stage without {@code stalled_after} of which something was learned. */
    @Command(
            name = "learned",
            mixinStandardHelpOptions = true,
            description = {
                "How long deals may stand still in the stages that have no stalled_after, as learned by the jobs that run",
                "this playbook when the present month began. A limit holds for deals that fall quiet from its first day on",
                "and changes nothing that was said of others, so a recount of any day is given the same.",
                "",
                "With --publish it goes to the entity topic, and the jobs that run take it up. A stage and month is published",
                "once: what was published is never revised, only taken back (weir playbook withdraw). Without, each line is an",
                "item for the stage's list `learned` in the playbook, for those who would rather read it there.",
                "",
                "Example, on the first of a month:",
                "  weir playbook learned playbook.yaml --publish",
                "Exit 0: done. Exit 1: the brokers stopped taking limits. Exit 2: the playbook has problems, or the warehouse or",
                "the brokers cannot be reached."
            })
    static final class Learned implements Callable<Integer> {
        private static final String LIMITS = """
                SELECT l.pipeline, l.stage, l.learned, l.basis, l.visits, l.definition, l.effective_from,
                       greatest(1, ceil(l.seconds / 3600))::bigint AS hours,
                       p.event_id IS NOT NULL AS is_published
                FROM bi.learned_limit l
                LEFT JOIN bi.stage_limit p
                    ON p.pipeline = l.pipeline AND p.stage = l.stage AND p.valid_from = l.effective_from
                ORDER BY l.pipeline, l.stage""";

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE|FOLDER", description = "A YAML file, or a folder of them.")
        private Path playbook;

        @Option(names = "--publish", description = "Tell the jobs.")
        private boolean publish;

        @Mixin
        private AlertsCommand.Reader reader;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Learned() {}

        /** A limit, and whether it is published already. */
        private record Limit(
                String stage, String item, Instant from, long hours, String basis, long visits, boolean isPublished) {}

        @Override
        public Integer call() {
            Set<String> asked = asked();
            List<Limit> limits = limits(reader.warehouse(), asked);
            PrintWriter out = spec.commandLine().getOut();
            if (!publish) {
                for (Limit limit : limits) {
                    out.printf("%s: %s  # %s, %d visits%n", limit.stage, limit.item, limit.basis, limit.visits);
                }
                return 0;
            }
            List<EntityChange> events = new ArrayList<>();
            for (Limit limit : limits) {
                if (!limit.isPublished) {
                    events.add(StageEvents.published(limit.stage, limit.from, limit.hours + "h"));
                }
                out.printf(
                        "%s: %dh from %s, %s%n",
                        limit.stage, limit.hours, limit.from, limit.isPublished ? "published before" : "published");
            }
            return StageEvents.send(
                    reader.settings(), events, spec.commandLine().getErr());
        }

        private List<Limit> limits(Warehouse warehouse, Set<String> asked) {
            List<Limit> limits = new ArrayList<>();
            try (Connection connection = warehouse.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(LIMITS)) {
                while (row.next()) {
                    if (asked.contains(row.getString("definition") + "/" + row.getString("stage"))) {
                        limits.add(new Limit(
                                row.getString("pipeline") + "/" + row.getString("stage"),
                                row.getString("learned"),
                                row.getTimestamp("effective_from").toInstant(),
                                row.getLong("hours"),
                                row.getString("basis"),
                                row.getLong("visits"),
                                row.getBoolean("is_published")));
                    }
                }
                return limits;
            } catch (SQLException failure) {
                throw new Refused(warehouse.explain(failure), failure);
            }
        }

        /** The stages without a limit of their own, by definition of their pipeline and name. */
        private Set<String> asked() {
            Set<String> stages = new HashSet<>();
            try {
                for (Pipeline pipeline : PlaybookLoader.load(playbook).pipelines()) {
                    for (Stage stage : pipeline.stages()) {
                        if (stage.stalledAfter() == null && stage.outcome() == null) {
                            stages.add(pipeline.definition() + "/" + stage.name());
                        }
                    }
                }
                return stages;
            } catch (PlaybookProblems problems) {
                throw new Refused(String.valueOf(problems.getMessage()), problems);
            }
        }
    }

    /** Exit 0 and the limits that are taken back. */
    @Command(
            name = "withdraw",
            mixinStandardHelpOptions = true,
            description = {
                "Takes back limits that were published (weir playbook learned --publish): they never were, what they raised is",
                "taken back too, and deals that fell quiet since are held to the limit before. A limit that was taken back stays",
                "so, also when it is published again.",
                "",
                "Example: the limit of a stage that began with a month",
                "  weir playbook withdraw sales/legal --from 2026-11-01",
                "Exit 0: done. Exit 1: the brokers stopped taking them. Exit 2: usage, or the brokers cannot be reached."
            })
    static final class Withdraw implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "STAGE", arity = "1..*", description = "Stages as pipeline/stage.")
        private List<String> stages;

        @Option(
                names = "--from",
                required = true,
                paramLabel = "TIME",
                description = "From when on they hold, as bi.stage_limit says it: 2026-11-01 or 2026-11-01T00:00:00Z.")
        private String from;

        @Mixin
        private SettingsOption settings;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Withdraw() {}

        @Override
        public Integer call() {
            Instant time = time();
            List<EntityChange> events = new ArrayList<>();
            for (String stage : stages) {
                int slash = stage.indexOf('/');
                if (slash < 1 || slash == stage.length() - 1) {
                    throw new Refused("'" + stage + "' is no stage: write pipeline and stage as sales/proposal");
                }
                events.add(StageEvents.withdrawn(stage, time));
            }
            int code =
                    StageEvents.send(settings.read(), events, spec.commandLine().getErr());
            if (code == 0) {
                stages.forEach(stage -> spec.commandLine().getOut().printf("%s: from %s, taken back%n", stage, time));
            }
            return code;
        }

        private Instant time() {
            try {
                return from.length() == 10
                        ? LocalDate.parse(from).atStartOfDay(ZoneOffset.UTC).toInstant()
                        : Instant.parse(from);
            } catch (DateTimeException wrong) {
                throw new Refused(
                        "--from " + from + ": write a day as 2026-11-01, or a time as 2026-11-01T00:00:00Z", wrong);
            }
        }
    }

    /** Limits of stages as events. */
    private static final class StageEvents {
        private StageEvents() {}

        /** The same stage and time is one event: whoever publishes again says nothing new. */
        static EntityChange published(String stage, Instant from, String length) {
            return of("published", EntityChange.UPSERTED, stage, from, Map.of(EntityChange.STALLED_AFTER, length));
        }

        static EntityChange withdrawn(String stage, Instant from) {
            return of("withdrawn", EntityChange.DELETED, stage, from, Map.of());
        }

        private static EntityChange of(
                String what, String kind, String stage, Instant from, Map<String, String> properties) {
            String id = Hash.of("limit", what, stage, from.toString());
            return new EntityChange(id, from, EntityChange.STAGE, kind, stage, null, null, properties);
        }

        static int send(Settings settings, List<EntityChange> events, PrintWriter err) {
            if (events.isEmpty()) {
                return 0;
            }
            try (Sender sender = open(settings)) {
                sender.events(events);
                sender.finish();
                return 0;
            } catch (Unreachable stopped) {
                err.println("weir: " + stopped.getMessage() + ". Do it again: what has arrived counts once.");
                return 1;
            }
        }

        private static Sender open(Settings settings) {
            try {
                return new Sender(settings, null, refusal -> {});
            } catch (Unreachable wrong) {
                throw new Refused(String.valueOf(wrong.getMessage()), wrong);
            }
        }
    }

    private static void print(Playbook playbook, PrintWriter out) {
        out.printf(
                "playbook %s (%s), %s, %s%n",
                playbook.name(), playbook.hash(), playbook.zone(), playbook.reportingCurrency());
        for (Pipeline pipeline : playbook.pipelines()) {
            out.printf("pipeline %s (%s)%n", pipeline.name(), pipeline.definition());
            out.printf(
                    "  stages   %s%n",
                    pipeline.stages().stream().map(PlaybookCommand::words).collect(Collectors.joining(" > ")));
            split(out, pipeline.breakdowns(), pipeline.windows());
        }
        for (Funnel funnel : playbook.funnels()) {
            out.printf("funnel %s (%s)%n", funnel.name(), funnel.definition());
            out.printf(
                    "  steps    %s%n",
                    funnel.steps().stream().map(FunnelStep::name).collect(Collectors.joining(" > ")));
            split(out, funnel.breakdowns().stream().map(Breakdown::name).toList(), funnel.windows());
        }
        if (playbook.pipelines().isEmpty() && playbook.funnels().isEmpty()) {
            out.println("no pipelines and no funnels: nothing is measured yet");
        }
        out.flush();
    }

    private static String words(Stage stage) {
        return stage.outcome() == null ? stage.name() : "[" + stage.name() + "]";
    }

    private static void split(PrintWriter out, List<String> breakdowns, List<Grain> windows) {
        out.printf(
                "  windows  %s%n",
                windows.stream()
                        .map(Grain::word)
                        .collect(Collectors.joining(", ", "", windows.isEmpty() ? "all" : ", all")));
        if (!breakdowns.isEmpty()) {
            out.printf("  split by %s%n", String.join(", ", breakdowns));
        }
    }
}
