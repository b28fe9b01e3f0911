package dev.weir.recount;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The conditions that the recount knows: {@code a.b == 'c'} and {@code !=}, with && and || between, without brackets. */
final class Condition {
    private static final Pattern COMPARISON = Pattern.compile("\\s*([a-z_.]+)\\s*(==|!=)\\s*'([^']*)'\\s*");

    private Condition() {}

    /**
     * Whether a condition holds for fields such as {@code engagement.kind}; for an event of another kind it never does.
     *
     * @throws IllegalArgumentException for any other condition
     */
    static boolean holds(String condition, Map<String, String> fields) {
        for (String all : condition.split("\\|\\|", -1)) {
            boolean every = true;
            for (String one : all.split("&&", -1)) {
                every &= compares(one, fields);
            }
            if (every) {
                return true;
            }
        }
        return false;
    }

    private static boolean compares(String comparison, Map<String, String> fields) {
        Matcher parts = COMPARISON.matcher(comparison);
        if (!parts.matches()) {
            throw new IllegalArgumentException("the recount does not know the condition " + comparison.strip());
        }
        String field = parts.group(1);
        String kind = field.substring(0, field.indexOf('.') + 1);
        return fields.containsKey(kind + "kind")
                && fields.getOrDefault(field, "").equals(parts.group(3))
                        == parts.group(2).equals("==");
    }
}
