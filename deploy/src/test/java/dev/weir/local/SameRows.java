package dev.weir.local;

import dev.weir.io.Tables;
import dev.weir.machine.Column;
import dev.weir.machine.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares the warehouse with what a backtest wrote, column by column, in the database itself. */
final class SameRows {
    /** Not facts about the business: what was read where. */
    private static final Set<String> NOT_COMPARED = Set.of("ledger", "dead_letter");

    /** Shown per table; the count says how many there are. */
    private static final int SHOWN = 3;

    private SameRows() {}

    /**
     * What one side has and the other has not.
     *
     * @param backtest the folder of the backtest's tables
     * @return a line for each table that differs; empty when all are the same
     */
    static List<String> differences(Connection warehouse, Path backtest) throws SQLException, IOException {
        List<String> differences = new ArrayList<>();
        for (Table table : Tables.warehouse().values()) {
            if (!NOT_COMPARED.contains(table.name())) {
                compare(warehouse, table, backtest, differences);
            }
        }
        return differences;
    }

    private static void compare(Connection warehouse, Table table, Path backtest, List<String> differences)
            throws SQLException, IOException {
        String file = table.name().equals("alert") ? "alerts" : table.name();
        String rows = "[" + String.join(",", Files.readAllLines(backtest.resolve(file + ".jsonl"))) + "]";
        String columns = table.columns().stream().map(Column::name).collect(Collectors.joining(", ")) + ", definition";
        // The history of retracted alerts depends on the order of events; what stands does not.
        String standing = table.name().equals("alert") ? " AND status <> 'retracted'" : "";
        String expected = "SELECT " + columns + " FROM jsonb_populate_recordset(NULL::weir." + table.name()
                + ", ?::jsonb) WHERE true" + standing;
        String found = "SELECT " + columns + " FROM weir." + table.name() + " WHERE NOT deleted" + standing;
        collect(warehouse, "missing from", table, expected + " EXCEPT " + found, rows, differences);
        collect(warehouse, "too much in", table, found + " EXCEPT " + expected, rows, differences);
    }

    private static void collect(
            Connection warehouse, String what, Table table, String query, String rows, List<String> differences)
            throws SQLException {
        try (PreparedStatement statement = warehouse.prepareStatement("SELECT d::text FROM (" + query + ") AS d")) {
            statement.setString(1, rows);
            List<String> found = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    found.add(result.getString(1));
                }
            }
            if (!found.isEmpty()) {
                differences.add(found.size() + " rows " + what + " " + table.name() + ": "
                        + found.subList(0, Math.min(SHOWN, found.size())));
            }
        }
    }
}
