package dev.weir.cli;

import dev.weir.io.PlaybookLoader;
import dev.weir.io.PlaybookProblems;
import dev.weir.io.Warehouse;
import dev.weir.local.Refused;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir playbook}: says what a playbook measures, what is wrong with it, and which limits it may take over. */
@Command(
        name = "playbook",
        description = "Checks the file that says what is measured.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "<verb>",
        subcommands = {HelpCommand.class, PlaybookCommand.Validate.class, PlaybookCommand.Learned.class})
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
                "this playbook: each line is an item for the stage's list `learned`. It holds for deals that fall quiet from",
                "its first day on and changes nothing that was said before, so a recount of any day is given the same.",
                "",
                "Example, on the first of a month, then submit cycle-time again with the file:",
                "  weir playbook learned playbook.yaml",
                "Exit 0: done. Exit 2: the playbook has problems, or the warehouse cannot be reached."
            })
    static final class Learned implements Callable<Integer> {
        private static final String LIMITS =
                "SELECT pipeline, stage, learned, basis, visits, definition FROM bi.learned_limit ORDER BY pipeline, stage";

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE|FOLDER", description = "A YAML file, or a folder of them.")
        private Path playbook;

        @Mixin
        private SettingsOption settings;

        @SuppressWarnings("NullAway.Init") // picocli fills the fields
        Learned() {}

        @Override
        public Integer call() {
            Set<String> asked = asked();
            Warehouse warehouse = settings.read().warehouse();
            PrintWriter out = spec.commandLine().getOut();
            try (Connection connection = warehouse.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(LIMITS)) {
                while (row.next()) {
                    if (asked.contains(row.getString("definition") + "/" + row.getString("stage"))) {
                        out.printf(
                                "%s/%s: %s  # %s, %d visits%n",
                                row.getString("pipeline"),
                                row.getString("stage"),
                                row.getString("learned"),
                                row.getString("basis"),
                                row.getLong("visits"));
                    }
                }
                return 0;
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
