package dev.weir.console;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A piece of HTML that is safe to send.
 *
 * <p>It comes from templates that are constants of the program (the compiler holds that) and values put into their places
 * {@code {}}; a value is escaped unless it is such a piece itself. So what came from outside is never markup, neither between
 * tags nor within the quotes of an attribute. Where a value is an address, it must begin with a constant that says so, as in
 * {@code href="/alerts?{}"}.
 *
 * @param text the markup
 */
public record Html(String text) {
    public static final Html EMPTY = new Html("");

    private static final String PLACE = "{}";

    /**
     * A template with its places filled, in their order.
     *
     * @param values text, numbers; pieces or lists of pieces stand as they are; null leaves its place empty
     * @throws IllegalArgumentException when there are more places than values, or fewer
     */
    public static Html of(@CompileTimeConstant String template, @Nullable Object... values) {
        StringBuilder text = new StringBuilder(template.length() + 16 * values.length);
        int from = 0;
        for (Object value : values) {
            int place = template.indexOf(PLACE, from);
            if (place < 0) {
                throw new IllegalArgumentException("too few places in " + template);
            }
            text.append(template, from, place);
            put(value, text);
            from = place + PLACE.length();
        }
        if (template.indexOf(PLACE, from) >= 0) {
            throw new IllegalArgumentException("too few values for " + template);
        }
        return new Html(text.append(template, from, template.length()).toString());
    }

    private static void put(@Nullable Object value, StringBuilder text) {
        if (value instanceof Html html) {
            text.append(html.text);
        } else if (value instanceof List<?> list) {
            list.forEach(one -> put(one, text));
        } else if (value != null) {
            escape(value.toString(), text);
        }
    }

    /** Pieces after each other. */
    public static Html join(Html... pieces) {
        return List.of(pieces).stream().collect(joined());
    }

    /** Collects pieces after each other. */
    public static Collector<Html, ?, Html> joined() {
        return Collectors.collectingAndThen(Collectors.mapping(Html::text, Collectors.joining()), Html::new);
    }

    public boolean isEmpty() {
        return text.isEmpty();
    }

    /**
     * Text as it may stand between tags and within quotes. What is not to be seen but moves what is (controls, overrides of
     * the direction of writing) is written out.
     */
    private static void escape(String value, StringBuilder text) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> {
                    if (moves(c)) {
                        text.append(String.format(Locale.ROOT, "\\u{%x}", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
    }

    private static boolean moves(char c) {
        return (Character.isISOControl(c) && c != '\n' && c != '\t')
                || (c >= '\u202a' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069')
                || c == '\u2028'
                || c == '\u2029'
                || c == '\u200e'
                || c == '\u200f';
    }

    @Override
    public String toString() {
        return text;
    }
}
