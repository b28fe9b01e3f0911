package dev.weir.machine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the small JSON documents that rows carry: the same value gives the same text. It does not read. */
public final class Json {
    private Json() {}

    /**
     * A JSON object with its fields in the map's order.
     *
     * @param fields values are null, text, finite numbers, booleans, and lists and maps of those; anything else is written
     *     as its text, and a number that is not finite as null
     */
    public static String object(Map<String, ? extends @Nullable Object> fields) {
        StringBuilder json = new StringBuilder();
        write(json, fields);
        return json.toString();
    }

    private static void write(StringBuilder json, @Nullable Object value) {
        if (value == null
                || (value instanceof Double d && !Double.isFinite(d))
                || (value instanceof Float f && !Float.isFinite(f))) {
            json.append("null");
        } else if (value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else if (value instanceof Map<?, ?> map) {
            json.append('{');
            String comma = "";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.append(comma);
                text(json, String.valueOf(entry.getKey()));
                json.append(':');
                write(json, entry.getValue());
                comma = ",";
            }
            json.append('}');
        } else if (value instanceof List<?> list) {
            json.append('[');
            String comma = "";
            for (Object element : list) {
                json.append(comma);
                write(json, element);
                comma = ",";
            }
            json.append(']');
        } else {
            text(json, value.toString());
        }
    }

    private static void text(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ') {
                        json.append("\\u00")
                                .append(Character.forDigit(c >> 4, 16))
                                .append(Character.forDigit(c & 15, 16));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
