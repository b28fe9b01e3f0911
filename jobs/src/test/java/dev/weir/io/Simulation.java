package dev.weir.io;

import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The life of one job from its first record to its last, with whatever a seed makes happen to it: watermarks that jump ahead
 * of what is still to come, checkpoints that are lost, attempts that die before, between and after the steps of one, another
 * parallelism after each restart, a warehouse that fails in the middle of a commit, and attempts that were thought dead and
 * publish what they held once more, much later.
 */
final class Simulation {
    /** Most faults in one life: what is done over and over must come to an end. */
    private static final int FAULTS = 4;

    private final String job;
    private final Random random;
    private final Map<Integer, JobGraph> graphs;
    private final Map<String, Table> tables;
    private final Topic[] topics;
    private final SimulatedWarehouse warehouse;
    private final long end;

    /** What happened, for whoever looks for the reason. */
    private final List<String> story = new ArrayList<>();

    private int faults;
    private long epoch = 1;
    private long checkpoint;
    private Completed last = new Completed(0, 1, null, Map.of(), List.of());
    /** What attempts that are thought dead still hold and may publish. */
    private final List<Batch> zombies = new ArrayList<>();

    private SimulatedAttempt attempt;
    private final Map<TopicPartition, Integer> read = new HashMap<>();
    private final Map<TopicPartition, Long> times = new HashMap<>();
    private List<OutboxWriter> writers = new ArrayList<>();
    private List<Pending> pending = new ArrayList<>();
    private int parallelism;

    /** A topic's records by partition, with the source that reads it and how. */
    record Topic(String source, Receiver<?> receiver, List<List<ConsumerRecord<byte[], byte[]>>> partitions) {}

    /** What waits for its checkpoint to complete. */
    private record Pending(long checkpoint, List<Batch> batches, String transaction, List<Row> records) {}

    private record Completed(
            long checkpoint,
            long epoch,
            SimulatedAttempt.@Nullable State state,
            Map<TopicPartition, Integer> read,
            List<Pending> pending) {}

    Simulation(
            String job,
            Random random,
            Map<Integer, JobGraph> graphs,
            Map<String, Table> tables,
            SimulatedWarehouse warehouse,
            long end,
            Topic... topics)
            throws Exception {
        this.job = job;
        this.random = random;
        this.graphs = graphs;
        this.tables = tables;
        this.warehouse = warehouse;
        this.end = end;
        this.topics = topics;
        this.attempt = start();
    }

    /** Runs to the end: all is read, all is said, all is published. */
    void run() throws Exception {
        while (!allRead()) {
            int drawn = random.nextInt(40);
            if (drawn == 0) {
                checkpoint();
            } else if (drawn == 1 && faults < FAULTS && random.nextInt(3) == 0) {
                fail("between checkpoints");
            } else if (drawn == 2 && !zombies.isEmpty()) {
                warehouse.upsert(zombies.remove(random.nextInt(zombies.size())));
            } else if (drawn < 20) {
                attempt.step();
            } else {
                read();
            }
        }
        faults = FAULTS;
        for (boolean over = false; !over; ) {
            over = allRead() && checkpoint();
            while (!allRead()) {
                read();
            }
        }
        for (Batch late : zombies) {
            warehouse.upsert(late);
        }
        attempt.close();
    }

    private boolean allRead() {
        for (Topic topic : topics) {
            for (int p = 0; p < topic.partitions.size(); p++) {
                if (read.getOrDefault(new TopicPartition(topic.source, p), 0)
                        < topic.partitions.get(p).size()) {
                    return false;
                }
            }
        }
        return true;
    }

    private SimulatedAttempt start() throws Exception {
        List<Integer> widths = new ArrayList<>(graphs.keySet());
        parallelism = widths.get(random.nextInt(widths.size()));
        attempt = new SimulatedAttempt(Objects.requireNonNull(graphs.get(parallelism)), last.state, random);
        read.clear();
        read.putAll(last.read);
        times.clear(); // the time of a partition is not part of state
        for (JobGraph.Node source :
                Objects.requireNonNull(graphs.get(parallelism)).sources()) {
            for (int i = 0; i < parallelism; i++) {
                if (Arrays.stream(topics).noneMatch(topic -> topic.source.equals(source.uid()))) {
                    attempt.idle(source.uid(), i); // a topic that nobody writes to
                }
            }
        }
        for (Topic topic : topics) {
            for (int i = 0; i < parallelism; i++) {
                tell(topic, i);
            }
        }
        writers = new ArrayList<>();
        for (int i = 0; i < attempt.rowTasks(); i++) {
            writers.add(new OutboxWriter(tables, Outbox.firstRevision(epoch), last.checkpoint));
        }
        pending = new ArrayList<>(last.pending);
        checkpoint = Math.max(checkpoint, last.checkpoint);
        commit(last.checkpoint);
        return attempt;
    }

    private void read() throws Exception {
        Topic topic = topics[random.nextInt(topics.length)];
        int p = random.nextInt(topic.partitions.size());
        TopicPartition partition = new TopicPartition(topic.source, p);
        List<ConsumerRecord<byte[], byte[]>> records = topic.partitions.get(p);
        int at = read.getOrDefault(partition, 0);
        if (at >= records.size()) {
            return;
        }
        read.put(partition, at + 1);
        Received<?> received = topic.receiver.receive(records.get(at));
        attempt.emit(topic.source, p % parallelism, received, received.at);
        if (received.isMark()) {
            times.put(partition, received.at);
        } else if (random.nextInt(4) == 0) {
            // Anything from far behind to the end of the history: what is still to come is late by as much.
            long ahead = end - (long) (random.nextDouble() * random.nextDouble() * 120 * 86_400_000L);
            times.merge(partition, random.nextInt(8) == 0 ? ahead : received.at, Math::max);
        }
        tell(topic, p % parallelism);
    }

    /**
     * The time of a source subtask is that of its slowest partition; one that was read to its end by an earlier attempt has
     * none and is left out.
     */
    private void tell(Topic topic, int index) {
        long slowest = Long.MAX_VALUE;
        for (int p = index; p < topic.partitions.size(); p += parallelism) {
            TopicPartition partition = new TopicPartition(topic.source, p);
            if (times.containsKey(partition)
                    || read.getOrDefault(partition, 0) < topic.partitions.get(p).size()) {
                slowest = Math.min(slowest, times.getOrDefault(partition, Long.MIN_VALUE));
            }
        }
        if (slowest == Long.MAX_VALUE) {
            attempt.idle(topic.source, index);
        } else {
            attempt.watermark(topic.source, index, slowest);
        }
    }

    /** One checkpoint and what may become of it; true when it is complete and published. */
    private boolean checkpoint() throws Exception {
        Map<TopicPartition, Integer> positions = new HashMap<>(read);
        SimulatedAttempt.State state = attempt.snapshot(++checkpoint);
        List<Batch> batches = new ArrayList<>();
        List<Row> records = new ArrayList<>();
        for (int i = 0; i < writers.size(); i++) {
            for (Row row : attempt.rows(i)) {
                if (Tables.warehouse().containsKey(row.table())) {
                    writers.get(i).write(row, NO_CONTEXT);
                }
                if (KafkaOutputs.publishes(row)) {
                    records.add(row);
                }
            }
            batches.addAll(writers.get(i).prepareCommit());
            writers.get(i).snapshotState(checkpoint);
        }
        pending.add(new Pending(checkpoint, batches, job + " " + epoch + " " + checkpoint, records));
        int fate = faults < FAULTS ? random.nextInt(12) : 12;
        if (fate == 0) {
            story.add("checkpoint " + checkpoint + " declined");
            return false; // the job goes on, what waits goes on waiting
        } else if (fate == 1) {
            fail("before its checkpoint was complete");
            return false;
        }
        last = new Completed(checkpoint, epoch, state, positions, new ArrayList<>(pending));
        if (fate == 2) {
            fail("before it heard that its checkpoint was complete");
            return false;
        } else if (fate == 3) {
            for (Pending one : pending) {
                for (Batch batch : one.batches.subList(0, one.batches.size() / 2)) {
                    warehouse.upsert(batch);
                }
            }
            fail("in the middle of a commit");
            return false;
        } else if (fate == 4) {
            resubmit();
            return false;
        }
        commit(checkpoint);
        return true;
    }

    private void commit(long completed) throws IOException {
        for (Pending one : new ArrayList<>(pending)) {
            if (one.checkpoint <= completed) {
                for (Batch batch : one.batches) {
                    warehouse.upsert(batch);
                    if (random.nextInt(6) == 0) {
                        zombies.add(batch);
                    }
                }
                warehouse.publish(one.transaction, one.records);
                pending.remove(one);
            }
        }
    }

    /** The attempt is gone, or thought to be; another goes on from the last completed checkpoint. */
    private void fail(String when) throws Exception {
        faults++;
        story.add("died " + when + ", went on from " + last.checkpoint);
        for (Pending one : last.pending) {
            if (random.nextBoolean()) {
                zombies.addAll(one.batches);
            }
        }
        attempt.close();
        attempt = start();
    }

    /** Another submission goes on from the checkpoint of the one before. */
    private void resubmit() throws Exception {
        faults++;
        story.add("submitted again from " + last.checkpoint);
        epoch++;
        attempt.close();
        attempt = start();
    }

    String story() {
        return job + " at " + parallelism + ": " + story;
    }

    /** The writer does not ask. */
    private static final SinkWriter.Context NO_CONTEXT = new SinkWriter.Context() {
        @Override
        public long currentWatermark() {
            return Long.MIN_VALUE;
        }

        @Override
        public @Nullable Long timestamp() {
            return null;
        }
    };

    /** The newest published record of each key, with how often the same was published twice in a row. */
    static Map<String, Row> newest(List<Row> published, Table table, List<String> twice) {
        Map<String, Row> newest = new TreeMap<>();
        for (Row row : published) {
            if (row.table().equals(table.name())) {
                Row before = newest.put(row.key(table), row);
                if (before != null && before.saysTheSameAs(row)) {
                    twice.add(Keys.split(row.key(table)) + " was published twice");
                }
            }
        }
        return newest;
    }
}
