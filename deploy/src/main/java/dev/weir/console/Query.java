package dev.weir.console;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a page was asked to show: the names and values of its address, or the fields of a form.
 *
 * @param values without the empty ones
 */
public record Query(Map<String, String> values) {
    /** Names in one query, at most; the rest is dropped. */
    private static final int NAMES = 30;
    /** Characters of a value, at most; the rest is dropped. */
    private static final int CHARACTERS = 1_000;

    public Query {
        values = new TreeMap<>(values);
    }

    /** Reads {@code a=1&b=2}; what is not well formed is left out. */
    public static Query parse(@Nullable String text) {
        Map<String, String> values = new TreeMap<>();
        if (text != null) {
            for (String pair : text.split("&", NAMES + 1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && values.size() < NAMES) {
                    put(pair.substring(0, equals), pair.substring(equals + 1), values);
                }
            }
        }
        return new Query(values);
    }

    private static void put(String name, String value, Map<String, String> values) {
        try {
            String decoded = URLDecoder.decode(value, StandardCharsets.UTF_8).replace("\u0000", "");
            if (!decoded.isEmpty()) {
                values.put(
                        URLDecoder.decode(name, StandardCharsets.UTF_8),
                        decoded.substring(0, Math.min(CHARACTERS, decoded.length())));
            }
        } catch (IllegalArgumentException malformed) {
            // a hand-made address: the page shows what it shows without it
        }
    }

    /** The value, empty where there is none. */
    public String get(String name) {
        return get(name, "");
    }

    public String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** The same with another value; without it where that is empty. */
    public Query with(String name, @Nullable String value) {
        Map<String, String> changed = new TreeMap<>(values);
        if (value == null || value.isEmpty()) {
            changed.remove(name);
        } else {
            changed.put(name, value);
        }
        return new Query(changed);
    }

    /** As it stands in an address after the question mark. */
    public String text() {
        return values.entrySet().stream()
                .map(one -> encode(one.getKey()) + "=" + encode(one.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
