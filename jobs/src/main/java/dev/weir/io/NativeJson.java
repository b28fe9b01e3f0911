package dev.weir.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Native JSON: one event a line, as people and small programs write it.
 *
 * <p>Reading is total: any text gives an event or a reason. Nothing is guessed: a number where a text belongs, a time
 * without a zone, a name that stands twice are refused, because each reader would guess differently.
 */
public final class NativeJson {
    private static final int DEPTH_LIMIT = 32;
    private static final int NUMBER_LIMIT = 64;

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(EventRules.EVENT_LIMIT)
                    .maxNestingDepth(DEPTH_LIMIT)
                    .maxStringLength(EventRules.TEXT_LIMIT)
                    .maxNumberLength(NUMBER_LIMIT)
                    .maxNameLength(EventRules.NAME_LIMIT)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private NativeJson() {}

    /**
     * What a line was: exactly one of both is there.
     *
     * @param event an Engagement, DealChange, Feedback, EntityChange or DeskEntry
     * @param reason names the field and the mend, never the content
     */
    public record Parsed(@Nullable Object event, @Nullable String reason) {}

    /** A number, an array or an object as it was written. */
    private record Literal(String text, JsonToken token) {}

    /** Says why a line is no event. */
    private static final class Fault extends Exception {
        private static final long serialVersionUID = 1;

        Fault(String reason) {
            super(reason, null, false, false);
        }

        String reason() {
            return String.valueOf(getMessage());
        }
    }

    /** One line; never throws. */
    public static Parsed read(String line) {
        if (line.length() > EventRules.EVENT_LIMIT / 3
                && line.getBytes(StandardCharsets.UTF_8).length > EventRules.EVENT_LIMIT) {
            return refused(
                    "the line is longer than " + EventRules.EVENT_LIMIT + " bytes: split it or shorten its texts");
        }
        // Some editors begin a file with a byte order mark.
        String text = line.startsWith("\uFEFF") ? line.substring(1) : line;
        try (JsonParser parser = JSON.createParser(text)) {
            return new Parsed(event(parser), null);
        } catch (Fault e) {
            return refused(e.reason());
        } catch (JsonProcessingException e) {
            long column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
            return refused("not JSON at column " + column + ": " + firstLine(e.getOriginalMessage()));
        } catch (IOException | RuntimeException e) {
            return refused("not readable: " + e.getClass().getSimpleName());
        }
    }

    /** The event as one line, without its empty fields, its properties sorted. */
    public static String write(Object event) {
        EventShape shape = EventShape.of(event);
        if (shape == null) {
            throw new IllegalArgumentException("no event: " + event.getClass());
        }
        StringWriter line = new StringWriter();
        @Nullable Object[] slots = shape.take().from(event);
        try (JsonGenerator to = JSON.createGenerator(line)) {
            to.writeStartObject();
            to.writeStringField("type", shape.type());
            for (int i = 0; i < slots.length; i++) {
                write(to, shape.slots().get(i), slots[i]);
            }
            to.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.toString();
    }

    private static void write(JsonGenerator to, EventShape.Slot slot, @Nullable Object value) throws IOException {
        if (value == null) {
            return;
        }
        switch (slot.kind()) {
            case TEXT, TIME -> to.writeStringField(slot.name(), value.toString());
            case MONEY -> to.writeStringField(slot.name(), ((BigDecimal) value).toPlainString());
            case SCORE -> {
                double score = (Double) value;
                to.writeFieldName(slot.name());
                if (score == (long) score) {
                    to.writeNumber((long) score);
                } else {
                    to.writeNumber(score);
                }
            }
            case TEXTS -> {
                List<?> texts = (List<?>) value;
                // An empty list of persons says that there are none; an empty list of cleared fields says nothing.
                if (!texts.isEmpty() || !slot.name().equals("cleared")) {
                    to.writeArrayFieldStart(slot.name());
                    for (Object text : texts) {
                        to.writeString((String) text);
                    }
                    to.writeEndArray();
                }
            }
            case MAP -> {
                Map<?, ?> properties = (Map<?, ?>) value;
                if (!properties.isEmpty()) {
                    to.writeObjectFieldStart(slot.name());
                    for (Map.Entry<?, ?> property : new TreeMap<>(properties).entrySet()) {
                        to.writeStringField((String) property.getKey(), (String) property.getValue());
                    }
                    to.writeEndObject();
                }
            }
        }
    }

    private static Object event(JsonParser parser) throws IOException, Fault {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw new Fault("the line is empty: write one event a line");
        }
        if (first != JsonToken.START_OBJECT) {
            throw new Fault("the line is no object: write one event a line, between { and }");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        Map<String, String> properties = new TreeMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals("properties")) {
                properties(parser, token, properties);
            } else if (token != JsonToken.VALUE_NULL) {
                fields.put(name, value(parser, token));
            }
        }
        if (parser.nextToken() != null) {
            throw new Fault("something follows the event: write one event a line");
        }
        return event(fields, properties);
    }

    private static Object event(Map<String, Object> fields, Map<String, String> properties) throws Fault {
        Object type = fields.remove("type");
        EventShape shape = type instanceof String name ? EventShape.BY_TYPE.get(name) : null;
        if (shape == null) {
            throw new Fault((type == null ? "type is missing" : "type is unknown") + ": use one of "
                    + EventShape.BY_TYPE.keySet());
        }
        @Nullable Object[] slots = new @Nullable Object[shape.slots().size()];
        int named = shape.isOpen() ? slots.length - 1 : slots.length;
        for (int i = 0; i < named; i++) {
            Object value = fields.remove(shape.slots().get(i).name());
            slots[i] = value == null ? null : slot(shape.slots().get(i), value);
        }
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            if (properties.put(field.getKey(), text(field.getValue())) != null) {
                throw new Fault("a field of no known name stands also in properties: give it once");
            }
        }
        if (shape.isOpen()) {
            slots[named] = properties;
        } else if (!properties.isEmpty()) {
            throw new Fault("a field has a name that no " + shape.type() + " entry has: use "
                    + shape.slots().stream().map(EventShape.Slot::name).toList());
        }
        String fault = EventRules.fault(shape, slots);
        if (fault == null) {
            Object event = shape.make().of(slots);
            fault = EventRules.fault(event);
            if (fault == null) {
                return event;
            }
        }
        throw new Fault(fault);
    }

    private static @Nullable Object slot(EventShape.Slot slot, Object value) throws Fault {
        return switch (slot.kind()) {
            case TEXT -> quoted(slot.name(), value);
            case TIME -> time(slot.name(), quoted(slot.name(), value));
            case MONEY -> money(slot.name(), value);
            case SCORE -> score(slot.name(), value);
            case TEXTS -> texts(slot.name(), value);
            case MAP -> throw new Fault(slot.name() + " is no field");
        };
    }

    /** A text; the empty one says as little as null. */
    private static @Nullable String quoted(String name, Object value) throws Fault {
        if (value instanceof String text) {
            return text.isEmpty() ? null : text;
        }
        throw new Fault(name + " is not a text: write it in quotes");
    }

    private static @Nullable Instant time(String name, @Nullable String text) throws Fault {
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS);
        } catch (DateTimeException e) {
            throw new Fault(
                    name + " is no time with a zone: write it as \"2026-01-02T03:04:05Z\" or with +01:00 at its end");
        }
    }

    private static @Nullable BigDecimal money(String name, Object value) throws Fault {
        String text = value instanceof Literal literal && isNumber(literal) ? literal.text() : quoted(name, value);
        if (text == null) {
            return null;
        }
        try {
            BigDecimal amount = text.length() > NUMBER_LIMIT ? null : EventRules.money(new BigDecimal(text));
            if (amount != null) {
                return amount;
            }
        } catch (NumberFormatException e) {
            throw new Fault(name + " is no decimal number: write it as \"1200.00\", without separators and currency");
        }
        throw new Fault(name + " has too many digits: at most " + EventRules.MONEY_DIGITS + " before the point");
    }

    private static Double score(String name, Object value) throws Fault {
        if (value instanceof Literal literal && isNumber(literal)) {
            return Double.valueOf(literal.text());
        }
        throw new Fault(name + " is not a number: write it without quotes");
    }

    private static List<String> texts(String name, Object value) throws Fault {
        if (!(value instanceof Literal literal) || literal.token() != JsonToken.START_ARRAY) {
            throw new Fault(name + " is not a list: write [\"a\", \"b\"]");
        }
        List<String> texts = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(literal.text())) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.VALUE_STRING) {
                    throw new Fault(name + " has something that is not a text: write each in quotes");
                }
                texts.add(parser.getText());
            }
        } catch (IOException e) {
            throw new Fault(name + " is not a list: write [\"a\", \"b\"]");
        }
        return texts;
    }

    private static void properties(JsonParser parser, JsonToken token, Map<String, String> to)
            throws IOException, Fault {
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token != JsonToken.START_OBJECT) {
            throw new Fault("properties is no object: write {\"name\": \"value\"}");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value != JsonToken.VALUE_NULL) {
                to.put(name, text(value(parser, value)));
            }
        }
    }

    private static Object value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> parser.getText();
            case START_ARRAY, START_OBJECT -> {
                StringWriter copy = new StringWriter();
                try (JsonGenerator to = JSON.createGenerator(copy)) {
                    copy(parser, to);
                }
                yield new Literal(copy.toString(), token);
            }
            default -> new Literal(parser.getText(), token);
        };
    }

    /** The structure under the parser, its numbers as they were written. */
    private static void copy(JsonParser parser, JsonGenerator to) throws IOException {
        int depth = 0;
        do {
            JsonToken token = parser.currentToken();
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            to.copyCurrentEventExact(parser);
        } while (depth > 0 && parser.nextToken() != null);
    }

    private static String text(Object value) {
        return value instanceof Literal literal ? literal.text() : (String) value;
    }

    private static boolean isNumber(Literal literal) {
        return literal.token() == JsonToken.VALUE_NUMBER_INT || literal.token() == JsonToken.VALUE_NUMBER_FLOAT;
    }

    private static Parsed refused(String reason) {
        return new Parsed(null, reason);
    }

    /** What the parser says, cut before it begins to quote the line. */
    private static String firstLine(@Nullable String message) {
        String text = message == null ? "" : message.lines().findFirst().orElse("");
        return text.length() > 160 ? text.substring(0, 160) : text;
    }
}
