package dev.weir.cli.demo;

import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.local.Failure;
import dev.weir.local.FlinkRest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Knows when the warehouse says its last word on a history that has ended: the jobs that read events have counted all that
 * was sent and have come to its end, the anomaly job has counted all that those published, and one more checkpoint, which
 * began after that was seen, is complete, so that whatever belonged to the ones before is in place.
 */
final class Ending {
    /** How long nothing at all may move before it is taken for a standstill. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final List<String> READERS = List.of("conversion", "cycle-time");
    private static final Map<String, List<String>> READS = Map.of(
            "conversion", List.of(Topics.ENGAGEMENT, Topics.DEAL, Topics.FEEDBACK),
            "cycle-time", List.of(Topics.ENGAGEMENT, Topics.DEAL));

    private final Settings settings;
    private final FlinkRest flink;
    private final Map<String, String> jobIds;
    private final Map<String, Long> sent;
    private final Instant end;
    private final Readings readings;

    private String waitsFor = "the jobs to read the first events";
    private long moved = System.nanoTime();
    private Object lastSeen = "";
    private Map<String, Long> published = Map.of();
    private final Map<String, Long> seenAt = new HashMap<>();

    /**
     * Watches the jobs.
     *
     * @param jobIds Flink's ids of the jobs by their names
     * @param sent events by topic
     * @param end time as of which the history was ended
     */
    Ending(
            Settings settings,
            FlinkRest flink,
            Map<String, String> jobIds,
            Map<String, Long> sent,
            Instant end,
            Readings readings) {
        this.settings = settings;
        this.flink = flink;
        this.jobIds = jobIds;
        this.sent = sent;
        this.end = end;
        this.readings = readings;
    }

    /** Of all that the jobs will read, how much they have; only events, not what jobs tell each other. */
    double share() {
        long all = 0;
        long read = 0;
        List<Readings.Account> accounts = readings.accounts();
        for (String job : READERS) {
            for (String topic : READS.getOrDefault(job, List.of())) {
                all += sent.getOrDefault(topic, 0L);
                read += events(accounts, job, topic);
            }
        }
        return all == 0 ? 1 : (double) read / all;
    }

    /** What is still awaited, for people. */
    String waitsFor() {
        return waitsFor;
    }

    /** Whether it is over; fails when nothing has moved for long. */
    boolean reached() {
        List<Readings.Account> accounts = readings.accounts();
        Instant funnels = readings.asOf("funnel_total");
        Instant stages = readings.asOf("stage_flow");
        boolean over =
                readAll(accounts, funnels, stages) && confirmed("events") && toldOn(accounts) && confirmed("rest");
        Object seen = List.of(accounts, funnels, stages, waitsFor);
        if (!seen.equals(lastSeen)) {
            lastSeen = seen;
            moved = System.nanoTime();
        } else if (System.nanoTime() - moved > PATIENCE.toNanos()) {
            throw new Failure(
                    "nothing has moved for " + PATIENCE.toSeconds() + " s while waiting for " + waitsFor + failures());
        }
        return over;
    }

    private boolean readAll(List<Readings.Account> accounts, Instant funnels, Instant stages) {
        for (String job : READERS) {
            for (String topic : READS.getOrDefault(job, List.of())) {
                long events = events(accounts, job, topic);
                long wanted = sent.getOrDefault(topic, 0L);
                if (events != wanted
                        || marks(accounts, job, topic) < settings.kafka().partitions()) {
                    return still(
                            "job " + job + " to count all " + wanted + " events of " + topic + ", it has " + events);
                }
            }
        }
        if (funnels.isBefore(end)) {
            return still("funnels to come to " + end + ", they are at " + funnels);
        } else if (stages.isBefore(end)) {
            return still("stages to come to " + end + ", they are at " + stages);
        }
        return true;
    }

    private boolean toldOn(List<Readings.Account> accounts) {
        if (published.isEmpty()) {
            published = published();
        }
        for (Map.Entry<String, Long> topic : published.entrySet()) {
            long read = events(accounts, "anomaly", topic.getKey());
            if (read != topic.getValue()) {
                return still("job anomaly to count all " + topic.getValue() + " records of " + topic.getKey()
                        + ", it has " + read);
            }
        }
        return true;
    }

    /** Whether every job has completed a checkpoint that began after this was first asked. */
    private boolean confirmed(String what) {
        long since = seenAt.computeIfAbsent(what, first -> System.currentTimeMillis());
        try {
            for (Map.Entry<String, String> job : jobIds.entrySet()) {
                if (flink.newestCheckpoint(job.getValue()) <= since) {
                    return still("one more checkpoint of job " + job.getKey());
                }
            }
            return true;
        } catch (IOException failure) {
            throw new Failure("Flink does not answer: " + failure.getMessage(), failure);
        }
    }

    private boolean still(String what) {
        waitsFor = what;
        return false;
    }

    private long events(List<Readings.Account> accounts, String job, String topic) {
        String name = Topics.name(settings, topic);
        return accounts.stream()
                .filter(account -> account.job().equals(job) && account.topic().equals(name))
                .mapToLong(account -> account.read() - account.control())
                .sum();
    }

    private long marks(List<Readings.Account> accounts, String job, String topic) {
        String name = Topics.name(settings, topic);
        return accounts.stream()
                .filter(account -> account.job().equals(job) && account.topic().equals(name))
                .mapToLong(Readings.Account::control)
                .sum();
    }

    /** Counts what the jobs have told each other, since offsets count transactions too. */
    private Map<String, Long> published() {
        Properties client = settings.kafka().client();
        client.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        Map<String, Long> counts = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            for (String topic : List.of(Topics.METRIC, Topics.SIGNAL)) {
                List<TopicPartition> partitions = consumer.partitionsFor(Topics.name(settings, topic)).stream()
                        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                        .toList();
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                long count = 0;
                while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                    count += consumer.poll(Duration.ofMillis(200)).count();
                }
                counts.put(topic, count);
            }
        }
        return counts;
    }

    private String failures() {
        StringBuilder words = new StringBuilder();
        jobIds.forEach((job, id) -> {
            try {
                String cause = flink.rootException(id);
                if (!cause.isEmpty()) {
                    words.append("; job ")
                            .append(job)
                            .append(" last failed with: ")
                            .append(cause);
                }
            } catch (IOException silent) {
                words.append("; Flink no longer answers");
            }
        });
        return words.toString();
    }
}
