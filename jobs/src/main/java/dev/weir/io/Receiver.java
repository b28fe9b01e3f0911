package dev.weir.io;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Hash;
import dev.weir.machine.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Makes something of every record of a topic, whatever its bytes: an event of one class, a time mark, or a dead letter. */
final class Receiver<E> implements KafkaRecordDeserializationSchema<Received<E>> {
    /** Header of a record without a value: up to when the history of its partition is complete, ISO-8601. */
    static final String TIME_MARK = "weir-time-mark";

    /** What happens more than this after the broker took the record has a wrong clock behind it. */
    static final long FUTURE_MILLIS = 24 * 3_600_000L;

    private final Class<E> type;
    private final @Nullable Registry registry;
    private transient Wire.@Nullable Reader reader;

    Receiver(Class<E> type) {
        this(type, null);
    }

    Receiver(Class<E> type, @Nullable Registry registry) {
        this.type = type;
        this.registry = registry;
    }

    @Override
    public TypeInformation<Received<E>> getProducedType() {
        return Received.type(type);
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Received<E>> out) throws IOException {
        out.collect(receive(record));
    }

    /** Never throws. */
    Received<E> receive(ConsumerRecord<byte[], byte[]> record) {
        Received<E> received = new Received<>();
        received.position = new Position(record.topic(), record.partition(), record.offset());
        received.appendedAt = record.timestamp();
        byte @Nullable [] value = record.value();
        Header mark = value == null ? record.headers().lastHeader(TIME_MARK) : null;
        if (mark != null) {
            mark(received, mark.value());
        } else if (value == null || value.length == 0) {
            refuse(received, Wire.EMPTY, "the record has no value: write one event a record");
        } else {
            event(received, value);
        }
        if (received.isDeadLetter()) {
            keep(received, value == null ? new byte[0] : value);
        }
        return received;
    }

    private void mark(Received<E> received, byte @Nullable [] value) {
        try {
            received.at = Instant.parse(new String(value == null ? new byte[0] : value, StandardCharsets.UTF_8))
                    .toEpochMilli();
            notInFuture(received, "the time mark");
        } catch (DateTimeException | ArithmeticException e) {
            refuse(received, Wire.INVALID, "the header " + TIME_MARK + " is no time such as 2026-01-02T03:04:05Z");
        }
    }

    private void event(Received<E> received, byte[] value) {
        Wire.Decoded decoded = reader().decode(value);
        Object event = decoded.event();
        if (event == null) {
            refuse(received, decoded.reason(), decoded.detail());
        } else if (!type.isInstance(event)) {
            refuse(
                    received,
                    Wire.UNKNOWN_SCHEMA,
                    "a record of another topic: this one holds " + type.getSimpleName() + " only");
        } else {
            received.at = at(event);
            if (!(event instanceof MetricPoint) && !(event instanceof Signal)) {
                notInFuture(received, "occurred_at");
            }
            if (!received.isDeadLetter()) {
                received.event = type.cast(event);
            }
        }
    }

    private Wire.Reader reader() {
        Wire.Reader ready = reader;
        if (ready == null) {
            ready = new Wire.Reader(registry);
            reader = ready;
        }
        return ready;
    }

    private static long at(Object event) {
        if (event instanceof MetricPoint point) {
            return point.windowEnd().toEpochMilli();
        }
        return event instanceof Signal signal
                ? signal.startedAt().toEpochMilli()
                : History.time(event).toEpochMilli();
    }

    private void notInFuture(Received<E> received, String what) {
        if (received.at > received.appendedAt + FUTURE_MILLIS) {
            refuse(
                    received,
                    Wire.FUTURE,
                    what + " is more than a day after the record was sent: check the clock and zone of the sender");
        }
    }

    private void refuse(Received<E> received, String reason, String detail) {
        received.reason = reason;
        received.detail = detail;
    }

    private static <E> void keep(Received<E> received, byte[] value) {
        received.at = Long.MIN_VALUE;
        received.length = value.length;
        received.payload = Arrays.copyOf(value, Math.min(value.length, DeadLetterTable.PAYLOAD_LIMIT));
        received.sha256 = Hash.sha256Hex(value);
    }
}
