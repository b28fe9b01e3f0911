package dev.weir.io;

import dev.weir.alert.DeskEntry;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Events onto the topics they belong to, each keyed by whom it is about, so that those of one stay in order. */
public final class Sender implements AutoCloseable {
    private final Settings settings;
    private final @Nullable Instant asOf;
    private final Consumer<String> refusals;
    private final @Nullable Registry registry;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private long sent;
    private long refused;
    private long later;

    /**
     * Connects; makes the topics that are not there.
     *
     * @param asOf what happened later is left out; null for all
     * @param refusals receives {@code file:line: reason} of each line that is no event
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public Sender(Settings settings, @Nullable Instant asOf, Consumer<String> refusals) throws Unreachable {
        this.settings = settings;
        this.asOf = asOf;
        this.refusals = refusals;
        this.registry = Registry.of(settings);
        Topics.ensure(settings, false);
        Properties properties = settings.kafka().client();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, "20");
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, "131072");
        // A broker that has just made a topic may refuse a producer's first batch and take its second, and then never
        // takes
        // the first: so one after the other.
        properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(4 * EventRules.EVENT_LIMIT));
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "20000");
        try {
            this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        } catch (KafkaException e) {
            throw Topics.unreachable(settings, e);
        }
    }

    /** How many events were sent. */
    public long sent() {
        return sent;
    }

    /** How many lines are no events. */
    public long refused() {
        return refused;
    }

    /** How many events were left out because they happened later than the last moment. */
    public long later() {
        return later;
    }

    /**
     * Sends a file of native JSON, plain or .gz; lines that are no events are told and left out.
     *
     * @param eachLine is run after each line
     * @throws IOException when the file cannot be read to its end
     * @throws Unreachable when the brokers stop taking records
     */
    public void file(Path file, Runnable eachLine) throws IOException, Unreachable {
        try (BufferedReader in = History.open(file)) {
            long number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                if (!line.isBlank()) {
                    line(file, number, line);
                }
                eachLine.run();
            }
        }
    }

    private void line(Path file, long number, String line) throws Unreachable {
        NativeJson.Parsed parsed = NativeJson.read(line);
        Object event = parsed.event();
        if (event == null) {
            refused++;
            refusals.accept(file + ":" + number + ": " + parsed.reason());
        } else {
            event(event);
        }
    }

    /** Sends an Engagement, DealChange, Feedback, EntityChange or DeskEntry. */
    public void event(Object event) throws Unreachable {
        if (asOf != null && History.time(event).isAfter(asOf)) {
            later++;
            return;
        }
        put(new ProducerRecord<>(
                Topics.name(settings, topic(event)),
                key(event).getBytes(StandardCharsets.UTF_8),
                Wire.encode(event, registry)));
        sent++;
    }

    /** Sends all of them. */
    public void events(Iterable<?> events) throws Unreachable {
        for (Object event : events) {
            event(event);
        }
    }

    /** Waits until the brokers hold everything that was sent; then ends the history, if it has a last moment. */
    public void finish() throws Unreachable {
        flush();
        if (asOf != null) {
            mark(asOf);
        }
    }

    /** Tells every partition of every topic that nothing more will come that happened up to this moment. */
    public void mark(Instant time) throws Unreachable {
        List<Header> headers =
                List.of(new RecordHeader(Receiver.TIME_MARK, time.toString().getBytes(StandardCharsets.UTF_8)));
        flush();
        try {
            for (String topic : Topics.INPUTS) {
                String name = Topics.name(settings, topic);
                for (PartitionInfo partition : producer.partitionsFor(name)) {
                    put(new ProducerRecord<>(name, partition.partition(), null, null, null, headers));
                }
            }
        } catch (KafkaException e) {
            throw Topics.unreachable(settings, e);
        }
        flush();
    }

    /** Waits until the brokers hold everything that was sent. */
    void flush() throws Unreachable {
        producer.flush();
        check();
    }

    private void put(ProducerRecord<byte[], byte[]> record) throws Unreachable {
        check();
        try {
            Future<?> unused = producer.send(record, (where, failed) -> {
                if (failed != null) {
                    failure.compareAndSet(null, failed);
                }
            });
        } catch (KafkaException e) {
            throw Topics.unreachable(settings, e);
        }
    }

    private void check() throws Unreachable {
        Exception failed = failure.get();
        if (failed != null) {
            throw Topics.unreachable(settings, failed);
        }
    }

    /** Where an event belongs, by the end of the topic's name. */
    static String topic(Object event) {
        if (event instanceof Engagement) {
            return Topics.ENGAGEMENT;
        } else if (event instanceof DealChange) {
            return Topics.DEAL;
        }
        if (event instanceof Feedback) {
            return Topics.FEEDBACK;
        }
        return event instanceof DeskEntry ? Topics.DESK : Topics.ENTITY;
    }

    private static String key(Object event) {
        if (event instanceof Engagement e) {
            return first(e.personId(), e.anonymousId(), e.accountId(), e.dealId(), e.eventId());
        } else if (event instanceof DealChange d) {
            return d.dealId();
        } else if (event instanceof Feedback f) {
            return first(f.personId(), f.accountId(), f.dealId(), f.eventId());
        } else if (event instanceof DeskEntry e) {
            return first(e.alertId(), e.entryId());
        }
        return ((EntityChange) event).id();
    }

    private static String first(@Nullable String... ids) {
        for (String id : ids) {
            if (id != null) {
                return id;
            }
        }
        return "";
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
