package dev.weir.recount;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Cell by cell: what a table holds against what it must. */
public final class Differences {
    /** Said per table; a number says how many there are. */
    private static final int SHOWN = 3;

    private Differences() {}

    /**
     * A line for each difference, at most a few a table, each naming table, key and column.
     *
     * @param tables those that are compared
     * @param found the rows of a table by its name, deleted ones left out, each as the texts of its columns
     */
    public static List<String> between(
            Recount recount, List<String> tables, Map<String, ? extends List<Map<String, @Nullable String>>> found) {
        List<String> differences = new ArrayList<>();
        for (String table : tables) {
            List<Map<String, @Nullable String>> rows = found.get(table);
            List<String> of = of(table, recount.rows(table), rows == null ? List.of() : rows);
            differences.addAll(of.subList(0, Math.min(SHOWN, of.size())));
            if (of.size() > SHOWN) {
                differences.add(table + ": and " + (of.size() - SHOWN) + " more");
            }
        }
        return differences;
    }

    private static List<String> of(String table, List<Cells> must, List<Map<String, @Nullable String>> is) {
        List<String> keys = Recount.TABLES.getOrDefault(table, List.of());
        Map<String, Cells> wanted = new TreeMap<>();
        List<String> differences = new ArrayList<>();
        for (Cells row : must) {
            if (wanted.put(key(keys, row), row) != null) {
                differences.add(table + ": the recount itself has " + key(keys, row) + " twice");
            }
        }
        Map<String, Map<String, @Nullable String>> left = new HashMap<>();
        for (Map<String, @Nullable String> row : is) {
            if (left.put(key(keys, row), row) != null) {
                differences.add(table + ": " + key(keys, row) + " is there twice");
            }
        }
        wanted.forEach((key, row) -> {
            Map<String, @Nullable String> there = left.remove(key);
            if (there == null) {
                differences.add(table + ": missing " + row);
            } else {
                cells(table, key, row, there, differences);
            }
        });
        left.values().forEach(row -> differences.add(table + ": too much " + row));
        return differences;
    }

    private static void cells(
            String table, String key, Cells must, Map<String, @Nullable String> is, List<String> differences) {
        must.values().forEach((column, value) -> {
            if (!is.containsKey(column)) {
                differences.add(table + ": no column " + column);
            } else if (!Cells.holds(value, is.get(column))) {
                differences.add(table + " " + key + ": " + column + " is " + is.get(column) + ", must be " + value);
            }
        });
    }

    private static String key(List<String> keys, Cells row) {
        List<String> parts = new ArrayList<>();
        keys.forEach(column -> parts.add(Cells.keyText(row.values().get(column))));
        return parts.toString();
    }

    private static String key(List<String> keys, Map<String, @Nullable String> row) {
        List<String> parts = new ArrayList<>();
        keys.forEach(column -> parts.add(Cells.keyText(column, row.get(column))));
        return parts.toString();
    }
}
