package dev.weir.io;

import dev.weir.io.Reconciliation.Part;
import dev.weir.machine.Column;
import dev.weir.machine.LedgerCheck.Account;
import dev.weir.machine.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The warehouse as it stood at one moment, while jobs write on. */
public final class WarehouseSnapshot implements AutoCloseable {
    /** Not facts about the business: what was read where. */
    private static final Set<String> NOT_COMPARED = Set.of("ledger", "dead_letter");

    private static final int CHUNK = 1_000;

    private final Connection connection;

    private WarehouseSnapshot(Connection connection) {
        this.connection = connection;
    }

    /**
     * How a table differs from its recount.
     *
     * @param missing rows that the recount has and the warehouse has not
     * @param extra rows that the warehouse has and the recount has not
     * @param changed rows that both have, with other values
     * @param otherDefinitions rows of definitions that the playbook does not have, not compared
     * @param first the first of them, each by its key and, where both have it, the columns that differ
     */
    public record TableDifference(
            String table, long missing, long extra, long changed, long otherDefinitions, List<String> first) {
        public boolean same() {
            return missing + extra + changed == 0;
        }
    }

    /** Stands at this moment until it is closed. */
    public static WarehouseSnapshot open(Warehouse warehouse) throws SQLException {
        Connection connection = warehouse.connect();
        try {
            connection.setNetworkTimeout(Runnable::run, 0);
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (Statement statement = connection.createStatement()) {
                // A recount may take minutes, and so may a comparison.
                statement.execute("SET LOCAL statement_timeout = 0");
                statement.execute("SET LOCAL idle_in_transaction_session_timeout = 0");
                statement.execute("SELECT 1 FROM weir.ledger LIMIT 1");
            }
            return new WarehouseSnapshot(connection);
        } catch (SQLException failure) {
            connection.close();
            throw failure;
        }
    }

    /** How far each job had come in each partition. */
    public Map<Part, NavigableMap<Long, Account>> accounts(Settings settings) throws SQLException {
        return Reconciliation.accounts(connection, settings);
    }

    /** The latest moment of which any row of these tables speaks; null when none does. */
    public @Nullable Instant asOf(Collection<String> tables) throws SQLException {
        Instant latest = null;
        for (String table : tables) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT max(as_of) FROM weir." + quoted(table))) {
                Timestamp asOf = row.next() ? row.getTimestamp(1) : null;
                if (asOf != null && (latest == null || asOf.toInstant().isAfter(latest))) {
                    latest = asOf.toInstant();
                }
            }
        }
        return latest;
    }

    /**
     * Compares every table, every column but revision, as_of and loaded_at. Retracted alerts are left out: which there ever
     * were depends on the order in which events came.
     *
     * @param backtest the folder of the recounted tables
     * @param definitions those of the playbook
     * @param shown how many differing rows of a table are told
     */
    public List<TableDifference> differences(Path backtest, Set<String> definitions, int shown)
            throws SQLException, IOException {
        List<TableDifference> differences = new ArrayList<>();
        for (Table table : Tables.warehouse().values()) {
            if (!NOT_COMPARED.contains(table.name())) {
                load(table, backtest);
                differences.add(compare(table, definitions, shown));
            }
        }
        return differences;
    }

    private void load(Table table, Path backtest) throws SQLException, IOException {
        Path file = backtest.resolve((table.name().equals("alert") ? "alerts" : table.name()) + ".jsonl");
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS pg_temp.recount");
            statement.execute("CREATE TEMP TABLE recount AS SELECT " + columns(table) + " FROM weir."
                    + quoted(table.name()) + " LIMIT 0");
        }
        try (BufferedReader lines = Files.newBufferedReader(file);
                PreparedStatement insert = connection.prepareStatement("INSERT INTO pg_temp.recount SELECT "
                        + columns(table) + " FROM jsonb_populate_recordset(NULL::weir." + quoted(table.name())
                        + ", ?::jsonb)")) {
            List<String> chunk = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                chunk.add(line);
                if (chunk.size() == CHUNK) {
                    insert(insert, chunk);
                }
            }
            insert(insert, chunk);
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("ANALYZE pg_temp.recount");
        }
    }

    private static void insert(PreparedStatement insert, List<String> chunk) throws SQLException {
        insert.setString(1, "[" + String.join(",", chunk) + "]");
        insert.executeUpdate();
        chunk.clear();
    }

    private TableDifference compare(Table table, Set<String> definitions, int shown) throws SQLException {
        String columns = columns(table);
        String key = table.keys().stream().map(column -> quoted(column.name())).collect(Collectors.joining(", "))
                + ", definition";
        String standing = table.name().equals("alert") ? " AND status <> 'retracted'" : "";
        String known = "(definition = ANY (?) OR definition IN (SELECT definition FROM pg_temp.recount))";
        String sql = "WITH e AS (SELECT " + columns + " FROM pg_temp.recount WHERE true" + standing + "), w AS (SELECT "
                + columns + " FROM weir." + quoted(table.name()) + " WHERE NOT deleted" + standing + " AND " + known
                + "), both_sides AS (SELECT to_jsonb(w) AS w, to_jsonb(e) AS e, w IS NULL AS missing, e IS NULL AS extra"
                + " FROM w FULL JOIN e USING (" + key + ") WHERE w IS DISTINCT FROM e ORDER BY " + key + ")"
                + " SELECT count(*) FILTER (WHERE missing) OVER (), count(*) FILTER (WHERE extra) OVER (),"
                + " count(*) OVER (), missing, extra, (SELECT string_agg(k.name || '=' || coalesce(coalesce(w, e) ->> k.name, ''),"
                + " ' ' ORDER BY k.place) FROM unnest(?::text[]) WITH ORDINALITY AS k (name, place)),"
                + " (SELECT string_agg(c.key || ' ' || c.value || ', recounted ' || (e -> c.key), '; ') FROM jsonb_each(w) c"
                + " WHERE c.value IS DISTINCT FROM e -> c.key) FROM both_sides LIMIT " + Math.max(1, shown);
        long missing = 0;
        long extra = 0;
        long all = 0;
        List<String> first = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", definitions.toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text", table.keys().stream().map(Column::name).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    missing = row.getLong(1);
                    extra = row.getLong(2);
                    all = row.getLong(3);
                    String how = row.getBoolean(4)
                            ? "missing from the warehouse"
                            : row.getBoolean(5) ? "only in the warehouse" : row.getString(7);
                    first.add(row.getString(6) + ": " + how);
                }
            }
        }
        return new TableDifference(
                table.name(),
                missing,
                extra,
                all - missing - extra,
                others(table, standing, known, definitions),
                first.subList(0, Math.min(shown, first.size())));
    }

    private long others(Table table, String standing, String known, Set<String> definitions) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT count(*) FROM weir."
                + quoted(table.name()) + " WHERE NOT deleted" + standing + " AND NOT " + known)) {
            statement.setArray(1, connection.createArrayOf("text", definitions.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    private static String columns(Table table) {
        return table.columns().stream().map(column -> quoted(column.name())).collect(Collectors.joining(", "))
                + ", definition";
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }

    @Override
    public void close() throws SQLException {
        connection.rollback();
        connection.close();
    }
}
