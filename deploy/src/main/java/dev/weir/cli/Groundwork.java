package dev.weir.cli;

import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.io.Unreachable;
import dev.weir.local.Failure;
import dev.weir.local.LocalPostgres;
import dev.weir.local.LocalSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.flywaydb.core.api.FlywayException;

/** Makes a local system that has just started ready for jobs and events. */
public final class Groundwork {
    private Groundwork() {}

    /** Tables, logins, topics and the settings file that names them. */
    public static Settings lay(LocalSystem system) {
        system.prepare();
        try {
            Settings settings = Settings.read(system.settings());
            var topics = CompletableFuture.supplyAsync(() -> topics(settings));
            migrate(system.postgres());
            topics.join();
            return settings;
        } catch (IOException | FlywayException failure) {
            throw new Failure("cannot make the tables ready: " + failure.getMessage(), failure);
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof Failure cause ? cause : failure;
        }
    }

    private static void migrate(LocalPostgres postgres) throws IOException {
        String password = Files.readString(postgres.passwordFile(LocalPostgres.OWNER));
        Migrate.run(postgres.url(), LocalPostgres.OWNER, password.strip());
        postgres.logins();
    }

    private static List<String> topics(Settings settings) {
        try {
            return Topics.ensure(settings, true);
        } catch (Unreachable failure) {
            throw new Failure(String.valueOf(failure.getMessage()), failure);
        }
    }
}
