package dev.weir.recount;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One row as names and values; a value is what the cell must hold, as exactly as it is known. */
public final class Cells {
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
    private String job = "";

    /** A number that the tables hold from buckets: somewhere between two bounds; infinity above means it may be absent. */
    record Between(double low, double high) {}

    /** A JSON object of texts, or an array of times, whose spacing does not matter. */
    private record Document(List<String> parts) {}

    static Object document(Map<String, String> values) {
        List<String> parts = new ArrayList<>();
        values.forEach((name, value) -> parts.add("\"" + name + "\":\"" + value + "\""));
        Collections.sort(parts);
        return new Document(parts);
    }

    static Object times(@Nullable Long[] millis) {
        List<String> parts = new ArrayList<>();
        for (Long one : millis) {
            parts.add(one == null ? "null" : Instant.ofEpochMilli(one).toString());
        }
        return new Document(parts);
    }

    Cells with(String column, @Nullable Object value) {
        values.put(column, value);
        return this;
    }

    /** The same, which only one of the jobs that may say such rows says. */
    Cells by(String which) {
        job = which;
        return this;
    }

    /** The only job that says it; empty where the table tells. */
    String job() {
        return job;
    }

    /** These cells and those of another. */
    Cells and(Cells other) {
        values.putAll(other.values);
        return this;
    }

    Map<String, @Nullable Object> values() {
        return values;
    }

    /** Whether a cell read from somewhere holds what it must. */
    static boolean holds(@Nullable Object must, @Nullable String is) {
        if (must instanceof Between range) {
            return is == null
                    ? range.high == Double.POSITIVE_INFINITY
                    : Double.parseDouble(is) >= range.low && Double.parseDouble(is) <= range.high;
        }
        if (must == null || is == null) {
            return must == null && is == null;
        }
        if (must instanceof Instant time) {
            return OffsetDateTime.parse(is).toInstant().equals(time);
        } else if (must instanceof Double number) {
            double found = Double.parseDouble(is);
            return Math.abs(found - number) <= 1e-9 * Math.max(1, Math.abs(number));
        } else if (must instanceof Number number) {
            return new BigDecimal(is).compareTo(new BigDecimal(number.toString())) == 0;
        } else if (must instanceof Document document) {
            return document.parts.equals(parts(is));
        }
        return is.equals(must.toString());
    }

    /** What stands between the commas of a document, times in one spelling. */
    private static List<String> parts(String json) {
        List<String> parts = new ArrayList<>();
        String inner = json.strip().substring(1, json.strip().length() - 1);
        for (String part : inner.isEmpty() ? new String[0] : inner.split(",", -1)) {
            String text = part.strip().replace("\": \"", "\":\"");
            boolean time = text.startsWith("\"2") && text.endsWith("\"") && text.contains("T");
            parts.add(
                    time
                            ? OffsetDateTime.parse(text.replace("\"", ""))
                                    .toInstant()
                                    .toString()
                            : text);
        }
        if (json.strip().startsWith("{")) {
            Collections.sort(parts); // a database keeps names in an order of its own
        }
        return parts;
    }

    /** The cell as part of a key: the same text for the same value, from wherever it was read. */
    static String keyText(@Nullable Object must) {
        return must == null ? "" : must.toString();
    }

    /** The same of a cell that was read. */
    static String keyText(String column, @Nullable String is) {
        boolean time = column.endsWith("_start") || column.endsWith("_at") || column.equals("valid_from");
        return is == null ? "" : time ? OffsetDateTime.parse(is).toInstant().toString() : is;
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
