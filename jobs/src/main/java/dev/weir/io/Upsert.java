package dev.weir.io;

import dev.weir.machine.Column;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The one statement that writes rows of a table: an array of texts per column, cast to the types of the columns.
 *
 * <p>One array per column instead of one parameter per value: the statement is the same for any number of rows.
 */
record Upsert(String sql, int width) {
    private static final Map<Table, Upsert> KNOWN = new ConcurrentHashMap<>();
    private static final long EARLIEST = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
    private static final long LATEST = Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();

    static Upsert of(Table table) {
        return KNOWN.computeIfAbsent(table, Upsert::text);
    }

    /** Writes rows of different keys; older revisions of the same keys give way, newer ones stay. */
    void run(Connection connection, List<Row> rows, long revision) throws SQLException {
        @Nullable String[][] columns = columns(rows);
        List<Array> bound = new ArrayList<>(columns.length);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, revision);
            for (int i = 0; i < columns.length; i++) {
                Array array = connection.createArrayOf("text", columns[i]);
                bound.add(array);
                statement.setArray(i + 2, array);
            }
            statement.executeUpdate();
        } finally {
            for (Array array : bound) {
                array.free();
            }
        }
    }

    private @Nullable String[][] columns(List<Row> rows) {
        @Nullable String[][] columns = new @Nullable String[width + 3][rows.size()];
        for (int r = 0; r < rows.size(); r++) {
            Row row = rows.get(r);
            for (int c = 0; c < width; c++) {
                columns[c][r] = row.values()[c];
            }
            columns[width][r] = row.definition();
            columns[width + 1][r] = Boolean.toString(row.deleted());
            columns[width + 2][r] = asOf(row.asOfMillis());
        }
        return columns;
    }

    /** Null before the first watermark and after the last, where there is no instant to name. */
    private static @Nullable String asOf(long millis) {
        return millis < EARLIEST || millis > LATEST
                ? null
                : Instant.ofEpochMilli(millis).toString();
    }

    private static Upsert text(Table table) {
        List<String> into = new ArrayList<>();
        List<String> select = new ArrayList<>();
        List<String> arrays = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> set = new ArrayList<>();
        List<String> key = new ArrayList<>();
        List<Column> columns = table.columns();
        for (int i = 0; i < columns.size(); i++) {
            String column = quoted(columns.get(i).name());
            into.add(column);
            select.add(cast("c" + i, columns.get(i).type()));
            arrays.add("?::text[]");
            names.add("c" + i);
            if (i < table.keys().size()) {
                key.add(column);
            } else {
                set.add(column + " = excluded." + column);
            }
        }
        for (String house : List.of("deleted", "as_of", "revision", "loaded_at")) {
            set.add(house + " = excluded." + house);
        }
        String sql = "INSERT INTO weir." + quoted(table.name()) + " AS t (" + String.join(", ", into)
                + ", definition, deleted, as_of, revision, loaded_at) SELECT " + String.join(", ", select)
                + ", definition, deleted::boolean, as_of::timestamptz, s.revision, now() FROM (SELECT ?::bigint AS revision) s,"
                + " unnest(" + String.join(", ", arrays) + ", ?::text[], ?::text[], ?::text[]) AS u ("
                + String.join(", ", names) + ", definition, deleted, as_of) ON CONFLICT (" + String.join(", ", key)
                + ", definition) DO UPDATE SET " + String.join(", ", set) + " WHERE excluded.revision > t.revision";
        return new Upsert(sql, columns.size());
    }

    private static String cast(String name, Column.Type type) {
        return switch (type) {
            case TEXT -> name;
            case BIGINT -> name + "::bigint";
            case DOUBLE -> name + "::double precision";
            case MONEY -> name + "::numeric(20, 4)";
            case BOOLEAN -> name + "::boolean";
            case TIMESTAMP -> name + "::timestamptz";
            case DATE -> name + "::date";
            case JSON -> name + "::jsonb";
            case TIMESTAMPS ->
                "CASE WHEN " + name
                        + " IS NOT NULL THEN ARRAY(SELECT e.value::timestamptz FROM jsonb_array_elements_text(" + name
                        + "::jsonb) WITH ORDINALITY AS e (value, place) ORDER BY e.place) END";
            case BYTES -> "decode(" + name + ", 'base64')";
        };
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
