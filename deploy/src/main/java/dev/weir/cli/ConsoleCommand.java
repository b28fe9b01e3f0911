package dev.weir.cli;

import dev.weir.console.Console;
import dev.weir.io.Settings;
import dev.weir.io.Warehouse;
import dev.weir.playbook.Change;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir console}: the web page over any warehouse. */
@Command(
        name = "console",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Serves the console, a web page of what the warehouse says: what needs a decision, conversion, pipeline, campaigns,",
            "alerts and the health of the data. It reads the bi views only; answers to alerts go to the desk's topic.",
            "`weir up` and `weir demo` serve it by themselves."
        },
        footer = {
            "",
            "It has no users of its own: whoever reaches the port sees the pages and may answer alerts. So it listens on",
            "127.0.0.1 unless told otherwise; for others put a proxy that knows them in front, and name it with --name.",
            "",
            "Examples:",
            "  weir console --settings weir.yaml --user reader --password-file /run/secrets/reader",
            "  weir console --database jdbc:postgresql://db.acme.example:5432/weir --user reader --password-env PGPASSWORD"
        })
public final class ConsoleCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ReaderOptions reader;

    @Option(
            names = "--playbook",
            paramLabel = "FILE",
            description = "The definitions, for what they say was changed and is due for review.")
    private @Nullable Path playbook;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = Console.LOOPBACK,
            description = "Where to listen (default ${DEFAULT-VALUE}; 0.0.0.0: everywhere).")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "18090",
            description = "On which port (default ${DEFAULT-VALUE}; 0: any free).")
    private int port;

    @Option(
            names = "--name",
            paramLabel = "HOST",
            description = "A name by which browsers may call it, beside addresses and localhost; may be repeated.")
    private List<String> names = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Settings brokers = reader.settings();
        Warehouse warehouse = reader.warehouse(brokers);
        List<Change> changes =
                playbook == null ? List.of() : Backtest.definitions(playbook).changes();
        PrintWriter err = spec.commandLine().getErr();
        var options = new Console.Options(host, port, "--port", lowered(names), warehouse, brokers, changes, line -> {
            err.println("weir: " + Printable.text(line));
            err.flush();
        });
        try (Console console = Console.start(options)) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("The console is at " + console.url() + " (Ctrl-C stops it)");
            out.flush();
            new CountDownLatch(1).await();
            return 0;
        }
    }

    private static Set<String> lowered(List<String> names) {
        Set<String> lowered = new TreeSet<>();
        names.forEach(name -> lowered.add(name.toLowerCase(Locale.ROOT)));
        return lowered;
    }
}
