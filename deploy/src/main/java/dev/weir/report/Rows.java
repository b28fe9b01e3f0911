package dev.weir.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a report rests on: what one question to the views gave, in its order.
 *
 * @param name of the question
 * @param keys the columns that tell rows apart
 */
public record Rows(String name, List<String> keys, List<ObjectNode> rows) {
    /** The row's key, for a person. */
    String key(JsonNode row) {
        return keys.stream().map(key -> text(row, key)).collect(Collectors.joining(" / "));
    }

    /** The text, empty where there is none. */
    static String text(JsonNode row, String column) {
        return row.path(column).asText("");
    }

    static @Nullable Double number(JsonNode row, String column) {
        return row.path(column).isNumber() ? row.path(column).asDouble() : null;
    }

    static LocalDate day(JsonNode row, String column) {
        return LocalDate.parse(text(row, column));
    }
}
