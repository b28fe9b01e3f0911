package dev.weir.machine;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The description of one kind of row: its name, its natural key, its other columns. The key columns come first.
 *
 * <p>The house columns {@code definition, deleted, as_of, revision, loaded_at} belong to every table and are not listed.
 * A test holds these descriptions against the migrations.
 *
 * @param name snake_case, as in the warehouse
 * @param keys the natural key, without {@code definition}
 * @param measures the other columns
 */
public record Table(String name, List<Column> keys, List<Column> measures) implements Serializable {

    public Table {
        keys = List.copyOf(keys);
        measures = List.copyOf(measures);
    }

    /** All columns, the key's first, in the order of {@link Row#values()}. */
    public List<Column> columns() {
        List<Column> all = new ArrayList<>(keys);
        all.addAll(measures);
        return all;
    }

    /** How many columns there are. */
    public int width() {
        return keys.size() + measures.size();
    }

    /** Where a column stands in {@link Row#values()}. */
    public int index(String column) {
        List<Column> all = columns();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalArgumentException("table " + name + " has no column " + column);
    }

    public static Builder named(String name) {
        return new Builder(name);
    }

    /** Collects columns in order. */
    public static final class Builder {
        private final String name;
        private final List<Column> keys = new ArrayList<>();
        private final List<Column> measures = new ArrayList<>();

        private Builder(String name) {
            this.name = name;
        }

        public Builder key(Column.Type type, String... names) {
            for (String column : names) {
                keys.add(new Column(column, type));
            }
            return this;
        }

        public Builder with(Column.Type type, String... names) {
            for (String column : names) {
                measures.add(new Column(column, type));
            }
            return this;
        }

        public Table build() {
            return new Table(name, keys, measures);
        }
    }
}
