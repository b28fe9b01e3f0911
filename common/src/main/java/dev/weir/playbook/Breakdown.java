package dev.weir.playbook;

import java.io.Serializable;
import java.util.List;

/**
 * What rows are split by: the value of one field, or the two values of a pair of fields.
 *
 * <p>A pair is written {@code first & second}, its name and its values alike. An ampersand within one of the two is doubled,
 * so that no two pairs of texts are written the same.
 *
 * @param fields one or two, such as {@code channel} or {@code properties.device}
 */
public record Breakdown(List<String> fields) implements Serializable {
    private static final String AND = " & ";

    public Breakdown {
        fields = List.copyOf(fields);
    }

    public static Breakdown of(String... fields) {
        return new Breakdown(List.of(fields));
    }

    /** The breakdown as rows call it. */
    public String name() {
        return fields.size() == 1 ? fields.get(0) : pair(fields.get(0), fields.get(1));
    }

    /** Two texts as one. */
    public static String pair(String first, String second) {
        return first.replace("&", "&&") + AND + second.replace("&", "&&");
    }
}
