package dev.weir.jobs;

import dev.weir.flink.Flow;
import dev.weir.io.History;
import dev.weir.io.RowFiles;
import dev.weir.io.Tables;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Playbook;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
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
        graph(env, playbook, history.end(), job -> history.streams(env, job), new RowFiles(out, tables()));
        env.execute("weir backtest");
        return RowFiles.gather(out, tables());
    }

    /**
     * Builds the graph without running it.
     *
     * @param end of the history in epoch milliseconds
     * @param read gives a job its events
     * @param rows receives every row of the warehouse, those of one key in their order
     */
    static void graph(
            StreamExecutionEnvironment env,
            Playbook playbook,
            long end,
            Function<String, History.Streams> read,
            Sink<Row> rows) {
        History.Streams cycleTime = read.apply(CycleTimeJob.NAME);
        Flow deals = new Flow(CycleTimeJob.NAME, end);
        deals.add("read", cycleTime.counts());
        DataStream<Row> dealRows = CycleTimeJob.flow(deals, playbook, cycleTime.deals(), cycleTime.engagements());

        DataStream<Row> said = dealRows;

        if (!playbook.funnels().isEmpty() || playbook.attribution() != null) {
            History.Streams conversion = read.apply(ConversionJob.NAME);
            Flow funnels = new Flow(ConversionJob.NAME, end);
            funnels.add("read", conversion.counts());
            DataStream<Row> funnelRows = ConversionJob.flow(
                    funnels, playbook, new Inputs(conversion.engagements(), conversion.deals(), conversion.feedback()));
            said = said.union(funnelRows);
        }
        DataStream<Row> alertRows = AnomalyJob.flow(
                new Flow(AnomalyJob.NAME, end),
                playbook,
                AnomalyJob.points(said, "backtest"),
                AnomalyJob.signals(said, "backtest"));

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
