package dev.weir.io;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL for a test, migrated, with a writer and a reader. */
final class Database implements AutoCloseable {
    private final EmbeddedPostgres server;

    private Database(EmbeddedPostgres server) {
        this.server = server;
    }

    static Database empty() throws IOException {
        return new Database(EmbeddedPostgres.builder()
                .setServerConfig("fsync", "off")
                .setServerConfig("max_connections", "40")
                .start());
    }

    static Database migrated() throws IOException, SQLException {
        Database database = empty();
        database.migrate();
        database.run("CREATE ROLE writer LOGIN", "GRANT weir_writer TO writer");
        database.run("CREATE ROLE reader LOGIN", "GRANT weir_reader TO reader");
        return database;
    }

    int migrate() {
        return migrate("postgres");
    }

    int migrate(String owner) {
        return Flyway.configure()
                .dataSource(url(), owner, "")
                .schemas("weir")
                .load()
                .migrate()
                .migrationsExecuted;
    }

    String url() {
        return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
    }

    Warehouse as(String user) {
        return new Warehouse(url(), user, null, null);
    }

    void run(String... statements) throws SQLException {
        try (Connection connection = as("postgres").connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The rows of a query, their columns joined by a bar, null as -. */
    List<String> read(String sql) throws SQLException {
        return read("postgres", sql);
    }

    List<String> read(String user, String sql) throws SQLException {
        return cells(user, sql).stream()
                .map(row ->
                        row.stream().map(value -> value == null ? "-" : value).collect(Collectors.joining("|")))
                .toList();
    }

    /** The rows of a query, each column by itself, null as null. */
    List<List<@Nullable String>> cells(String user, String sql) throws SQLException {
        try (Connection connection = as(user).connect();
                Statement statement = connection.createStatement();
                ResultSet results = statement.executeQuery(sql)) {
            List<List<@Nullable String>> rows = new ArrayList<>();
            while (results.next()) {
                List<@Nullable String> row = new ArrayList<>();
                for (int i = 1; i <= results.getMetaData().getColumnCount(); i++) {
                    row.add(results.getString(i));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
