package dev.weir.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The figures that an alert rests on: its JSON as numbers with their names, and lists as tables. */
final class Evidence {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CHARACTERS = 300;

    private Evidence() {}

    static Html of(String json) {
        JsonNode figures;
        try {
            figures = JSON.readTree(json);
        } catch (JsonProcessingException unreadable) {
            return Html.of("<pre>{}</pre>", Figures.cut(json, CHARACTERS));
        }
        List<Html> single = new ArrayList<>();
        List<Html> lists = new ArrayList<>();
        figures.properties().forEach(entry -> {
            if (entry.getValue().isArray() && entry.getValue().path(0).isObject()) {
                lists.add(table(words(entry.getKey()), entry.getValue()));
            } else {
                single.add(Html.of(
                        "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                        words(entry.getKey()),
                        value(entry.getValue())));
            }
        });
        return Html.of(
                "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Figures\"><table class=\"narrow\"><caption>Figures</caption><tbody>{}</tbody></table></div>{}",
                single,
                lists);
    }

    /** A list of objects as a table; nothing where it is none. */
    static Html list(String caption, String json) {
        try {
            JsonNode list = JSON.readTree(json);
            return list.isArray() && !list.isEmpty() ? table(caption, list) : Html.EMPTY;
        } catch (JsonProcessingException unreadable) {
            return Html.EMPTY;
        }
    }

    private static Html table(String caption, JsonNode list) {
        Set<String> names = new LinkedHashSet<>();
        list.forEach(item -> item.fieldNames().forEachRemaining(names::add));
        List<List<Object>> rows = new ArrayList<>();
        for (JsonNode item : list) {
            rows.add(names.stream().<Object>map(name -> value(item.path(name))).toList());
        }
        return Pieces.table(
                caption,
                names.stream().map(name -> Pieces.Column.text(words(name))).toList(),
                rows);
    }

    private static String words(String name) {
        return Figures.cut(name.replace('_', ' '), 60);
    }

    private static Html value(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return Html.of("{}", Figures.NONE);
        } else if (value.isIntegralNumber() || (value.isDouble() && value.asDouble() == Math.rint(value.asDouble()))) {
            return Html.of("{}", Figures.count(value.asDouble()));
        } else if (value.isNumber()) {
            return Html.of("{}", Figures.decimal(value.asDouble(), Math.abs(value.asDouble()) < 1 ? 4 : 2));
        } else if (!value.isTextual()) {
            return Html.of("{}", Figures.cut(value.toString(), CHARACTERS));
        }
        try {
            return Pieces.time(Instant.parse(value.asText()));
        } catch (DateTimeException noTime) {
            return Html.of("{}", Figures.cut(value.asText(), CHARACTERS));
        }
    }
}
