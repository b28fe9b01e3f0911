package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.Gatherings;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.machine.Tally;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Builds the graph of one job out of machines and tallies. Deltas of all machines gather here until {@link #rows} sends them
 * to their tallies.
 */
public final class Flow {
    private static final OutputTag<Row> ROWS = new OutputTag<>("rows", StreamTypes.ROW);

    private final String job;
    private final AsOf asOf;
    private final Sealing sealing;
    private final List<DataStream<Delta>> deltas = new ArrayList<>();
    private final List<DataStream<Row>> rows = new ArrayList<>();

    /**
     * A job's graph.
     *
     * @param job name of the job: first part of every uid, and its name in the ledger
     * @param end of a finite history in epoch milliseconds; {@link Long#MAX_VALUE} for a live job
     */
    public Flow(String job, long end) {
        this(job, end, Sealing.NEVER);
    }

    /** The same of a job that does not keep facts for ever. */
    public Flow(String job, long end, Sealing sealing) {
        this.job = job;
        this.asOf = new AsOf(end);
        this.sealing = sealing;
    }

    /** Drops what a filter refuses before it is shuffled, and counts it as filtered. */
    public <F> DataStream<Difference<F>> filter(
            String name, DataStream<Difference<F>> facts, FilterFunction<F> filter, Class<F> factType) {
        String uid = job + "-" + name;
        SingleOutputStreamOperator<Difference<F>> kept = facts.transform(
                        uid, StreamTypes.difference(factType), new CountingFilter<>(job, filter))
                .uid(uid)
                .name(uid);
        add(name, kept.getSideOutput(CountingOperator.COUNTS));
        return kept;
    }

    /** Makes a fact of another. */
    public interface Making<F, G> extends Serializable {
        /** The fact, or null when nothing is made of this one. */
        @Nullable G of(F fact);
    }

    /** The facts made of others, come and go as those do; the records behind them are counted elsewhere. */
    public <F, G> DataStream<Difference<G>> made(
            String name, DataStream<Difference<F>> facts, Making<F, G> making, Class<G> type) {
        String uid = job + "-" + name;
        return facts.flatMap((Difference<F> difference, Collector<Difference<G>> out) -> {
                    G made = making.of(Objects.requireNonNull(difference.fact));
                    if (made != null) {
                        out.collect(difference.made(made));
                    }
                })
                .returns(StreamTypes.difference(type))
                .uid(uid)
                .name(uid);
    }

    /** Runs a machine over differences, each at its key; keeps its rows, gives the facts it sends on. */
    public <F, O> DataStream<Difference<O>> machine(
            String name,
            DataStream<Difference<F>> facts,
            KeySelector<Difference<F>, String> key,
            Machine<F, O> machine,
            Class<F> factType,
            Class<O> sentType) {
        Said<O> said = said(name, facts, key, machine, factType, sentType);
        rows.add(said.rows());
        return said.facts();
    }

    /**
     * The same of a machine that knows facts which concern every key.
     *
     * @param common those facts, see {@link Machine#common}; they come and leave in the order in which one machine sends them
     */
    public <F, O> DataStream<Difference<O>> machine(
            String name,
            DataStream<Difference<F>> facts,
            DataStream<Difference<F>> common,
            KeySelector<Difference<F>, String> key,
            Machine<F, O> machine,
            Class<F> factType,
            Class<O> sentType) {
        String uid = job + "-" + name;
        OutputTag<Difference<O>> sent = new OutputTag<>("facts", StreamTypes.difference(sentType));
        SingleOutputStreamOperator<Delta> said = facts.keyBy(key, Types.STRING)
                .union(common.broadcast())
                .transform(
                        uid,
                        StreamTypes.DELTA,
                        new KnowingOperator<>(
                                job,
                                name,
                                machine,
                                FlatType.of(factType),
                                StreamTypes.memory(factType),
                                ROWS,
                                sent,
                                asOf,
                                sealing));
        // A union has no key: whatever is not common comes by one.
        @SuppressWarnings("unchecked")
        OneInputTransformation<Difference<F>, Delta> keyed =
                (OneInputTransformation<Difference<F>, Delta>) said.getTransformation();
        keyed.setStateKeySelector(key);
        keyed.setStateKeyType(Types.STRING);
        add(name, said.uid(uid).name(uid), machine::spread);
        rows.add(said.getSideOutput(ROWS));
        return said.getSideOutput(sent);
    }

    /** What a machine says, beside the deltas: rows that are not kept yet, and facts it sends on. */
    public record Said<O>(DataStream<Row> rows, DataStream<Difference<O>> facts) {}

    /** Runs a machine whose rows are the facts of another; gives both. */
    public <F, O> Said<O> said(
            String name,
            DataStream<Difference<F>> facts,
            KeySelector<Difference<F>, String> key,
            Machine<F, O> machine,
            Class<F> factType,
            Class<O> sentType) {
        OutputTag<Difference<O>> sent = new OutputTag<>("facts", StreamTypes.difference(sentType));
        SingleOutputStreamOperator<Delta> said = run(name, facts, key, machine, factType, sent);
        return new Said<>(said.getSideOutput(ROWS), said.getSideOutput(sent));
    }

    /** Runs a machine that sends no facts; gives its rows instead of keeping them. */
    public <F> DataStream<Row> rowsOf(
            String name,
            DataStream<Difference<F>> facts,
            KeySelector<Difference<F>, String> key,
            Machine<F, ?> machine,
            Class<F> factType) {
        return run(name, facts, key, machine, factType, null).getSideOutput(ROWS);
    }

    private <F, O> SingleOutputStreamOperator<Delta> run(
            String name,
            DataStream<Difference<F>> facts,
            KeySelector<Difference<F>, String> key,
            Machine<F, O> machine,
            Class<F> factType,
            @Nullable OutputTag<Difference<O>> sent) {
        String uid = job + "-" + name;
        SingleOutputStreamOperator<Delta> said = facts.keyBy(key, Types.STRING)
                .transform(
                        uid,
                        StreamTypes.DELTA,
                        new MachineOperator<>(
                                job, name, machine, StreamTypes.memory(factType), ROWS, sent, asOf, sealing))
                .uid(uid)
                .name(uid);
        add(name, said, machine::spread);
        return said;
    }

    /** Adds deltas from elsewhere, such as the counts of the decoder. */
    public void add(String name, DataStream<Delta> more) {
        add(name, more, (group, sums, out) -> out.accept(group, sums));
    }

    private void add(String name, DataStream<Delta> more, Gatherings.Spreading spreading) {
        String uid = job + "-" + name + "-presum";
        SingleOutputStreamOperator<Delta> summed = more.transform(uid, StreamTypes.DELTA, new PreSum(spreading));
        // The number of subtasks follows the input, so that both run in one thread and nothing is shuffled before it is
        // summed.
        summed.setParallelism(more.getParallelism());
        deltas.add(summed.uid(uid).name(uid));
    }

    /** Adds rows from elsewhere. */
    public void addRows(DataStream<Row> more) {
        rows.add(more);
    }

    /**
     * Every row the job says.
     *
     * @param tallies by the first part of their groups
     * @param described the tables their rows belong to
     */
    public DataStream<Row> rows(Map<String, Tally> tallies, List<Table> described) {
        Map<String, Table> tables = new HashMap<>();
        for (Table table : described) {
            tables.put(table.name(), table);
        }
        String uid = job + "-tally";
        HashMap<String, Tally> byKind = new HashMap<>(tallies);
        DataStream<Row> all = union(deltas)
                .keyBy(delta -> TallyOperator.of(byKind, delta.group).owner(delta.group), Types.STRING)
                .transform(uid, StreamTypes.ROW, new TallyOperator(byKind, tables, asOf))
                .uid(uid)
                .name(uid);
        for (DataStream<Row> more : rows) {
            all = all.union(more);
        }
        return all;
    }

    /** The key a row is kept under: all of its table, definition and natural key. */
    public static KeySelector<Row, String> rowKey(Map<String, Table> tables) {
        return row -> {
            Table table = tables.get(row.table());
            return table == null ? Keys.join(row.table(), row.definition()) : row.key(table);
        };
    }

    private static <T> DataStream<T> union(List<DataStream<T>> streams) {
        DataStream<T> all = streams.get(0);
        for (DataStream<T> stream : streams.subList(1, streams.size())) {
            all = all.union(stream);
        }
        return all;
    }
}
