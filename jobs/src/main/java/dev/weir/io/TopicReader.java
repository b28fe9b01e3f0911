package dev.weir.io;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Topics as the jobs see them: committed records only, from the first that is still there to the end at this moment, and
 * further when asked again. It belongs to no consumer group and leaves no trace on the brokers.
 */
final class TopicReader implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Settings settings;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> begins = new TreeMap<>(TopicReader::compare);

    /**
     * Connects.
     *
     * @param topics their whole names; one that is not there has no partition
     * @throws Unreachable when the brokers do not answer or refuse
     */
    TopicReader(Settings settings, Collection<String> topics) throws Unreachable {
        this.settings = settings;
        Properties properties = settings.kafka().client();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis()));
        KafkaConsumer<byte[], byte[]> opened;
        try {
            opened = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        }
        try {
            Map<String, List<PartitionInfo>> there = opened.listTopics();
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : topics) {
                for (PartitionInfo partition : there.getOrDefault(topic, List.of())) {
                    partitions.add(new TopicPartition(topic, partition.partition()));
                }
            }
            opened.assign(partitions);
            begins.putAll(opened.beginningOffsets(partitions));
            begins.forEach(opened::seek);
        } catch (KafkaException failure) {
            opened.close();
            throw Topics.unreachable(settings, failure);
        }
        this.consumer = opened;
    }

    private static int compare(TopicPartition one, TopicPartition other) {
        int topics = one.topic().compareTo(other.topic());
        return topics != 0 ? topics : Integer.compare(one.partition(), other.partition());
    }

    /** Every partition with its first offset, as it was when this began. */
    Map<TopicPartition, Long> begins() {
        return begins;
    }

    /**
     * Reads on to the end at this moment; each record once in the life of this reader.
     *
     * @throws Unreachable when the brokers stop answering
     */
    void readToEnd(Consumer<ConsumerRecord<byte[], byte[]>> each) throws Unreachable {
        try {
            Map<TopicPartition, Long> ends = consumer.endOffsets(begins.keySet());
            long progress = System.nanoTime();
            while (!isAt(ends)) {
                var records = consumer.poll(Duration.ofMillis(200));
                records.forEach(each);
                if (!records.isEmpty()) {
                    progress = System.nanoTime();
                } else if (System.nanoTime() - progress > PATIENCE.toNanos()) {
                    throw new org.apache.kafka.common.errors.TimeoutException(
                            "no record for " + PATIENCE.toSeconds() + " s, though there are more");
                }
            }
        } catch (KafkaException failure) {
            throw Topics.unreachable(settings, failure);
        }
    }

    /** A position also passes what is no record: ends of transactions, and what was rolled back. */
    private boolean isAt(Map<TopicPartition, Long> ends) {
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            if (consumer.position(end.getKey()) < end.getValue()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
