package dev.weir.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Somebody who holds tables of the warehouse, so that a commit waits where it is. */
final class Lock implements AutoCloseable {
    private final Connection connection;

    Lock(Site site, String... tables) throws SQLException {
        connection = site.system.postgres().owner();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (String table : tables) {
                statement.execute("LOCK TABLE weir." + table + " IN ACCESS EXCLUSIVE MODE");
            }
        }
    }

    void release() throws SQLException {
        connection.rollback();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
