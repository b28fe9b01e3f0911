package dev.weir.console;

import java.math.BigDecimal;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One row of an answer, its values by the names of their columns; a name that was not asked for is an error of the program. */
public final class Line {
    private final Map<String, @Nullable Object> values = new HashMap<>();

    Line(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            values.put(columns.getColumnLabel(i), row.getObject(i));
        }
    }

    private @Nullable Object value(String name) {
        if (!values.containsKey(name)) {
            throw new IllegalArgumentException("no column " + name + " among " + values.keySet());
        }
        return values.get(name);
    }

    /** The text, empty where there is none. */
    public String text(String name) {
        Object value = value(name);
        return value == null ? "" : value.toString();
    }

    /** The number, or null. */
    public @Nullable Double number(String name) {
        return value(name) instanceof Number number ? number.doubleValue() : null;
    }

    /** The count; 0 where there is none. */
    public long count(String name) {
        return value(name) instanceof Number number ? number.longValue() : 0;
    }

    public @Nullable BigDecimal money(String name) {
        return value(name) instanceof BigDecimal amount ? amount : null;
    }

    public @Nullable Instant time(String name) {
        return value(name) instanceof Timestamp time ? time.toInstant() : null;
    }

    public @Nullable LocalDate day(String name) {
        return value(name) instanceof Date day ? day.toLocalDate() : null;
    }

    /** Whether it is true; what is not known is not. */
    public boolean is(String name) {
        return Boolean.TRUE.equals(value(name));
    }
}
