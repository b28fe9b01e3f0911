package dev.weir.relay;

import dev.weir.cli.Migrate;
import dev.weir.io.Settings;
import dev.weir.io.Warehouse;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A real PostgreSQL, migrated, as a reader of its views and the user of the jobs see it. */
final class TestWarehouse implements AutoCloseable {
    static final List<String> USERS = List.of("reader", "writer");

    private final EmbeddedPostgres postgres;

    /** With what these statements put into it. */
    TestWarehouse(String... statements) throws IOException, SQLException {
        postgres = EmbeddedPostgres.start();
        Migrate.run(url(), "postgres", "");
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE ROLE reader LOGIN IN ROLE weir_reader; CREATE ROLE writer LOGIN IN ROLE weir_writer");
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private String url() {
        return postgres.getJdbcUrl("postgres", "postgres").replaceAll("\\?.*", "");
    }

    Warehouse as(String user) {
        return Settings.parse(
                        "kafka: {bootstrap: 'localhost:1'}\nwarehouse: {url: '%s', user: %s}\n".formatted(url(), user),
                        "test")
                .warehouse();
    }

    @Override
    public void close() throws IOException {
        postgres.close();
    }
}
