package dev.weir.machine;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One row of a {@link Table}: the only shape in which anything leaves a machine or a tally for the outside.
 *
 * <p>Values stand in the order of the table's columns, each as the canonical text of its type (see {@link Column.Type}),
 * null for SQL NULL. Two rows of one key never live at once: a later one replaces the earlier, and a row that a recount no
 * longer has is sent once more with {@code deleted}.
 *
 * @param table name of the table
 * @param values one per column of the table
 * @param definition hash of the funnel or pipeline behind the row, or the empty string
 * @param deleted true when a recount no longer has this row
 * @param asOfMillis the watermark when the row was computed; not part of what the row says
 */
public record Row(String table, @Nullable String[] values, String definition, boolean deleted, long asOfMillis) {

    /**
     * A row of a table.
     *
     * @throws IllegalArgumentException when there are more or fewer values than columns
     */
    public static Row of(Table table, String definition, long asOfMillis, @Nullable String... values) {
        if (values.length != table.width()) {
            throw new IllegalArgumentException(
                    table.name() + " has " + table.width() + " columns, not " + values.length);
        }
        return new Row(table.name(), values, definition, false, asOfMillis);
    }

    /** The row's identity across all tables: table, definition and key values, joined so that no two keys collide. */
    public String key(Table description) {
        String[] parts = new String[description.keys().size() + 2];
        parts[0] = table;
        parts[1] = definition;
        for (int i = 2; i < parts.length; i++) {
            parts[i] = Objects.requireNonNullElse(values[i - 2], "");
        }
        return Keys.join(parts);
    }

    /** Whether both rows say the same: everything but {@code asOfMillis}. */
    public boolean saysTheSameAs(Row other) {
        return deleted == other.deleted
                && table.equals(other.table)
                && definition.equals(other.definition)
                && Arrays.equals(values, other.values);
    }

    public Row asDeleted(long asOf) {
        return new Row(table, values, definition, true, asOf);
    }

    public Row at(long asOf) {
        return asOf == asOfMillis ? this : new Row(table, values, definition, deleted, asOf);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Row row && saysTheSameAs(row) && asOfMillis == row.asOfMillis;
    }

    @Override
    public int hashCode() {
        return Objects.hash(table, definition, deleted, Arrays.hashCode(values));
    }

    @Override
    public String toString() {
        return (deleted ? "deleted " : "") + table + Arrays.toString(values);
    }
}
