package dev.weir.cli;

import dev.weir.cli.demo.Demo;
import dev.weir.local.Refused;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The {@code weir} command. Exit codes: 0 done; 1 it ran and something failed or was refused; 2 refused before it started. */
@Command(
        name = "weir",
        mixinStandardHelpOptions = true,
        version = "weir 0.1.0",
        description = "Measures the flow of a business the way a weir measures a stream.",
        synopsisSubcommandLabel = "<verb>",
        subcommands = {
            Demo.class,
            Up.class,
            Send.class,
            Import.class,
            Backtest.class,
            Submit.class,
            SweepCommand.class,
            Migrate.class,
            Reconcile.class,
            DeadLettersCommand.class,
            ReportCommand.class,
            ConsoleCommand.class,
            PlaybookCommand.class,
            AlertsCommand.class,
            RelayCommand.class,
            HelpCommand.class
        })
public final class Weir {
    private Weir() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Weir()).setExecutionExceptionHandler((failure, line, parsed) -> {
            if (failure instanceof Refused) {
                line.getErr().println("weir: " + failure.getMessage());
                return 2;
            }
            throw failure;
        });
    }
}
