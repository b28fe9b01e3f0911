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
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

    private record Field(String name, Kind kind, boolean nullable) {}

    private final String name;
    private final Schema schema;
    private final byte[] header;
    private final List<Field> fields = new ArrayList<>();
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
        this.header = ByteBuffer.allocate(10)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0xC3)
                .put((byte) 1)
                .putLong(SchemaNormalization.parsingFingerprint64(schema))
                .array();
        fields.addAll(fields(schema));
        if (shape != null
                && !shape.slots().stream()
                        .map(EventShape.Slot::name)
                        .toList()
                        .equals(fields.stream().map(Field::name).toList())) {
            throw new IllegalStateException("schema and native JSON of " + name + " differ in their fields");
        }
    }

    /** @param older how many fields each older version had: fields are added at the end */
    private static void add(
            String name, Schema schema, @Nullable EventShape shape, @Nullable Table table, int... older) {
        WireSchema now = new WireSchema(name, schema, shape, table);
        BY_NAME.put(name, now);
        BY_FINGERPRINT.put(SchemaNormalization.parsingFingerprint64(schema), now);
        for (int fields : older) {
            Schema before = first(fields, schema);
            BY_FINGERPRINT.put(SchemaNormalization.parsingFingerprint64(before), new WireSchema(now, before));
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
        this.shape = own.shape;
        this.table = own.table;
        this.header = own.header;
        fields.addAll(fields(written));
        List<String> known = own.fields.stream().map(Field::name).toList();
        this.places =
                fields.stream().mapToInt(field -> known.indexOf(field.name())).toArray();
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

    private static List<Field> fields(Schema schema) {
        List<Field> fields = new ArrayList<>();
        for (Schema.Field field : schema.getFields()) {
            boolean nullable = field.schema().isUnion();
            fields.add(new Field(
                    field.name(), kind(nullable ? field.schema().getTypes().get(1) : field.schema()), nullable));
        }
        return fields;
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

    Map<String, @Nullable Object> byName(@Nullable Object[] values) {
        List<Field> ours = places == null ? fields : of(name).fields;
        Map<String, @Nullable Object> byName = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            byName.put(ours.get(i).name(), values[i]);
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
        @Nullable Object[] values = new @Nullable Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            Field field = fields.get(i);
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
            Field field = fields.get(i);
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

    /** The fields of a record that begins at an offset and ends with the bytes; those it does not have by their default. */
    @Nullable Object[] read(byte[] bytes, int offset) throws Fault {
        Cursor in = new Cursor(bytes, offset);
        @Nullable Object[] values = new @Nullable Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            Field field = fields.get(i);
            if (field.nullable() && in.branch() == 0) {
                continue;
            }
            Object value = in.value(field);
            // As in native JSON, the empty text says as little as null.
            values[i] = field.nullable() && value.equals("") ? null : value;
        }
        if (in.at != bytes.length) {
            throw new Fault(
                    Wire.INVALID, (bytes.length - in.at) + " bytes follow the record: write one event a record");
        }
        return places == null ? values : inOurOrder(values, places);
    }

    /** What another version does not write has the default of ours; what ours does not know is left out. */
    private @Nullable Object[] inOurOrder(@Nullable Object[] written, int[] places) {
        WireSchema own = of(name);
        @Nullable Object[] values = new @Nullable Object[own.fields.size()];
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

    /** Reads what is there and believes no length. */
    private static final class Cursor {
        private final byte[] bytes;
        private int at;

        Cursor(byte[] bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        Object value(Field field) throws Fault {
            return switch (field.kind()) {
                case TEXT -> text();
                case TIME -> Instant.ofEpochMilli(number());
                case LONG -> number();
                case INT -> (int) number();
                case DOUBLE ->
                    Double.longBitsToDouble(ByteBuffer.wrap(bytes, take(8), 8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong());
                case BOOLEAN -> bytes[take(1)] != 0;
                case BYTES -> {
                    int length = length();
                    yield Arrays.copyOfRange(bytes, at, take(length) + length);
                }
                case MONEY -> money(field);
                case TEXTS -> texts();
                case MAP -> map();
            };
        }

        int branch() throws Fault {
            long branch = number();
            if (branch != 0 && branch != 1) {
                throw new Fault(Wire.INVALID, "a field has a type that its schema does not know");
            }
            return (int) branch;
        }

        /** Moves on, and says where it was. */
        private int take(int count) throws Fault {
            if (count > bytes.length - at) {
                throw new Fault(Wire.TRUNCATED, "it ends before its last field");
            }
            at += count;
            return at - count;
        }

        private long number() throws Fault {
            long zigzag = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                int b = bytes[take(1)];
                zigzag |= (b & 0x7FL) << shift;
                if (b >= 0) {
                    return zigzag >>> 1 ^ -(zigzag & 1);
                }
            }
            throw new Fault(Wire.INVALID, "a number has more than ten bytes");
        }

        private int length() throws Fault {
            long length = number();
            if (length < 0) {
                throw new Fault(Wire.INVALID, "a length is negative");
            }
            if (length > bytes.length - at) {
                throw new Fault(Wire.TRUNCATED, "it ends before its last field");
            }
            return (int) length;
        }

        private String text() throws Fault {
            int length = length();
            int from = take(length);
            if (isAscii(from, length)) {
                return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .decode(ByteBuffer.wrap(bytes, from, length))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new Fault(Wire.INVALID, "a text is not UTF-8");
            }
        }

        /** Most texts are; they need no decoder that could refuse them. */
        private boolean isAscii(int from, int length) {
            for (int i = from; i < from + length; i++) {
                if (bytes[i] < 0) {
                    return false;
                }
            }
            return true;
        }

        private BigDecimal money(Field field) throws Fault {
            int length = length();
            int from = take(length);
            BigDecimal money = length == 0 || length > 16
                    ? null
                    : Wire.money(new BigDecimal(new BigInteger(bytes, from, length), EventRules.MONEY_SCALE));
            if (money == null) {
                throw new Fault(Wire.INVALID, field.name() + " has too many digits");
            }
            return money;
        }

        /** How many items follow; zero ends it. */
        private long block(long soFar) throws Fault {
            long count = number();
            if (count < 0) {
                count = -count;
                number();
            }
            // More than the limit of both is refused by the rules; this only keeps memory in bounds.
            if (count < 0 || soFar + count > EventRules.COUNT_LIMIT + 1L) {
                throw new Fault(Wire.INVALID, "a list or map has more than " + EventRules.COUNT_LIMIT + " items");
            }
            return count;
        }

        private List<String> texts() throws Fault {
            List<String> texts = new ArrayList<>();
            for (long count = block(0); count != 0; count = block(texts.size())) {
                for (long i = 0; i < count; i++) {
                    texts.add(text());
                }
            }
            return texts;
        }

        private Map<String, String> map() throws Fault {
            Map<String, String> map = new LinkedHashMap<>();
            for (long count = block(0); count != 0; count = block(map.size())) {
                for (long i = 0; i < count; i++) {
                    map.put(text(), text());
                }
            }
            return map;
        }
    }
}
