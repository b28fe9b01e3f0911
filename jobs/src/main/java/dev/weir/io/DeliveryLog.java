package dev.weir.io;

import dev.weir.alert.Alert;
import dev.weir.io.AlertFeed.Place;
import dev.weir.machine.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * What each receiver was told, and what it is still to be told, on a topic of which the brokers keep the newest record of a
 * key: so whoever tells people of alerts may end at any moment and be started again anywhere.
 *
 * <p>A record is the alert as its own topic has it; headers say where it stood there, under which name the receiver has it, and
 * why it has not.
 */
public final class DeliveryLog implements AutoCloseable {
    private static final String TOLD = "told";
    private static final String WAITING = "waiting";
    private static final String PLACE = "place";
    private static final String HANDLE = "handle";
    private static final String AT = "at";
    private static final String WHY = "why";
    private static final long PATIENCE_SECONDS = 30;

    private final Settings settings;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;

    /**
     * What a receiver was told last of an alert.
     *
     * @param place of the record that said so
     * @param handle how the receiver calls what it was sent, such as the channel and time of a message; empty where it has no name
     * @param at when it was told
     */
    public record Told(Alert alert, Place place, String handle, Instant at) {}

    /** What a receiver is still to be told, and how it went when that was tried last; null when it was not. */
    public record Waiting(
            Alert alert, Place place, @Nullable Failure failure) {
        public Waiting(Alert alert, Place place) {
            this(alert, place, null);
        }

        /** The same after an attempt. */
        public Waiting failed(String why, Instant at) {
            return new Waiting(alert, place, new Failure(why, at));
        }
    }

    /** That a receiver did not take what it was sent, and why. */
    public record Failure(String why, Instant at) {}

    /** What is known of one alert, by the names of the receivers. */
    public record Reception(Map<String, Told> told, Map<String, Waiting> waiting) {}

    /** All of one receiver, by the alert's id. */
    public record Memory(Map<String, Told> told, Map<String, Waiting> waiting) {}

    private DeliveryLog(Settings settings, KafkaProducer<byte[], byte[]> producer) {
        this.settings = settings;
        this.topic = Topics.name(settings, Topics.DELIVERY);
        this.producer = producer;
    }

    /**
     * Connects; makes the topics that are not there.
     *
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public static DeliveryLog open(Settings settings) throws Unreachable {
        Topics.ensure(settings, false);
        Properties properties = settings.kafka().client();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
        properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(4 * EventRules.EVENT_LIMIT));
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "20000");
        try {
            return new DeliveryLog(
                    settings, new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
        } catch (KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        }
    }

    /** What is known of a receiver. */
    public Memory read(String receiver) throws Unreachable {
        Memory memory = new Memory(new HashMap<>(), new HashMap<>());
        try (TopicReader reader = new TopicReader(settings, List.of(topic))) {
            reader.readToEnd(record -> keep(record, receiver, memory));
        }
        return memory;
    }

    /**
     * What each receiver was told, or is still to be told, of one alert. It leaves no trace on the brokers.
     *
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public static Reception of(Settings settings, String alertId) throws Unreachable {
        Reception reception = new Reception(new TreeMap<>(), new TreeMap<>());
        try (TopicReader reader = new TopicReader(settings, List.of(Topics.name(settings, Topics.DELIVERY)))) {
            reader.readToEnd(record -> {
                List<String> key = key(record);
                if (key.get(1).equals(alertId)) {
                    keep(record, key.get(0), reception.told(), reception.waiting());
                }
            });
        }
        return reception;
    }

    private static void keep(ConsumerRecord<byte[], byte[]> record, String receiver, Memory memory) {
        List<String> key = key(record);
        if (key.get(0).equals(receiver)) {
            keep(record, key.get(1), memory.told(), memory.waiting());
        }
    }

    private static void keep(
            ConsumerRecord<byte[], byte[]> record, String under, Map<String, Told> told, Map<String, Waiting> waiting) {
        boolean was = key(record).get(2).equals(TOLD);
        Alert alert = record.value() == null ? null : AlertFeed.read(record.value(), null);
        if (alert == null) {
            (was ? told : waiting).remove(under);
        } else if (was) {
            told.put(under, new Told(alert, place(header(record, PLACE)), header(record, HANDLE), at(record)));
        } else {
            Waiting one = new Waiting(alert, place(header(record, PLACE)));
            String why = header(record, WHY);
            waiting.put(under, why.isEmpty() ? one : one.failed(why, at(record)));
        }
    }

    private static List<String> key(ConsumerRecord<byte[], byte[]> record) {
        return Keys.split(new String(record.key(), StandardCharsets.UTF_8));
    }

    private static Instant at(ConsumerRecord<byte[], byte[]> record) {
        return Instant.ofEpochMilli(Long.parseLong(header(record, AT)));
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static Place place(String text) {
        String[] parts = text.split("/", 3);
        return new Place(parts[0], Integer.parseInt(parts[1]), Long.parseLong(parts[2]));
    }

    /** Notes that a receiver was told, and waits until the brokers hold the note. */
    public void told(String receiver, Told told) throws Unreachable {
        ProducerRecord<byte[], byte[]> note = note(receiver, TOLD, told.alert(), told.place());
        note.headers().add(HANDLE, told.handle().getBytes(StandardCharsets.UTF_8));
        at(note, told.at());
        send(note);
    }

    private static void at(ProducerRecord<byte[], byte[]> note, Instant at) {
        note.headers().add(AT, Long.toString(at.toEpochMilli()).getBytes(StandardCharsets.UTF_8));
    }

    /** Notes that a receiver is still to be told. */
    public void waits(String receiver, Waiting waiting) throws Unreachable {
        ProducerRecord<byte[], byte[]> note = note(receiver, WAITING, waiting.alert(), waiting.place());
        Failure failure = waiting.failure();
        if (failure != null) {
            note.headers().add(WHY, failure.why().getBytes(StandardCharsets.UTF_8));
            at(note, failure.at());
        }
        send(note);
    }

    /** Notes that there is nothing to tell any more. */
    public void waitsNoMore(String receiver, String alertId) throws Unreachable {
        send(new ProducerRecord<>(topic, key(receiver, alertId, WAITING), null));
    }

    /** Forgets that a receiver was told of an alert. */
    public void forget(String receiver, String alertId) throws Unreachable {
        send(new ProducerRecord<>(topic, key(receiver, alertId, TOLD), null));
    }

    private ProducerRecord<byte[], byte[]> note(String receiver, String what, Alert alert, Place place) {
        ProducerRecord<byte[], byte[]> note =
                new ProducerRecord<>(topic, key(receiver, alert.alertId(), what), Wire.encode(alert.row(0)));
        String where = place.topic() + "/" + place.partition() + "/" + place.offset();
        note.headers().add(PLACE, where.getBytes(StandardCharsets.UTF_8));
        return note;
    }

    private static byte[] key(String receiver, String alertId, String what) {
        return Keys.join(receiver, alertId, what).getBytes(StandardCharsets.UTF_8);
    }

    private void send(ProducerRecord<byte[], byte[]> record) throws Unreachable {
        try {
            producer.send(record).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Topics.unreachable(settings, interrupted);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
