package dev.weir.cli;

import dev.weir.io.BadSettings;
import dev.weir.io.Settings;
import dev.weir.io.Warehouse;
import dev.weir.local.Refused;
import dev.weir.playbook.WorkCalendar;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.concurrent.Callable;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir migrate}: brings the tables, views and roles of a database to what this version needs. */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes or updates the tables (schema weir), the views for readers (schema bi) and the roles weir_writer,",
            "weir_reader and weir_team in a PostgreSQL database. Run it before the first submission and after every",
            "update; run again it does nothing."
        },
        footer = {
            "",
            "The user needs CREATE on the database, and CREATEROLE unless the three roles are there already.",
            "Then let users in:  GRANT weir_writer TO jobs;  GRANT weir_reader TO ana;",
            "or into the rows of one team:  GRANT weir_team TO bo;  INSERT INTO weir.team_access VALUES ('bo', 'sales');",
            "",
            "Examples:",
            "  weir migrate --settings weir.yaml --user owner --password-file /run/secrets/owner",
            "  weir migrate --url jdbc:postgresql://db.acme.example:5432/weir --user owner --password-env PGPASSWORD",
            "  weir migrate --settings weir.yaml --user owner --password-file /run/secrets/owner --history",
            "",
            "Exit code: 0 done; 1 a migration failed, and nothing of it stays; 2 the database cannot be reached."
        })
public final class Migrate implements Callable<Integer> {
    @Option(names = "--settings", paramLabel = "FILE", description = "Settings that name the warehouse.")
    private @Nullable Path settings;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "jdbc:postgresql://host:port/database, in place of theirs.")
    private @Nullable String url;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description =
                    "Who owns the tables, in place of the settings' user; then the password is asked of the two below.")
    private @Nullable String user;

    @Option(names = "--password-file", paramLabel = "FILE", description = "A file that holds the password.")
    private @Nullable String passwordFile;

    @Option(names = "--password-env", paramLabel = "NAME", description = "An environment variable that holds it.")
    private @Nullable String passwordEnv;

    @Option(
            names = "--history",
            negatable = true,
            arity = "0",
            description =
                    "Keep from now on what every row said, for bi.<table>_as_known_at(time) (--no-history: keep no more;"
                            + " what was kept stays).")
    private @Nullable Boolean history;

    @Option(
            names = "--playbook",
            paramLabel = "FILE",
            description = "Keep its work days, holidays and fiscal year for bi.calendar.")
    private @Nullable Path playbook;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        String password;
        WorkCalendar calendar =
                playbook == null ? null : Backtest.definitions(playbook).calendar();
        Warehouse warehouse = warehouse();
        try {
            warehouse.connect().close(); // to say why it cannot be reached before anything starts
            password = warehouse.password();
        } catch (SQLException failure) {
            throw new Refused(warehouse.explain(failure), failure);
        }
        try {
            out().println(run(warehouse.url(), warehouse.user(), password));
            if (history != null) {
                out().println(keepHistory(warehouse, history));
            }
            if (calendar != null) {
                try (Connection connection = warehouse.connect()) {
                    keepCalendar(connection, calendar);
                }
                out().println("calendar: that of " + playbook);
            }
            return 0;
        } catch (FlywayException failure) {
            err().println("weir: " + explain(failure, warehouse.user()));
            return 1;
        } catch (SQLException failure) {
            err().println("weir: " + warehouse.explain(failure));
            return 1;
        }
    }

    private static String keepHistory(Warehouse warehouse, boolean keep) throws SQLException {
        try (Connection connection = warehouse.connect();
                PreparedStatement patience = connection.prepareStatement("SET statement_timeout = 0");
                PreparedStatement statement = connection.prepareStatement("SELECT weir.keep_history(?)")) {
            // Rows that are there already become the first versions, and there may be many.
            connection.setNetworkTimeout(Runnable::run, 0);
            patience.execute();
            statement.setBoolean(1, keep);
            try (ResultSet row = statement.executeQuery()) {
                long tables = row.next() ? row.getLong(1) : 0;
                return "history " + (keep ? "is kept" : "is no longer kept")
                        + (tables == 0 ? ", as before" : "; tables that changed: " + tables);
            }
        }
    }

    /** The days of {@code bi.calendar} are from now on those of a playbook. */
    static void keepCalendar(Connection connection, WorkCalendar calendar) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO weir.business_calendar AS c (fiscal_year_start, workdays, holidays) VALUES (?, ?, ?)
                ON CONFLICT (only_row) DO UPDATE SET fiscal_year_start = excluded.fiscal_year_start,
                    workdays = excluded.workdays, holidays = excluded.holidays""")) {
            statement.setLong(1, calendar.fiscalYearStart());
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "bigint",
                            calendar.workdays().stream()
                                    .map(DayOfWeek::getValue)
                                    .toArray()));
            statement.setArray(
                    3,
                    connection.createArrayOf(
                            "date",
                            calendar.holidays().stream()
                                    .map(LocalDate::toString)
                                    .toArray()));
            statement.executeUpdate();
        }
    }

    private Warehouse warehouse() {
        if (settings == null) {
            if (url == null || user == null) {
                throw new Refused("say which database: --settings FILE, or --url URL and --user NAME");
            }
            return new Warehouse(url, user, passwordFile, passwordEnv);
        }
        Warehouse named = read(settings);
        String where = url == null ? named.url() : url;
        if (user == null && passwordFile == null && passwordEnv == null) {
            return new Warehouse(where, named.user(), named.passwordFile(), named.passwordEnv());
        }
        return new Warehouse(where, user == null ? named.user() : user, passwordFile, passwordEnv);
    }

    private static Warehouse read(Path file) {
        try {
            return Settings.read(file).warehouse();
        } catch (BadSettings faults) {
            throw new Refused(String.valueOf(faults.getMessage()), faults);
        } catch (IOException failure) {
            throw new Refused("cannot read the settings file " + file, failure);
        }
    }

    /**
     * Migrates a database and says in one line what was done.
     *
     * @throws FlywayException when a migration failed; each is one transaction, so nothing of it stays
     */
    public static String run(String url, String user, @Nullable String password) {
        MigrateResult result = Flyway.configure(Migrate.class.getClassLoader())
                .dataSource(url, user, password)
                .locations("classpath:db/migration")
                .schemas("weir")
                .load()
                .migrate();
        return result.migrationsExecuted == 0
                ? "warehouse " + url + ": up to date (version " + version(result.initialSchemaVersion) + ")"
                : "warehouse " + url + ": " + result.migrationsExecuted + " migrations applied, now version "
                        + version(result.targetSchemaVersion);
    }

    private static String version(@Nullable String version) {
        return version == null ? "none" : version;
    }

    /** The failure without Flyway's frame, and the mend where there is one to name. */
    private static String explain(FlywayException failure, String user) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException refusal && "42501".equals(refusal.getSQLState())) {
                return refusal.getMessage() + " (as an administrator: GRANT CREATE ON DATABASE … TO " + user
                        + "; CREATE ROLE weir_writer NOLOGIN; CREATE ROLE weir_reader NOLOGIN; CREATE ROLE weir_team NOLOGIN;"
                        + " then run it again)";
            }
        }
        return String.valueOf(failure.getMessage()).strip();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
