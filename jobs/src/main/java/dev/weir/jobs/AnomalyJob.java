package dev.weir.jobs;

import dev.weir.alert.Alert;
import dev.weir.alert.AlertDesk;
import dev.weir.alert.AlertTables;
import dev.weir.alert.Delivery;
import dev.weir.alert.DeskEntry;
import dev.weir.alert.DeskFact;
import dev.weir.alert.Digest;
import dev.weir.alert.Signal;
import dev.weir.anomaly.CauseMachine;
import dev.weir.anomaly.Clue;
import dev.weir.anomaly.LeadMachine;
import dev.weir.anomaly.SeriesMachine;
import dev.weir.anomaly.SharesMachine;
import dev.weir.anomaly.WatchTables;
import dev.weir.event.MetricPoint;
import dev.weir.flink.Flow;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Position;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Playbook;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.util.Collector;

/** Watches every metric series, and turns the signals of all jobs into alerts, and takes those back that facts void. */
public final class AnomalyJob {
    public static final String NAME = "anomaly";

    /** What this job says, beside the ledger. */
    static final List<Table> TABLES = List.of(WatchTables.METRIC_POINT, AlertTables.ALERT, LedgerTally.TABLE);

    private AnomalyJob() {}

    public static void main(String[] arguments) throws Exception {
        Submitted job = Submitted.as(NAME, arguments);
        job.write(flow(
                job.flow(),
                job.playbook(),
                job.read("metric", job.inputs().metrics()),
                job.read("signal", job.inputs().signals()),
                job.read("desk", job.inputs().desk())));
    }

    /**
     * Points go to their series, what it notices and what other jobs noticed goes to the incident it belongs to, what is
     * about one deal on to its owner's digest, and every alert with what people said of it out.
     */
    public static DataStream<Row> flow(
            Flow flow,
            Playbook playbook,
            DataStream<Difference<MetricPoint>> points,
            DataStream<Difference<Signal>> signals,
            DataStream<Difference<DeskEntry>> said) {
        Set<String> definitions = definitions(playbook);
        DataStream<Difference<MetricPoint>> watched =
                flow.filter("watched", points, point -> definitions.contains(point.definition()), MetricPoint.class);
        Flow.Said<Clue> series = flow.said(
                "series",
                watched,
                point -> point.fact == null ? "" : SeriesMachine.key(point.fact),
                new SeriesMachine(playbook),
                MetricPoint.class,
                Clue.class);
        flow.addRows(series.rows()
                .filter(row -> !row.table().equals(Signal.TABLE.name()))
                .uid(NAME + "-points-only")
                .name(NAME + "-points-only"));
        DataStream<Difference<Signal>> noticed = signals(explained(flow, watched, series), NAME);
        Flow.Said<Signal> raised = flow.said(
                "desk",
                signals.union(noticed, moved(flow, noticed)),
                signal -> signal.fact == null ? "" : AlertDesk.incidentKey(signal.fact),
                AlertDesk.of(playbook),
                Signal.class,
                Signal.class);
        DataStream<Difference<DeskFact>> entries = entries(said, definitions);
        DataStream<Difference<Signal>> digested = flow.machine(
                "delivery",
                alerts(raised.rows(), "desk").union(entries),
                fact -> fact.key,
                new Delivery(playbook),
                DeskFact.class,
                Signal.class);
        DataStream<Row> digests = flow.rowsOf(
                "digest", raised.facts().union(digested), signal -> signal.key, new Digest(playbook), Signal.class);
        flow.machine(
                "digest-delivery",
                alerts(digests, "digest").union(again(entries)),
                fact -> fact.key,
                new Delivery(playbook),
                DeskFact.class,
                Signal.class);
        flow.addRows(raised.rows()
                .union(digests)
                .filter(row -> !row.table().equals(AlertTables.ALERT.name()))
                .uid(NAME + "-no-alerts")
                .name(NAME + "-no-alerts"));
        return flow.rows(Map.of(LedgerTally.KIND, new LedgerTally()), TABLES);
    }

    /** The signals of the watch; one that the whole of a rate fell with why, from what its values had in the windows it asks for. */
    private static DataStream<Row> explained(
            Flow flow, DataStream<Difference<MetricPoint>> points, Flow.Said<Clue> series) {
        DataStream<Difference<Clue>> answers = flow.machine(
                "shares",
                series.facts().union(flow.made("shares-of-windows", points, Clue::of, Clue.class)),
                Clue::key,
                new SharesMachine(),
                Clue.class,
                Clue.class);
        DataStream<Difference<Clue>> asking =
                flow.made("asking-signals", signals(series.rows(), NAME + "-noticed"), Clue::of, Clue.class);
        return flow.rowsOf("cause", answers.union(asking), Clue::key, new CauseMachine(), Clue.class);
    }

    /** Whether another stage of a pipeline is its bottleneck now. */
    private static DataStream<Difference<Signal>> moved(Flow flow, DataStream<Difference<Signal>> noticed) {
        DataStream<Difference<Signal>> bottlenecks =
                flow.filter("bottlenecks", noticed, signal -> signal.kind().equals(Signal.BOTTLENECK), Signal.class);
        return signals(
                flow.rowsOf(
                        "lead",
                        bottlenecks,
                        signal -> LeadMachine.key(Objects.requireNonNull(signal.fact)),
                        new LeadMachine(),
                        Signal.class),
                NAME + "-moved");
    }

    /** Rows of the metric table as facts of their series. */
    public static DataStream<Difference<MetricPoint>> points(DataStream<Row> rows, String prefix) {
        return rows.filter(row -> row.table().equals(MetricPoint.TABLE.name()))
                .uid(prefix + "-metric-rows")
                .map(row -> new Difference<>("", true, MetricPoint.of(row), null))
                .returns(StreamTypes.difference(MetricPoint.class))
                .uid(prefix + "-metric-points");
    }

    /** Rows of the signal table as facts of their incident; one that is deleted stays, marked so. */
    public static DataStream<Difference<Signal>> signals(DataStream<Row> rows, String prefix) {
        return rows.filter(row -> row.table().equals(Signal.TABLE.name()))
                .uid(prefix + "-signal-rows")
                .map(row -> new Difference<>("", true, Signal.of(row), null))
                .returns(StreamTypes.difference(Signal.class))
                .uid(prefix + "-signals");
    }

    /** Rows of the alert table as facts; one that is deleted stays, marked so. */
    private static DataStream<Difference<DeskFact>> alerts(DataStream<Row> rows, String from) {
        return rows.filter(row -> row.table().equals(AlertTables.ALERT.name()))
                .uid(NAME + "-" + from + "-alert-rows")
                .map(row -> {
                    Alert alert = Alert.of(row);
                    return new Difference<>(Delivery.key(alert), true, DeskFact.of(alert), null);
                })
                .returns(StreamTypes.difference(DeskFact.class))
                .uid(NAME + "-" + from + "-alerts");
    }

    /** What people said, to every key that must know it; counted at the first. */
    private static DataStream<Difference<DeskFact>> entries(
            DataStream<Difference<DeskEntry>> said, Set<String> definitions) {
        HashSet<String> rooms = new HashSet<>(definitions);
        return said.flatMap((Difference<DeskEntry> entry, Collector<Difference<DeskFact>> out) -> {
                    DeskEntry fact = Objects.requireNonNull(entry.fact);
                    Position counted = entry.position;
                    for (String key : Delivery.keys(fact, rooms)) {
                        out.collect(new Difference<>(key, true, DeskFact.of(fact), counted));
                        counted = null;
                    }
                })
                .returns(StreamTypes.difference(DeskFact.class))
                .uid(NAME + "-desk-entries-known");
    }

    /** The same entries, which are counted where they came first. */
    private static DataStream<Difference<DeskFact>> again(DataStream<Difference<DeskFact>> entries) {
        return entries.filter(entry -> entry.key.equals(Delivery.ownKey(Objects.requireNonNull(entry.fact))))
                .uid(NAME + "-desk-entries-of-one")
                .map(entry -> entry.made(Objects.requireNonNull(entry.fact)))
                .returns(StreamTypes.difference(DeskFact.class))
                .uid(NAME + "-desk-entries-again");
    }

    /** The funnels and pipelines of this submission: points of others are not its own. */
    private static Set<String> definitions(Playbook playbook) {
        Set<String> definitions = new HashSet<>();
        playbook.pipelines().forEach(p -> definitions.add(p.definition()));
        playbook.funnels().forEach(f -> definitions.add(f.definition()));
        return definitions;
    }
}
