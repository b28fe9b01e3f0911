package dev.weir.io;

import dev.weir.alert.AlertTables;
import dev.weir.alert.Signal;
import dev.weir.avro.Alert;
import dev.weir.avro.DeadLetter;
import dev.weir.avro.Deal;
import dev.weir.avro.DeskEntry;
import dev.weir.avro.Engagement;
import dev.weir.avro.Entity;
import dev.weir.avro.Feedback;
import dev.weir.avro.Metric;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Column;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryEncoder;
import org.jspecify.annotations.Nullable;

/**
 * One record type of the topics: its fields in the order of its schema, read without Avro's reader, which takes any length
 * that a record claims and asks for that much memory.
 */
final class WireSchema {
    /** Every schema that can be read. */
    static final Map<Long, WireSchema> BY_FINGERPRINT = new HashMap<>();

    private static final Map<String, WireSchema> BY_NAME = new HashMap<>();

    static {
        add("engagement", Engagement.getClassSchema(), EventShape.ENGAGEMENT, null);
        add("deal", Deal.getClassSchema(), EventShape.DEAL, null);
        add("feedback", Feedback.getClassSchema(), EventShape.FEEDBACK, null);
        add("entity", Entity.getClassSchema(), EventShape.ENTITY, null);
        add("desk", DeskEntry.getClassSchema(), EventShape.DESK, null);
        add("metric", Metric.getClassSchema(), null, MetricPoint.TABLE);
        add("signal", dev.weir.avro.Signal.getClassSchema(), null, Signal.TABLE);
        add("alert", Alert.getClassSchema(), null, AlertTables.ALERT, 18);
        add("dead_letter", DeadLetter.getClassSchema(), null, DeadLetterTable.DEAD_LETTER);
    }

    /** Why bytes are no record. */
    static final class Fault extends Exception {
        private static final long serialVersionUID = 1;

        final String reason;

        Fault(String reason, String detail) {
            super(detail, null, false, false);
            this.reason = reason;
        }

        String detail() {
            return String.valueOf(getMessage());
        }
    }

    private enum Kind {
        TEXT,
        TIME,
        LONG,
        INT,
        DOUBLE,
        BOOLEAN,
        MONEY,
        BYTES,
        TEXTS,
        MAP
    }

    /** @param isId whether its texts are many, and seldom come again */
    private record Field(String name, Kind kind, boolean nullable, boolean isId) {
        Field(String name, Kind kind, boolean nullable) {
            this(name, kind, nullable, name.endsWith("_id"));
        }
    }

    private final String name;
    private final Schema schema;
    private final long fingerprint;
    private final byte[] header;
    private final Field[] fields;
    private final @Nullable EventShape shape;
    private final @Nullable Table table;
    /** Of a version that others write: where each of its fields stands in ours, -1 for one that we do not know. */
    private final int @Nullable [] places;

    private WireSchema(String name, Schema schema, @Nullable EventShape shape, @Nullable Table table) {
        this.name = name;
        this.schema = schema;
        this.places = null;
        this.shape = shape;
        this.table = table;
        this.fingerprint = SchemaNormalization.parsingFingerprint64(schema);
        this.header = ByteBuffer.allocate(10)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0xC3)
                .put((byte) 1)
                .putLong(fingerprint)
                .array();
        this.fields = fields(schema);
        if (shape != null
                && !shape.slots().stream().map(EventShape.Slot::name).toList().equals(names())) {
            throw new IllegalStateException("schema and native JSON of " + name + " differ in their fields");
        }
    }

    /** @param older how many fields each older version had: fields are added at the end */
    private static void add(
            String name, Schema schema, @Nullable EventShape shape, @Nullable Table table, int... older) {
        WireSchema now = new WireSchema(name, schema, shape, table);
        BY_NAME.put(name, now);
        BY_FINGERPRINT.put(now.fingerprint, now);
        for (int fields : older) {
            Schema before = first(fields, schema);
            WireSchema then = new WireSchema(now, before);
            BY_FINGERPRINT.put(then.fingerprint, then);
        }
    }

    private static Schema first(int count, Schema schema) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : schema.getFields().subList(0, count)) {
            fields.add(new Schema.Field(field, field.schema()));
        }
        return Schema.createRecord(schema.getName(), null, schema.getNamespace(), false, fields);
    }

    /** Another version of one of ours. */
    private WireSchema(WireSchema own, Schema written) {
        this.name = own.name;
        this.schema = written;
        this.fingerprint = SchemaNormalization.parsingFingerprint64(written);
        this.shape = own.shape;
        this.table = own.table;
        this.header = own.header;
        this.fields = fields(written);
        this.places = Arrays.stream(fields)
                .mapToInt(field -> own.names().indexOf(field.name()))
                .toArray();
    }

    /** The record that a schema describes, whichever version of ours it is; null when it is none that can be read as ours. */
    static @Nullable WireSchema written(Schema written) {
        WireSchema same = BY_FINGERPRINT.get(SchemaNormalization.parsingFingerprint64(written));
        if (same != null) {
            return same;
        }
        for (WireSchema own : BY_NAME.values()) {
            if (own.schema.getFullName().equals(written.getFullName())
                    && SchemaCompatibility.checkReaderWriterCompatibility(own.schema, written)
                                    .getType()
                            == SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE) {
                try {
                    return new WireSchema(own, written);
                } catch (IllegalStateException anotherType) {
                    return null;
                }
            }
        }
        return null;
    }

    private List<String> names() {
        return Arrays.stream(fields).map(Field::name).toList();
    }

    private static Field[] fields(Schema schema) {
        List<Field> fields = new ArrayList<>();
        for (Schema.Field field : schema.getFields()) {
            boolean nullable = field.schema().isUnion();
            fields.add(new Field(
                    field.name(), kind(nullable ? field.schema().getTypes().get(1) : field.schema()), nullable));
        }
        return fields.toArray(new Field[0]);
    }

    private static Kind kind(Schema schema) {
        return switch (schema.getType()) {
            case STRING -> Kind.TEXT;
            case LONG -> schema.getLogicalType() == null ? Kind.LONG : Kind.TIME;
            case INT -> Kind.INT;
            case DOUBLE -> Kind.DOUBLE;
            case BOOLEAN -> Kind.BOOLEAN;
            case BYTES -> schema.getLogicalType() == null ? Kind.BYTES : Kind.MONEY;
            case ARRAY -> Kind.TEXTS;
            case MAP -> Kind.MAP;
            default -> throw new IllegalStateException("records of the topics have no " + schema.getType());
        };
    }

    /** The schema of an event type or of a table. */
    static WireSchema of(String name) {
        WireSchema schema = BY_NAME.get(name);
        if (schema == null) {
            throw new IllegalArgumentException(name + " has no topic");
        }
        return schema;
    }

    String name() {
        return name;
    }

    /** Every record of the topics. */
    static Collection<WireSchema> all() {
        return BY_NAME.values();
    }

    /** The schema as Avro's JSON. */
    String text() {
        return schema.toString();
    }

    @Nullable EventShape shape() {
        return shape;
    }

    byte[] header() {
        return header;
    }

    long fingerprint() {
        return fingerprint;
    }

    Map<String, @Nullable Object> byName(@Nullable Object[] values) {
        Field[] ours = places == null ? fields : of(name).fields;
        Map<String, @Nullable Object> byName = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            byName.put(ours[i].name(), values[i]);
        }
        return byName;
    }

    /** The values of the fields that a row has. */
    @Nullable Object[] values(Row row) {
        List<Column> columns = Objects.requireNonNull(table).columns();
        Map<String, @Nullable String> texts = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            texts.put(columns.get(i).name(), row.values()[i]);
        }
        texts.put("definition", row.definition());
        texts.put("deleted", Boolean.toString(row.deleted()));
        texts.put("as_of", Instant.ofEpochMilli(row.asOfMillis()).toString());
        @Nullable Object[] values = new @Nullable Object[fields.length];
        for (int i = 0; i < values.length; i++) {
            Field field = fields[i];
            String text = texts.get(field.name());
            values[i] = text == null ? field.nullable() ? null : nothing(field.kind()) : value(field.kind(), text);
        }
        return values;
    }

    /** Of a deleted row only the key is known. */
    private static Object nothing(Kind kind) {
        return switch (kind) {
            case TEXT -> "";
            case TIME -> Instant.EPOCH;
            case LONG -> 0L;
            case INT -> 0;
            case DOUBLE -> 0.0;
            case BOOLEAN -> false;
            case BYTES -> new byte[0];
            case MONEY -> BigDecimal.ZERO;
            case TEXTS -> List.of();
            case MAP -> Map.of();
        };
    }

    private static Object value(Kind kind, String text) {
        return switch (kind) {
            case TEXT -> text;
            case TIME -> Instant.parse(text);
            case LONG -> Long.valueOf(text);
            case INT -> Integer.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case BOOLEAN -> Boolean.valueOf(text);
            case BYTES -> Base64.getDecoder().decode(text);
            case MONEY, TEXTS, MAP -> throw new IllegalStateException("no row with a topic has " + kind);
        };
    }

    void write(@Nullable Object[] values, BinaryEncoder out) throws IOException {
        for (int i = 0; i < values.length; i++) {
            Field field = fields[i];
            Object value = values[i];
            if (field.nullable()) {
                out.writeIndex(value == null ? 0 : 1);
            }
            if (value != null) {
                write(field.kind(), value, out);
            } else if (!field.nullable()) {
                throw new IllegalArgumentException(name + "." + field.name() + " is missing");
            }
        }
    }

    private static void write(Kind kind, Object value, BinaryEncoder out) throws IOException {
        switch (kind) {
            case TEXT -> out.writeString((String) value);
            case TIME -> out.writeLong(((Instant) value).toEpochMilli());
            case LONG -> out.writeLong((Long) value);
            case INT -> out.writeInt((Integer) value);
            case DOUBLE -> out.writeDouble(((Number) value).doubleValue());
            case BOOLEAN -> out.writeBoolean((Boolean) value);
            case BYTES -> out.writeBytes((byte[]) value);
            case MONEY ->
                out.writeBytes(((BigDecimal) value)
                        .setScale(EventRules.MONEY_SCALE)
                        .unscaledValue()
                        .toByteArray());
            case TEXTS -> {
                List<?> texts = (List<?>) value;
                out.writeArrayStart();
                out.setItemCount(texts.size());
                for (Object text : texts) {
                    out.startItem();
                    out.writeString((String) text);
                }
                out.writeArrayEnd();
            }
            case MAP -> {
                Map<?, ?> map = new TreeMap<>((Map<?, ?>) value);
                out.writeMapStart();
                out.setItemCount(map.size());
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.startItem();
                    out.writeString((String) entry.getKey());
                    out.writeString((String) entry.getValue());
                }
                out.writeMapEnd();
            }
        }
    }

    /** The fields of a record that ends with the bytes; those it does not have by their default. */
    @Nullable Object[] read(WireBytes in) throws Fault {
        @Nullable Object[] values = new @Nullable Object[fields.length];
        for (int i = 0; i < values.length; i++) {
            Field field = fields[i];
            if (field.nullable() && in.branch() == 0) {
                continue;
            }
            Object value = value(field, in);
            // As in native JSON, the empty text says as little as null.
            values[i] = field.nullable() && value.equals("") ? null : value;
        }
        in.end();
        return places == null ? values : inOurOrder(values, places);
    }

    private static Object value(Field field, WireBytes in) throws Fault {
        return switch (field.kind()) {
            case TEXT -> field.isId() ? in.text() : in.knownText();
            case TIME -> Instant.ofEpochMilli(in.number());
            case LONG -> in.number();
            case INT -> (int) in.number();
            case DOUBLE -> in.real();
            case BOOLEAN -> in.isTrue();
            case BYTES -> in.array();
            case MONEY -> in.money(field.name());
            case TEXTS -> in.texts();
            case MAP -> in.map();
        };
    }

    /** What another version does not write has the default of ours; what ours does not know is left out. */
    private @Nullable Object[] inOurOrder(@Nullable Object[] written, int[] places) {
        WireSchema own = of(name);
        @Nullable Object[] values = new @Nullable Object[own.fields.length];
        for (int i = 0; i < values.length; i++) {
            Schema.Field field = own.schema.getFields().get(i);
            Object otherwise = field.hasDefaultValue() ? field.defaultVal() : null;
            values[i] = otherwise == JsonProperties.NULL_VALUE ? null : otherwise;
        }
        for (int i = 0; i < places.length; i++) {
            if (places[i] >= 0) {
                values[places[i]] = written[i];
            }
        }
        return values;
    }
}
