package dev.weir.io;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.flink.KnownTexts;
import dev.weir.io.WireSchema.Fault;
import dev.weir.machine.Row;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Records of the topics as bytes: Avro's single-object encoding (C3 01, fingerprint of the schema, body) with the schemas
 * that come with Weir or, where there is a {@link Registry}, its wire format (0, id of the schema, body). With a registry
 * both are read, so that topics may go over from one to the other.
 */
public final class Wire {
    public static final String EMPTY = "EMPTY";
    public static final String NOT_AVRO = "NOT_AVRO";
    public static final String UNKNOWN_SCHEMA = "UNKNOWN_SCHEMA";
    public static final String TRUNCATED = "TRUNCATED";
    public static final String TOO_LARGE = "TOO_LARGE";
    public static final String INVALID = "INVALID";
    public static final String FUTURE = "FUTURE";
    /** Nothing is wrong with it, but the job has forgotten the facts that it belongs to. */
    public static final String EXPIRED = "EXPIRED";

    private static final int HEADER = 10;

    private Wire() {}

    /**
     * What a record was: an event, or why it is none.
     *
     * @param event an Engagement, DealChange, Feedback, EntityChange, DeskEntry, MetricPoint or Signal; null when it is none
     * @param reason one of the constants; empty for an event
     * @param detail what is wrong, and the mend; never the content
     */
    public record Decoded(@Nullable Object event, String reason, String detail) {}

    /** Any bytes in single-object encoding; never throws. Whoever reads many records takes a {@link Reader}. */
    public static Decoded decode(byte[] bytes) {
        return decode(bytes, null);
    }

    /** Any bytes, in single-object encoding or, where there is a registry, in its wire format; never throws. */
    static Decoded decode(byte[] bytes, @Nullable Registry registry) {
        return new Reader(registry, null).decode(bytes);
    }

    /** Reads one record after another; a text that comes again and again is one object. For one thread. */
    public static final class Reader {
        private final @Nullable Registry registry;
        private final WireBytes in;
        /** The schema of the record before. */
        private @Nullable WireSchema last;

        /** Reads records in single-object encoding. */
        public Reader() {
            this(null);
        }

        /** Reads also records in the wire format of a registry, where there is one. */
        Reader(@Nullable Registry registry) {
            this(registry, new KnownTexts());
        }

        private Reader(@Nullable Registry registry, @Nullable KnownTexts known) {
            this.registry = registry;
            this.in = new WireBytes(known);
        }

        /** Any bytes; never throws. */
        public Decoded decode(byte[] bytes) {
            if (bytes.length == 0) {
                return refused(EMPTY, "the record has no bytes: write one event a record");
            }
            if (bytes.length > EventRules.EVENT_LIMIT) {
                return refused(
                        TOO_LARGE,
                        bytes.length + " bytes: at most " + EventRules.EVENT_LIMIT + ", so shorten its texts");
            }
            if (registry != null && bytes[0] == Registry.MAGIC) {
                return registered(bytes, registry);
            }
            if (bytes[0] != (byte) 0xC3 || (bytes.length > 1 && bytes[1] != 1)) {
                return refused(
                        NOT_AVRO,
                        "it does not begin with C3 01 as Avro's single-object encoding does"
                                + (bytes[0] == Registry.MAGIC && registry == null
                                        ? "; if a schema registry gave it its id, set kafka.schema.registry.url"
                                        : ""));
            }
            if (bytes.length < HEADER) {
                return refused(TRUNCATED, "it ends within the fingerprint of its schema");
            }
            long fingerprint = fingerprint(bytes);
            WireSchema schema = last;
            if (schema == null || schema.fingerprint() != fingerprint) {
                schema = WireSchema.BY_FINGERPRINT.get(fingerprint);
            }
            if (schema == null) {
                return refused(
                        UNKNOWN_SCHEMA,
                        "no schema of this version has the fingerprint " + Long.toHexString(fingerprint)
                                + ": update Weir, or the sender");
            }
            last = schema;
            try {
                return new Decoded(event(schema, in.of(bytes, HEADER)), "", "");
            } catch (Fault fault) {
                return refused(fault.reason, fault.detail());
            }
        }

        private Decoded registered(byte[] bytes, Registry registry) {
            if (bytes.length < Registry.HEADER) {
                return refused(TRUNCATED, "it ends within the id of its schema");
            }
            try {
                WireSchema schema = registry.schema(ByteBuffer.wrap(bytes).getInt(1));
                return new Decoded(event(schema, in.of(bytes, Registry.HEADER)), "", "");
            } catch (Fault fault) {
                return refused(fault.reason, fault.detail());
            }
        }
    }

    /** The fields of a record of this table by their names; null when the bytes are none. Never throws. */
    static @Nullable Map<String, @Nullable Object> fields(byte[] bytes, String table, @Nullable Registry registry) {
        try {
            WireSchema schema = null;
            int header = HEADER;
            if (registry != null && bytes.length >= Registry.HEADER && bytes[0] == Registry.MAGIC) {
                schema = registry.schema(ByteBuffer.wrap(bytes).getInt(1));
                header = Registry.HEADER;
            } else if (bytes.length >= HEADER && bytes[0] == (byte) 0xC3 && bytes[1] == 1) {
                schema = WireSchema.BY_FINGERPRINT.get(fingerprint(bytes));
            }
            return schema == null || !schema.name().equals(table)
                    ? null
                    : schema.byName(schema.read(new WireBytes(null).of(bytes, header)));
        } catch (Fault fault) {
            return null;
        }
    }

    private static long fingerprint(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    }

    private static Decoded refused(String reason, String detail) {
        return new Decoded(null, reason, detail);
    }

    private static Object event(WireSchema schema, WireBytes in) throws Fault {
        @Nullable Object[] values = schema.read(in);
        EventShape shape = schema.shape();
        if (shape == null) {
            return switch (schema.name()) {
                case "metric" -> metric(schema.byName(values));
                case "signal" -> signal(schema.byName(values));
                default -> throw new Fault(UNKNOWN_SCHEMA, "a record of " + schema.name() + " is not read by any job");
            };
        }
        String fault = EventRules.fault(shape, values, in.isPlain());
        if (fault == null) {
            Object event = shape.make().of(values);
            fault = EventRules.fault(event);
            if (fault == null) {
                return event;
            }
        }
        throw new Fault(INVALID, fault);
    }

    private static MetricPoint metric(Map<String, @Nullable Object> values) throws Fault {
        boolean deleted = Boolean.TRUE.equals(values.get("deleted"));
        Instant start = time(values, "window_start");
        double numerator = number(values, "numerator");
        double denominator = number(values, "denominator");
        String kind = text(values, "kind");
        if (!deleted && !MetricPoint.KINDS.contains(kind)) {
            throw new Fault(INVALID, "kind is unknown: use one of " + String.join(", ", MetricPoint.KINDS));
        }
        return new MetricPoint(
                text(values, "metric"),
                text(values, "breakdown"),
                text(values, "value"),
                text(values, "grain"),
                start,
                deleted ? start : time(values, "window_end"),
                deleted ? MetricPoint.RATE : kind,
                numerator,
                denominator,
                (Long) values.get("arrivals"),
                text(values, "definition"),
                deleted);
    }

    private static Signal signal(Map<String, @Nullable Object> values) throws Fault {
        return new Signal(
                text(values, "signal_id"),
                text(values, "kind"),
                text(values, "subject"),
                (String) values.get("metric"),
                (String) values.get("breakdown"),
                (String) values.get("value"),
                (String) values.get("owner_id"),
                time(values, "started_at"),
                values.get("ended_at") == null ? null : time(values, "ended_at"),
                values.get("score") == null ? null : number(values, "score"),
                text(values, "evidence"),
                text(values, "definition"),
                Boolean.TRUE.equals(values.get("deleted")));
    }

    private static String text(Map<String, @Nullable Object> values, String name) {
        return Objects.requireNonNullElse((String) values.get(name), "");
    }

    private static Instant time(Map<String, @Nullable Object> values, String name) throws Fault {
        Instant time = (Instant) Objects.requireNonNull(values.get(name));
        if (time.isBefore(Instant.EPOCH) || time.isAfter(EventRules.LATEST)) {
            throw new Fault(INVALID, name + " is before 1970 or after 9999");
        }
        return time;
    }

    private static double number(Map<String, @Nullable Object> values, String name) throws Fault {
        double number = (Double) Objects.requireNonNull(values.get(name));
        if (!Double.isFinite(number)) {
            throw new Fault(INVALID, name + " is not a finite number");
        }
        return number;
    }

    /**
     * An event, or a row of a table that has a topic, in single-object encoding.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static byte[] encode(Object eventOrRow) {
        return encode(eventOrRow, null);
    }

    /** The same in the wire format of a registry, where there is one. */
    static byte[] encode(Object eventOrRow, @Nullable Registry registry) {
        WireSchema schema;
        @Nullable Object[] values;
        if (eventOrRow instanceof Row row) {
            schema = WireSchema.of(row.table());
            values = schema.values(row);
        } else {
            EventShape shape = EventShape.of(eventOrRow);
            if (shape == null) {
                throw new IllegalArgumentException("neither event nor row: " + eventOrRow.getClass());
            }
            schema = WireSchema.of(shape.type());
            values = shape.take().from(eventOrRow);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        bytes.writeBytes(registry == null ? schema.header() : registry.header(schema));
        try {
            BinaryEncoder out = EncoderFactory.get().directBinaryEncoder(bytes, null);
            schema.write(values, out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Money as it stands in events: no zeros after the last digit that says something. */
    static @Nullable BigDecimal money(BigDecimal amount) {
        BigDecimal held = EventRules.money(amount);
        if (held == null) {
            return null;
        }
        BigDecimal plain = held.stripTrailingZeros();
        return plain.scale() < 0 ? plain.setScale(0) : plain;
    }
}
