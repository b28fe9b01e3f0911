package dev.weir.machine;

import java.util.ArrayList;
import java.util.List;

/** Several texts as one key and back, so that no two lists of texts share a key. */
public final class Keys {
    /** Stands between two parts, and within a part only behind an escape. */
    public static final char SEPARATOR = '\u001f';

    private static final String BETWEEN = String.valueOf(SEPARATOR);
    private static final char ESCAPE = '\u001b';

    private Keys() {}

    public static String join(String... parts) {
        for (String part : parts) {
            if (!isPlain(part)) {
                return escaped(parts);
            }
        }
        return String.join(BETWEEN, parts);
    }

    /** The same of two parts, as most keys of events have, in one go. */
    public static String join(String first, String second) {
        return isPlain(first) && isPlain(second) ? first + SEPARATOR + second : escaped(first, second);
    }

    private static String escaped(String... parts) {
        StringBuilder joined = new StringBuilder();
        for (int p = 0; p < parts.length; p++) {
            if (p > 0) {
                joined.append(SEPARATOR);
            }
            escape(parts[p], joined);
        }
        return joined.toString();
    }

    private static boolean isPlain(String text) {
        return text.indexOf(SEPARATOR) < 0 && text.indexOf(ESCAPE) < 0;
    }

    private static void escape(String part, StringBuilder out) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == SEPARATOR || c == ESCAPE) {
                out.append(ESCAPE);
            }
            out.append(c);
        }
    }

    /** The parts that {@link #join} was given. */
    public static List<String> split(String joined) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < joined.length(); i++) {
            char c = joined.charAt(i);
            if (c == ESCAPE && i + 1 < joined.length()) {
                part.append(joined.charAt(++i));
            } else if (c == SEPARATOR) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }
}
