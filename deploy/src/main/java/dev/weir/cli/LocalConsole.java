package dev.weir.cli;

import dev.weir.console.Console;
import dev.weir.io.Settings;
import dev.weir.io.Warehouse;
import dev.weir.local.LocalPostgres;
import dev.weir.local.LocalSystem;
import dev.weir.playbook.Change;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The console of a local system. */
public final class LocalConsole {
    /** The option of `up` and `demo` that says where it is. */
    public static final String PORT_OPTION = "--console-port";

    private LocalConsole() {}

    /** Serves it on this machine, looking at the system's tables as its reader and answering to its brokers. */
    public static Console start(
            LocalSystem system, Settings settings, @Nullable Path playbook, int port, Consumer<String> say) {
        LocalPostgres postgres = system.postgres();
        Warehouse reader = new Warehouse(
                postgres.url(),
                LocalPostgres.READER,
                postgres.passwordFile(LocalPostgres.READER).toString(),
                null);
        List<Change> changes =
                playbook == null ? List.of() : Backtest.definitions(playbook).changes();
        return Console.start(new Console.Options(
                Console.LOOPBACK,
                port,
                PORT_OPTION,
                Set.of(),
                reader,
                settings,
                changes,
                line -> say.accept(Printable.text(line))));
    }
}
