package dev.weir.machine;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON objects as texts and back, for evidence and breakdowns.
 *
 * <p>The same map always gives the same text: members stand in the map's own order, so pass an ordered one. Numbers are
 * finite (NaN and infinities become null, as JSON has none), NUL is left out (PostgreSQL has none), and all other text
 * comes back as it was.
 */
public final class Json {
    /** Deepest nesting that is read. */
    private static final int DEPTH = 32;

    private Json() {}

    /** An object of nulls, texts, numbers, booleans, collections and maps; anything else by its toString. */
    public static String object(Map<String, ? extends @Nullable Object> members) {
        StringBuilder text = new StringBuilder();
        write(members, text);
        return text.toString();
    }

    /** An array of the same. */
    public static String array(Collection<? extends @Nullable Object> elements) {
        StringBuilder text = new StringBuilder();
        write(elements, text);
        return text.toString();
    }

    private static void write(@Nullable Object value, StringBuilder text) {
        if (value == null) {
            text.append("null");
        } else if (value instanceof Map<?, ?> members) {
            char before = '{';
            for (Map.Entry<?, ?> member : members.entrySet()) {
                text.append(before);
                quote(String.valueOf(member.getKey()), text);
                text.append(':');
                write(member.getValue(), text);
                before = ',';
            }
            text.append(members.isEmpty() ? "{}" : "}");
        } else if (value instanceof Collection<?> elements) {
            char before = '[';
            for (Object element : elements) {
                text.append(before);
                write(element, text);
                before = ',';
            }
            text.append(elements.isEmpty() ? "[]" : "]");
        } else if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            text.append(Double.isFinite(number) ? value.toString() : "null");
        } else if (value instanceof Number || value instanceof Boolean) {
            text.append(value);
        } else {
            quote(value.toString(), text);
        }
    }

    private static void quote(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case 0 -> {}
                default -> {
                    if (c < 0x20 || loneSurrogate(value, i)) {
                        text.append(
                                loneSurrogate(value, i) ? "\\ufffd" : String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean loneSurrogate(String value, int i) {
        char c = value.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == value.length() || !Character.isLowSurrogate(value.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(value.charAt(i - 1)));
    }

    /**
     * The members of an object: texts, {@link BigDecimal}s, booleans, nulls, lists and maps.
     *
     * @return an empty map for whatever is not a JSON object
     */
    public static Map<String, @Nullable Object> read(String text) {
        try {
            Reader reader = new Reader(text);
            Object value = reader.value(0);
            reader.space();
            if (reader.at == text.length() && value instanceof Map<?, ?> members) {
                Map<String, @Nullable Object> read = new LinkedHashMap<>();
                members.forEach((name, member) -> read.put((String) name, member));
                return read;
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // Not JSON: there is no evidence to read.
        }
        return new LinkedHashMap<>();
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        @Nullable Object value(int depth) {
            if (depth > DEPTH) {
                throw new IllegalArgumentException("too deep");
            }
            space();
            switch (text.charAt(at)) {
                case '{' -> {
                    return members(depth);
                }
                case '[' -> {
                    return elements(depth);
                }
                case '"' -> {
                    return quoted();
                }
                default -> {
                    int from = at;
                    while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                        at++;
                    }
                    String word = text.substring(from, at);
                    return switch (word) {
                        case "null" -> null;
                        case "true" -> true;
                        case "false" -> false;
                        default -> new BigDecimal(word);
                    };
                }
            }
        }

        private Map<String, @Nullable Object> members(int depth) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            at++;
            space();
            if (text.charAt(at) == '}') {
                at++;
                return members;
            }
            do {
                space();
                String name = quoted();
                space();
                expect(':');
                members.put(name, value(depth + 1));
                space();
            } while (text.charAt(at++) == ',');
            at--;
            expect('}');
            return members;
        }

        private List<@Nullable Object> elements(int depth) {
            List<@Nullable Object> elements = new ArrayList<>();
            at++;
            space();
            if (text.charAt(at) == ']') {
                at++;
                return elements;
            }
            do {
                elements.add(value(depth + 1));
                space();
            } while (text.charAt(at++) == ',');
            at--;
            expect(']');
            return elements;
        }

        private String quoted() {
            expect('"');
            StringBuilder value = new StringBuilder();
            for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
                value.append(c == '\\' ? escaped() : c);
            }
            return value.toString();
        }

        private char escaped() {
            char c = text.charAt(at++);
            return switch (c) {
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> {
                    at += 4;
                    yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
                }
                default -> c;
            };
        }

        private void expect(char c) {
            if (text.charAt(at++) != c) {
                throw new IllegalArgumentException("expected " + c);
            }
        }
    }
}
