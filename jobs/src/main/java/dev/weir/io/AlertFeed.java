package dev.weir.io;

import dev.weir.alert.Alert;
import dev.weir.machine.Json;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The alert topic as whoever tells people of alerts reads it: committed records only, and on from where the same reader had
 * come. Of several that read under one name the one that came last reads; the others are told so and stop.
 */
public final class AlertFeed implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;
    /** So many zeros at the end of a number are written out. */
    private static final int MOST_ZEROS = 20;

    private final Settings settings;
    private final String topicId;
    private final @Nullable Registry registry;
    private final KafkaConsumer<byte[], byte[]> consumer;
    /** Of each partition at hand: where it ended when it came into these hands. */
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    /** Partitions that nobody had read under this name. */
    private final Set<TopicPartition> unread = new HashSet<>();

    private boolean anew;
    private long unreadable;

    /**
     * Where a record stands.
     *
     * @param topic the topic's own id, another one when the topic was deleted and made again
     */
    public record Place(String topic, int partition, long offset) {
        /** Whether the other record of the same key was written before; also when that cannot be known. */
        public boolean isAfter(Place other) {
            return !topic.equals(other.topic) || partition != other.partition || offset > other.offset;
        }
    }

    /**
     * An alert as the topic says it.
     *
     * @param past whether it was there before anybody read under this name
     */
    public record Heard(Alert alert, Place place, boolean past) {}

    /** Another reads under this name by now. */
    public static final class Superseded extends RuntimeException {
        private static final long serialVersionUID = 1;

        Superseded(Throwable cause) {
            super("another one reads under this name by now", cause);
        }
    }

    private AlertFeed(Settings settings, String topicId, KafkaConsumer<byte[], byte[]> consumer) throws Unreachable {
        this.settings = settings;
        this.topicId = topicId;
        this.registry = Registry.of(settings);
        this.consumer = consumer;
    }

    /**
     * Connects.
     *
     * @param reader under which name its position is kept
     * @throws Unreachable when the brokers do not answer or refuse, or the topic is not there
     */
    public static AlertFeed open(Settings settings, String reader) throws Unreachable {
        String topic = Topics.name(settings, Topics.ALERT);
        Properties properties = settings.kafka().client();
        String group = settings.kafka().topicPrefix() + "relay." + reader;
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, group);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE_SECONDS * 1000));
        try {
            AlertFeed feed = new AlertFeed(
                    settings,
                    topicId(settings, topic),
                    new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
            feed.consumer.subscribe(List.of(topic), feed.new Hands());
            return feed;
        } catch (KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        }
    }

    private static String topicId(Settings settings, String topic) throws Unreachable {
        try (Admin admin = Admin.create(Topics.properties(settings))) {
            return Objects.requireNonNull(admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .get(topic))
                    .topicId()
                    .toString();
        } catch (ExecutionException | TimeoutException | KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Topics.unreachable(settings, interrupted);
        }
    }

    /** Which partitions are at hand. */
    private final class Hands implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(ends::remove);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            anew = true;
            ends.putAll(consumer.endOffsets(partitions));
            Map<TopicPartition, OffsetAndMetadata> positions = consumer.committed(new HashSet<>(partitions));
            for (TopicPartition partition : partitions) {
                if (positions.get(partition) == null) {
                    unread.add(partition);
                } else {
                    unread.remove(partition);
                }
            }
        }
    }

    /**
     * What came next; waits for it at most so long.
     *
     * @throws Unreachable when the brokers do not answer or refuse
     * @throws Superseded when another one reads under this name
     */
    public List<Heard> next(Duration wait) throws Unreachable {
        try {
            List<Heard> heard = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(wait)) {
                Alert alert = record.value() == null ? null : read(record.value(), registry);
                if (alert == null) {
                    unreadable++;
                } else {
                    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                    boolean past = unread.contains(partition) && record.offset() < ends.getOrDefault(partition, 0L);
                    heard.add(new Heard(alert, new Place(topicId, record.partition(), record.offset()), past));
                }
            }
            return heard;
        } catch (FencedInstanceIdException taken) {
            throw new Superseded(taken);
        } catch (KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        }
    }

    /** Whether partitions came to hand since this was asked last: what is remembered of them may be outdated. */
    public boolean beganAnew() {
        boolean since = anew;
        anew = false;
        return since;
    }

    /** Whether all was read that was there when the partitions came to hand. */
    public boolean hasCaughtUp() throws Unreachable {
        try {
            for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
                if (consumer.position(end.getKey()) < end.getValue()) {
                    return false;
                }
            }
            return !ends.isEmpty();
        } catch (FencedInstanceIdException taken) {
            throw new Superseded(taken);
        } catch (KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        }
    }

    /** How many records hold no alert. */
    public long unreadable() {
        return unreadable;
    }

    /** Notes that all that was read needs not be read again. */
    public void commit() throws Unreachable {
        try {
            consumer.commitSync();
        } catch (FencedInstanceIdException taken) {
            throw new Superseded(taken);
        } catch (KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        }
    }

    /** Ends a wait in {@link #next}, from another thread. */
    public void wake() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }

    /** The alert that a record holds; null when it holds none. */
    static @Nullable Alert read(byte[] bytes, @Nullable Registry registry) {
        Map<String, @Nullable Object> fields = Wire.fields(bytes, "alert", registry);
        return fields == null ? null : alert(fields);
    }

    private static Alert alert(Map<String, @Nullable Object> fields) {
        return new Alert(
                text(fields, "alert_id"),
                text(fields, "kind"),
                text(fields, "severity"),
                text(fields, "status"),
                (String) fields.get("metric"),
                (String) fields.get("breakdown"),
                (String) fields.get("value"),
                text(fields, "subject"),
                (String) fields.get("team"),
                (String) fields.get("owner_id"),
                text(fields, "summary"),
                (Instant) Objects.requireNonNull(fields.get("started_at")),
                (Instant) fields.get("ended_at"),
                Json.object(inOrder(Json.read(text(fields, "evidence")))),
                (String) fields.get("verdict"),
                (String) fields.get("delivery"),
                (Instant) fields.get("deliver_after"),
                (String) fields.get("runbook"),
                (String) fields.get("cause"),
                (Double) fields.get("confidence"),
                (String) fields.get("acknowledged_by"),
                text(fields, "definition"),
                Boolean.TRUE.equals(fields.get("deleted")));
    }

    /** The warehouse, from which an alert may be published again, keeps neither the order of members nor how a number is written. */
    private static Map<String, @Nullable Object> inOrder(Map<?, ? extends @Nullable Object> members) {
        Map<String, @Nullable Object> sorted = new TreeMap<>();
        members.forEach((name, member) -> sorted.put((String) name, plain(member)));
        return sorted;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof Map<?, ?> members) {
            return inOrder(members);
        } else if (value instanceof List<?> elements) {
            return elements.stream().map(AlertFeed::plain).toList();
        }
        if (value instanceof BigDecimal number) {
            BigDecimal stripped = number.stripTrailingZeros();
            return stripped.scale() < 0 && stripped.scale() >= -MOST_ZEROS ? stripped.setScale(0) : stripped;
        }
        return value;
    }

    private static String text(Map<String, @Nullable Object> fields, String name) {
        return Objects.requireNonNullElse((String) fields.get(name), "");
    }
}
