package dev.weir.io;

import dev.weir.machine.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Marks the rows as deleted that a submission found in its tables and did not say itself: what an older one said, and a
 * recount from the start no longer has.
 *
 * <p>Right once the submission has read all there was, see {@link #unread}. Rows of definitions that it does not have stay, as
 * do dead letters, which may be the only copy of a record. A row that is on its way meanwhile comes back by itself: its
 * revision is greater.
 */
public final class Sweep implements AutoCloseable {
    private static final int ROWS_A_STATEMENT = 10_000;

    private final Connection warehouse;
    private final String job;
    private final long first;

    private Sweep(Connection warehouse, String job, long first) {
        this.warehouse = warehouse;
        this.job = job;
        this.first = first;
    }

    /**
     * Looks which submission of a job was the last to write.
     *
     * @throws IllegalStateException when none has written anything
     */
    public static Sweep after(Warehouse warehouse, String job) throws SQLException {
        Connection connection = warehouse.connect();
        try (PreparedStatement newest =
                connection.prepareStatement("SELECT max(revision) FROM weir.ledger WHERE job = ?")) {
            newest.setString(1, job);
            try (ResultSet row = newest.executeQuery()) {
                row.next();
                long revision = row.getLong(1);
                if (row.wasNull()) {
                    connection.close();
                    throw new IllegalStateException("job " + job + " has written nothing yet");
                }
                return new Sweep(connection, job, Outbox.firstRevision(Outbox.epoch(revision)));
            }
        } catch (SQLException failure) {
            connection.close();
            throw failure;
        }
    }

    /**
     * Buckets of the ledger that an older submission has read and the last one has not: it has not caught up, or their records
     * are no longer in the topics.
     */
    public long unread() throws SQLException {
        return count("SELECT count(*) FROM weir.ledger WHERE NOT deleted AND revision < ? AND job = ?", job);
    }

    /**
     * Marks what is left over.
     *
     * @param tables those that the job writes
     * @param look whether to count only
     * @return how many rows of each table, those with none left out
     */
    public Map<String, Long> sweep(Collection<Table> tables, boolean look) throws SQLException {
        Map<String, Long> swept = new LinkedHashMap<>();
        for (Table table : tables) {
            if (table.name().equals(DeadLetterTable.DEAD_LETTER.name())) {
                continue;
            }
            long rows = look ? leftOver(table) : mark(table);
            if (rows > 0) {
                swept.put(table.name(), rows);
            }
        }
        return swept;
    }

    private long leftOver(Table table) throws SQLException {
        String sql = "SELECT count(*) FROM " + which(table);
        return ofManyJobs(table) ? count(sql, job) : count(sql);
    }

    private long mark(Table table) throws SQLException {
        String sql = "UPDATE weir.\"" + table.name() + "\" t SET deleted = true, revision = " + first
                + ", loaded_at = now() WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM " + which(table)
                + " LIMIT "
                + ROWS_A_STATEMENT + ")";
        long marked = 0;
        try (PreparedStatement update = warehouse.prepareStatement(sql)) {
            update.setLong(1, first);
            if (ofManyJobs(table)) {
                update.setString(2, job);
            }
            for (int rows = update.executeUpdate(); rows > 0; rows = update.executeUpdate()) {
                marked += rows;
            }
        }
        return marked;
    }

    /** Of the definitions of which the last submission has said something. */
    private String which(Table table) {
        String name = "weir.\"" + table.name() + "\"";
        return name + " WHERE NOT deleted AND revision < ?" + (ofManyJobs(table) ? " AND job = ?" : "")
                + " AND definition IN (SELECT definition FROM " + name + " WHERE revision > " + first + ")";
    }

    private static boolean ofManyJobs(Table table) {
        return table.columns().stream().anyMatch(column -> column.name().equals("job"));
    }

    private long count(String sql, String... texts) throws SQLException {
        try (PreparedStatement statement = warehouse.prepareStatement(sql)) {
            statement.setLong(1, first);
            for (int i = 0; i < texts.length; i++) {
                statement.setString(2 + i, texts[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        warehouse.close();
    }
}
