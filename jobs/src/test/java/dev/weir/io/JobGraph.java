package dev.weir.io;

import dev.weir.flink.Flow;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.api.operators.StreamMap;
import org.apache.flink.streaming.api.operators.StreamOperatorFactory;
import org.apache.flink.streaming.runtime.partitioner.BroadcastPartitioner;
import org.apache.flink.streaming.runtime.partitioner.ForwardPartitioner;
import org.apache.flink.streaming.runtime.partitioner.KeyGroupStreamPartitioner;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * The graph of a job as it would be submitted, sources and all, taken apart: whatever operators the job has, the simulation
 * runs. Its rows end in one operator, {@link #ROWS}, keyed like the outbox.
 */
final class JobGraph {
    static final String ROWS = "simulated-rows";

    /** How elements find their subtask. */
    enum Exchange {
        FORWARD,
        KEYED,
        BROADCAST,
        ANY
    }

    /** A way from an operator to the next one; {@code tag} names the side output, null the main one. */
    record Edge(String to, @Nullable OutputTag<Object> tag, Exchange exchange, TypeSerializer<Object> serializer) {}

    /** An operator by its uid; a source has no factory, here its records come from elsewhere. */
    record Node(
            String uid,
            int parallelism,
            @Nullable Copied<StreamOperatorFactory<Object>> factory,
            @Nullable Copied<KeySelector<Object, String>> key,
            @Nullable TypeSerializer<Object> serializer,
            List<Edge> edges) {
        boolean isSource() {
            return factory == null;
        }
    }

    private final LinkedHashMap<String, Node> nodes = new LinkedHashMap<>();

    private JobGraph() {}

    /** What a job's main does between its doors. */
    interface Wiring extends BiFunction<Flow, KafkaInputs, DataStream<Row>> {}

    /** Takes a job apart; operators come in an order in which every one is behind those it hears from. */
    static JobGraph of(String job, Settings settings, Map<String, Table> tables, int parallelism, Wiring wiring) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(parallelism);
        DataStream<Row> rows = wiring.apply(new Flow(job, Long.MAX_VALUE), new KafkaInputs(env, settings, job));
        rows.keyBy(Flow.rowKey(tables), Types.STRING)
                .transform(ROWS, StreamTypes.ROW, new StreamMap<Row, Row>(row -> row))
                .uid(ROWS);
        StreamGraph graph = env.getStreamGraph();
        JobGraph taken = new JobGraph();
        Map<Integer, Integer> waits = new HashMap<>();
        List<StreamNode> ready = new ArrayList<>();
        for (StreamNode node : graph.getStreamNodes()) {
            waits.put(node.getId(), node.getInEdges().size());
            if (node.getInEdges().isEmpty()) {
                ready.add(node);
            }
        }
        while (!ready.isEmpty()) {
            StreamNode node = ready.remove(0);
            taken.take(graph, node);
            for (StreamEdge edge : node.getOutEdges()) {
                if (waits.merge(edge.getTargetId(), -1, Integer::sum) == 0) {
                    ready.add(graph.getStreamNode(edge.getTargetId()));
                }
            }
        }
        return taken;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void take(StreamGraph graph, StreamNode node) {
        boolean source = node.getInEdges().isEmpty();
        KeySelector<?, ?>[] keys = node.getStatePartitioners();
        String uid = Objects.requireNonNull(node.getTransformationUID(), node.getOperatorName() + " has no uid");
        List<Edge> edges = new ArrayList<>();
        for (StreamEdge edge : node.getOutEdges()) {
            if (edge.getTypeNumber() > 1) {
                throw new IllegalStateException(uid + " feeds a second input, which the simulation cannot run");
            }
            OutputTag tag = edge.getOutputTag();
            TypeSerializer serializer = tag == null
                    ? node.getTypeSerializerOut()
                    : tag.getTypeInfo()
                            .createSerializer(graph.getExecutionConfig().getSerializerConfig());
            edges.add(new Edge(
                    graph.getStreamNode(edge.getTargetId()).getTransformationUID(), tag, exchange(edge), serializer));
        }
        nodes.put(
                uid,
                new Node(
                        uid,
                        node.getParallelism(),
                        source ? null : new Copied<>((StreamOperatorFactory) node.getOperatorFactory()),
                        keys == null || keys.length == 0 ? null : new Copied<>((KeySelector) keys[0]),
                        (TypeSerializer) node.getTypeSerializerOut(),
                        edges));
    }

    private static Exchange exchange(StreamEdge edge) {
        if (edge.getPartitioner() instanceof KeyGroupStreamPartitioner) {
            return Exchange.KEYED;
        }
        if (edge.getPartitioner() instanceof BroadcastPartitioner) {
            return Exchange.BROADCAST;
        }
        return edge.getPartitioner() instanceof ForwardPartitioner ? Exchange.FORWARD : Exchange.ANY;
    }

    Iterable<Node> nodes() {
        return nodes.values();
    }

    List<Node> sources() {
        return nodes.values().stream().filter(Node::isSource).toList();
    }
}
