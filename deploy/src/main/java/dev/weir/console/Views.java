package dev.weir.console;

import dev.weir.io.Warehouse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One look at the warehouse's {@code bi} views: read only, all of it at one moment. */
public final class Views implements AutoCloseable {
    private final Connection connection;

    private Views(Connection connection) {
        this.connection = connection;
    }

    /** Looks as the warehouse's user, who needs no more than {@code weir_reader}. */
    public static Views open(Warehouse warehouse) throws SQLException {
        Connection connection = warehouse.connect();
        try {
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            // Estimates of what a view's joins yield are far off, and compiling for them costs more than it saves.
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET LOCAL jit = off");
            }
            return new Views(connection);
        } catch (SQLException failure) {
            connection.close();
            throw failure;
        }
    }

    /** The rows of a query with its parameters: text, numbers, instants as texts. */
    public List<Line> ask(String question, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(question)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<Line> lines = new ArrayList<>();
                while (rows.next()) {
                    lines.add(new Line(rows));
                }
                return lines;
            }
        }
    }

    /** The first row, or null. */
    public @Nullable Line one(String question, @Nullable Object... parameters) throws SQLException {
        List<Line> lines = ask(question, parameters);
        return lines.isEmpty() ? null : lines.get(0);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
