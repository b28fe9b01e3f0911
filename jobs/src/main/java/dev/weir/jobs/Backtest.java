package dev.weir.jobs;

import dev.weir.alert.DeskEntry;
import dev.weir.flink.Flow;
import dev.weir.io.History;
import dev.weir.io.RowFiles;
import dev.weir.io.Tables;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Playbook;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The same graphs as on a cluster over a finite history, joined by direct edges instead of topics, into files instead of a
 * warehouse.
 */
public final class Backtest {
    private Backtest() {}

    /**
     * Runs all jobs over a history.
     *
     * @param out an existing folder for one {@code <table>.jsonl} each
     * @return how many rows each table has
     * @throws IOException when a file cannot be written
     */
    public static Map<String, Integer> run(StreamExecutionEnvironment env, Playbook playbook, History history, Path out)
            throws Exception {
        return run(env, playbook, job -> history, out);
    }

    /** The same, where each job has read a history of its own and speaks as of a moment of its own. */
    public static Map<String, Integer> run(
            StreamExecutionEnvironment env, Playbook playbook, Function<String, History> histories, Path out)
            throws Exception {
        graph(
                env,
                playbook,
                job -> histories.apply(job).end(),
                job -> histories.apply(job).streams(env, job),
                histories.apply(AnomalyJob.NAME).desk(env, AnomalyJob.NAME),
                new RowFiles(out, tables()));
        env.execute("weir backtest");
        return RowFiles.gather(out, tables());
    }

    /** The tables of the warehouse that each job writes, beside its ledger and dead letters. */
    public static Map<String, Set<String>> written() {
        Map<String, Set<String>> written = new LinkedHashMap<>();
        written.put(CycleTimeJob.NAME, written(CycleTimeJob.TABLES));
        written.put(ConversionJob.NAME, written(ConversionJob.TABLES));
        written.put(AnomalyJob.NAME, written(AnomalyJob.TABLES));
        return written;
    }

    private static Set<String> written(List<Table> tables) {
        Set<String> names = new LinkedHashSet<>();
        for (Table table : tables) {
            if (tables().containsKey(table.name()) && !table.name().equals(LedgerTally.TABLE.name())) {
                names.add(table.name());
            }
        }
        return names;
    }

    /**
     * Builds the graph without running it.
     *
     * @param end of the history of a job, in epoch milliseconds
     * @param read gives a job its events
     * @param desk what people said of its alerts
     * @param rows receives every row of the warehouse, those of one key in their order
     */
    static void graph(
            StreamExecutionEnvironment env,
            Playbook playbook,
            ToLongFunction<String> end,
            Function<String, History.Streams> read,
            DataStream<Difference<DeskEntry>> desk,
            Sink<Row> rows) {
        History.Streams cycleTime = read.apply(CycleTimeJob.NAME);
        Flow deals = new Flow(CycleTimeJob.NAME, end.applyAsLong(CycleTimeJob.NAME));
        deals.add("read", cycleTime.counts());
        DataStream<Row> dealRows =
                CycleTimeJob.flow(deals, playbook, cycleTime.deals(), cycleTime.engagements(), cycleTime.entities());

        DataStream<Row> said = dealRows;

        if (!playbook.funnels().isEmpty() || playbook.attribution() != null) {
            History.Streams conversion = read.apply(ConversionJob.NAME);
            Flow funnels = new Flow(ConversionJob.NAME, end.applyAsLong(ConversionJob.NAME));
            funnels.add("read", conversion.counts().union(conversion.feedbackCounts()));
            DataStream<Row> funnelRows = ConversionJob.flow(
                    funnels,
                    playbook,
                    new Inputs(
                            conversion.engagements(),
                            conversion.deals(),
                            conversion.feedback(),
                            conversion.entities()));
            said = said.union(funnelRows);
        }
        DataStream<Row> alertRows = AnomalyJob.flow(
                new Flow(AnomalyJob.NAME, end.applyAsLong(AnomalyJob.NAME)),
                playbook,
                AnomalyJob.points(said, "backtest"),
                AnomalyJob.signals(said, "backtest"),
                desk);

        Map<String, Table> tables = tables();
        said.union(alertRows)
                .filter(row -> tables.containsKey(row.table()))
                .uid("backtest-tables")
                .keyBy(Flow.rowKey(tables), Types.STRING)
                .sinkTo(rows)
                .uid("backtest-files");
    }

    private static Map<String, Table> tables() {
        return new LinkedHashMap<>(Tables.warehouse());
    }
}
