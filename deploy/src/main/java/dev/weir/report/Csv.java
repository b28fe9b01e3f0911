package dev.weir.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.console.Figures;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rows as CSV (RFC 4180) that no spreadsheet takes for more than text and numbers.
 *
 * <p>Text that begins as a formula does is led by an apostrophe, which spreadsheets show as nothing and programs can take off;
 * numbers are left as they are, the negative too. What is not to be seen but moves what is (escapes of terminals, overrides of
 * the direction of writing) is written out. A cell holds at most {@value #CHARACTERS} characters.
 */
final class Csv {
    private static final int CHARACTERS = 5_000;
    /** Also as they look in full width, which spreadsheets take for the same. */
    private static final String FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20\t\r\n";

    private Csv() {}

    static String of(Rows rows) {
        Set<String> columns = new LinkedHashSet<>(rows.keys());
        rows.rows().forEach(row -> row.fieldNames().forEachRemaining(columns::add));
        StringBuilder text = new StringBuilder(line(columns.stream().map(Csv::cell)));
        for (JsonNode row : rows.rows()) {
            text.append(line(columns.stream()
                    .map(column ->
                            row.path(column).isNumber() ? row.path(column).asText() : cell(Rows.text(row, column)))));
        }
        return text.toString();
    }

    private static String line(Stream<String> cells) {
        return cells.collect(Collectors.joining(",", "", "\r\n"));
    }

    /** Text in quotes, harmless. */
    static String cell(String text) {
        if (text.isEmpty()) {
            return "";
        }
        StringBuilder safe = new StringBuilder("\"");
        String bare = text.stripLeading();
        if (FORMULA.indexOf(text.charAt(0)) >= 0 || (!bare.isEmpty() && FORMULA.indexOf(bare.charAt(0)) >= 0)) {
            safe.append('\'');
        }
        Figures.cut(text, CHARACTERS).codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.PRIVATE_USE,
                        Character.UNASSIGNED,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> safe.append(String.format(Locale.ROOT, "\\u{%x}", c));
                default -> safe.append(c == '"' ? "\"\"" : Character.toString(c));
            }
        });
        return safe.append('"').toString();
    }
}
