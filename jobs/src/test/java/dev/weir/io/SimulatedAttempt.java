package dev.weir.io;

import dev.weir.machine.Row;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.io.disk.iomanager.IOManagerAsync;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.SimpleOperatorFactory;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a job: its operators, as in production, each subtask in a harness, with a queue for every channel between
 * two of them. Which queue moves next is drawn, so elements of different channels overtake each other as on a network.
 */
final class SimulatedAttempt {
    /** Each key group costs something at each checkpoint; this is enough for every parallelism here. */
    private static final int MAX_PARALLELISM = 12;
    /** Nobody uses it; one for all, as each makes folders and threads. */
    private static final IOManagerAsync FILES = new IOManagerAsync();

    private final Random random;
    private final Map<String, Subtask[]> subtasks = new LinkedHashMap<>();
    private final JobGraph graph;
    private final List<Channel> busy = new ArrayList<>();

    /** Travels like a watermark: time need not wait for this channel. */
    private static final Object IDLE = new Object();

    /** What one subtask sends another, in order. */
    private static final class Channel {
        final Subtask to;
        final Deque<Object> elements = new ArrayDeque<>();
        long watermark = Long.MIN_VALUE;
        /** Nothing will ever come this way. */
        boolean idle;

        Channel(Subtask to) {
            this.to = to;
        }
    }

    private static final class Subtask {
        final JobGraph.Node node;
        final int index;
        final @Nullable OneInputStreamOperatorTestHarness<Object, Object> harness;
        final List<Channel> inputs = new ArrayList<>();
        /** By edge, then by the index of whom it leads to. */
        final List<Channel[]> outputs = new ArrayList<>();

        long watermark = Long.MIN_VALUE;

        Subtask(JobGraph.Node node, int index, @Nullable OneInputStreamOperatorTestHarness<Object, Object> harness) {
            this.node = node;
            this.index = index;
            this.harness = harness;
        }
    }

    /** State of every operator, its subtasks' together. */
    record State(Map<String, List<OperatorSubtaskState>> operators) {}

    SimulatedAttempt(JobGraph graph, @Nullable State from, Random random) throws Exception {
        this.graph = graph;
        this.random = random;
        for (JobGraph.Node node : graph.nodes()) {
            Subtask[] of = new Subtask[node.parallelism()];
            for (int i = 0; i < of.length; i++) {
                of[i] = new Subtask(node, i, node.isSource() ? null : harness(node, i, from));
            }
            subtasks.put(node.uid(), of);
        }
        for (JobGraph.Node node : graph.nodes()) {
            for (JobGraph.Edge edge : node.edges()) {
                connect(of(node.uid()), of(edge.to()), edge);
            }
        }
    }

    private Subtask[] of(String uid) {
        return Objects.requireNonNull(subtasks.get(uid), uid);
    }

    private static void connect(Subtask[] from, Subtask[] to, JobGraph.Edge edge) {
        for (Subtask sender : from) {
            Channel[] channels = new Channel[to.length];
            for (Subtask receiver : to) {
                if (edge.exchange() != JobGraph.Exchange.FORWARD || receiver.index == sender.index % to.length) {
                    channels[receiver.index] = new Channel(receiver);
                    receiver.inputs.add(channels[receiver.index]);
                }
            }
            sender.outputs.add(channels);
        }
    }

    private static OneInputStreamOperatorTestHarness<Object, Object> harness(
            JobGraph.Node node, int index, @Nullable State from) throws Exception {
        if (!(Objects.requireNonNull(node.factory()).copy() instanceof SimpleOperatorFactory<?> simple
                && simple.getOperator() instanceof OneInputStreamOperator<?, ?> plain)) {
            throw new IllegalStateException(node.uid() + " is no operator that the simulation can run");
        }
        @SuppressWarnings("unchecked")
        OneInputStreamOperator<Object, Object> operator = (OneInputStreamOperator<Object, Object>) plain;
        MockEnvironment environment = new MockEnvironmentBuilder()
                .setMaxParallelism(MAX_PARALLELISM)
                .setParallelism(node.parallelism())
                .setSubtaskIndex(index)
                .setIOManager(FILES)
                .build();
        OneInputStreamOperatorTestHarness<Object, Object> harness = node.key() == null
                ? new OneInputStreamOperatorTestHarness<>(operator, environment)
                : new KeyedOneInputStreamOperatorTestHarness<>(
                        operator, node.key().copy(), Types.STRING, environment);
        harness.setup(Objects.requireNonNull(node.serializer()));
        List<OperatorSubtaskState> states = from == null ? null : from.operators.get(node.uid());
        if (states != null) {
            harness.initializeState(AbstractStreamOperatorTestHarness.repartitionOperatorState(
                    AbstractStreamOperatorTestHarness.repackageState(states.toArray(OperatorSubtaskState[]::new)),
                    MAX_PARALLELISM,
                    states.size(),
                    node.parallelism(),
                    index));
        }
        harness.open();
        return harness;
    }

    // Sources.

    /** Nothing more comes from a source subtask, and nobody waits for its time. */
    void idle(String source, int index) {
        broadcast(of(source)[index], IDLE);
    }

    void emit(String source, int index, Object element, long at) throws Exception {
        Subtask subtask = of(source)[index];
        for (int e = 0; e < subtask.node.edges().size(); e++) {
            send(subtask, e, new StreamRecord<>(element, at));
        }
    }

    void watermark(String source, int index, long time) {
        Subtask subtask = of(source)[index];
        if (time > subtask.watermark) {
            subtask.watermark = time;
            broadcast(subtask, new Watermark(time));
        }
    }

    // Moving.

    /** Lets one element move, if there is one. */
    boolean step() throws Exception {
        if (busy.isEmpty()) {
            return false;
        }
        int drawn = random.nextInt(busy.size());
        Channel channel = busy.get(drawn);
        Object element = channel.elements.remove();
        if (channel.elements.isEmpty()) {
            busy.set(drawn, busy.get(busy.size() - 1));
            busy.remove(busy.size() - 1);
        }
        Subtask subtask = channel.to;
        var harness = Objects.requireNonNull(subtask.harness);
        if (element instanceof Watermark mark) {
            channel.watermark = mark.getTimestamp();
            advance(subtask);
        } else if (element == IDLE) {
            channel.idle = true;
            if (subtask.inputs.stream().allMatch(input -> input.idle)) {
                broadcast(subtask, IDLE);
            } else {
                advance(subtask);
            }
        } else {
            @SuppressWarnings("unchecked")
            StreamRecord<Object> record = (StreamRecord<Object>) element;
            harness.processElement(record);
        }
        forward(subtask);
        return true;
    }

    /** Time is that of the slowest channel that is not idle. */
    private static void advance(Subtask subtask) throws Exception {
        long time = Long.MAX_VALUE;
        for (Channel input : subtask.inputs) {
            time = input.idle ? time : Math.min(time, input.watermark);
        }
        if (time > subtask.watermark && time < Long.MAX_VALUE) {
            subtask.watermark = time;
            Objects.requireNonNull(subtask.harness).processWatermark(time);
        }
    }

    /** Lets everything move that is on its way. */
    void drain() throws Exception {
        while (step()) {}
    }

    private void forward(Subtask subtask) throws Exception {
        var harness = Objects.requireNonNull(subtask.harness);
        for (int e = 0; e < subtask.node.edges().size(); e++) {
            var tag = subtask.node.edges().get(e).tag();
            Queue<StreamRecord<Object>> side = tag == null ? null : harness.getSideOutput(tag);
            if (side != null) {
                for (StreamRecord<Object> record : side) {
                    send(subtask, e, record);
                }
            }
        }
        for (JobGraph.Edge edge : subtask.node.edges()) {
            Queue<StreamRecord<Object>> side = edge.tag() == null ? null : harness.getSideOutput(edge.tag());
            if (side != null) {
                side.clear();
            }
        }
        if (subtask.node.uid().equals(JobGraph.ROWS)) {
            return; // what arrives there is taken by rows()
        }
        for (Object element = harness.getOutput().poll();
                element != null;
                element = harness.getOutput().poll()) {
            if (element instanceof Watermark mark) {
                broadcast(subtask, mark);
            } else {
                @SuppressWarnings("unchecked")
                StreamRecord<Object> record = (StreamRecord<Object>) element;
                for (int e = 0; e < subtask.node.edges().size(); e++) {
                    if (subtask.node.edges().get(e).tag() == null) {
                        send(subtask, e, record);
                    }
                }
            }
        }
    }

    private void send(Subtask from, int edge, StreamRecord<Object> record) throws Exception {
        JobGraph.Edge way = from.node.edges().get(edge);
        Channel[] channels = from.outputs.get(edge);
        if (way.exchange() == JobGraph.Exchange.BROADCAST) {
            for (Channel channel : channels) {
                put(Objects.requireNonNull(channel), copied(way, record));
            }
            return;
        }
        StreamRecord<Object> copied = copied(way, record);
        int to =
                switch (way.exchange()) {
                    case FORWARD -> from.index % channels.length;
                    case KEYED ->
                        KeyGroupRangeAssignment.assignKeyToParallelOperator(
                                Objects.requireNonNull(of(way.to())[0].node.key())
                                        .original()
                                        .getKey(copied.getValue()),
                                MAX_PARALLELISM,
                                channels.length);
                    case ANY -> random.nextInt(channels.length);
                    case BROADCAST -> throw new IllegalStateException("goes to all");
                };
        put(Objects.requireNonNull(channels[to]), copied);
    }

    private static StreamRecord<Object> copied(JobGraph.Edge way, StreamRecord<Object> record) {
        Object copy = way.serializer().copy(record.getValue());
        return record.hasTimestamp() ? new StreamRecord<>(copy, record.getTimestamp()) : new StreamRecord<>(copy);
    }

    private void broadcast(Subtask from, Object mark) {
        for (Channel[] edge : from.outputs) {
            for (Channel channel : edge) {
                if (channel != null) {
                    put(channel, mark);
                }
            }
        }
    }

    private void put(Channel channel, Object element) {
        if (channel.elements.isEmpty()) {
            busy.add(channel);
        }
        channel.elements.add(element);
    }

    // Checkpoints.

    /** A barrier: it passes each operator behind everything that was sent before it. */
    State snapshot(long checkpoint) throws Exception {
        drain();
        Map<String, List<OperatorSubtaskState>> states = new HashMap<>();
        for (JobGraph.Node node : graph.nodes()) {
            if (node.isSource()) {
                continue;
            }
            List<OperatorSubtaskState> of = new ArrayList<>();
            for (Subtask subtask : of(node.uid())) {
                var harness = Objects.requireNonNull(subtask.harness);
                harness.prepareSnapshotPreBarrier(checkpoint);
                forward(subtask);
                if (node.key() != null && !node.uid().equals(JobGraph.ROWS)) {
                    of.add(harness.snapshot(checkpoint, checkpoint));
                }
            }
            if (!of.isEmpty()) {
                states.put(node.uid(), of);
            }
            drain();
        }
        return new State(states);
    }

    int rowTasks() {
        return of(JobGraph.ROWS).length;
    }

    /** The rows that have come to a subtask of the outbox since they were last taken. */
    List<Row> rows(int index) {
        List<Row> rows = new ArrayList<>();
        var harness = Objects.requireNonNull(of(JobGraph.ROWS)[index].harness);
        for (Object element = harness.getOutput().poll();
                element != null;
                element = harness.getOutput().poll()) {
            if (element instanceof StreamRecord<?> record) {
                rows.add((Row) record.getValue());
            }
        }
        return rows;
    }

    void close() throws Exception {
        for (Subtask[] of : subtasks.values()) {
            for (Subtask subtask : of) {
                if (subtask.harness != null) {
                    subtask.harness.close();
                }
            }
        }
    }
}
