package dev.weir.cli;

import dev.weir.io.Settings;
import dev.weir.io.Warehouse;
import dev.weir.local.Home;
import dev.weir.local.LocalPostgres;
import dev.weir.local.Refused;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which warehouse a verb reads, and as whom. */
final class ReaderOptions {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SettingsOption settings;

    @Option(
            names = "--database",
            paramLabel = "URL",
            description = "jdbc:postgresql://host:port/database, in place of that of the settings.")
    private @Nullable String database;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "A login that is a member of weir_reader (default: that of `weir up`).")
    private @Nullable String user;

    @Option(names = "--password-file", paramLabel = "FILE", description = "A file that holds its password.")
    private @Nullable String passwordFile;

    @Option(names = "--password-env", paramLabel = "NAME", description = "An environment variable that holds it.")
    private @Nullable String passwordEnv;

    /** The settings, where they are named or needed. */
    @Nullable Settings settings() {
        return database == null || settings.isNamed() ? settings.read() : null;
    }

    /**
     * The warehouse, which answers.
     *
     * @throws Refused when it cannot be reached, and why
     */
    Warehouse warehouse(@Nullable Settings named) {
        Warehouse warehouse = named(named);
        try {
            warehouse.connect().close(); // to say why it cannot be reached before anything starts
            return warehouse;
        } catch (SQLException failure) {
            throw new Refused(warehouse.explain(failure), failure);
        }
    }

    private Warehouse named(@Nullable Settings named) {
        String url = database != null
                ? database
                : Objects.requireNonNull(named).warehouse().url();
        if (user != null) {
            return new Warehouse(url, user, passwordFile, passwordEnv);
        }
        Path secret = Home.locate(null).resolve("secrets").resolve(LocalPostgres.READER);
        boolean given = passwordFile != null || passwordEnv != null;
        return new Warehouse(
                url, LocalPostgres.READER, given ? passwordFile : secret.toString(), given ? passwordEnv : null);
    }
}
