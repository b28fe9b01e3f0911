package dev.weir.io;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.flink.Flow;
import dev.weir.jobs.AnomalyJob;
import dev.weir.jobs.ConversionJob;
import dev.weir.jobs.CycleTimeJob;
import dev.weir.jobs.Inputs;
import dev.weir.machine.Difference;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import dev.weir.recount.DrawnEvents;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Every job between its doors, as its main wires it, with the playbook of {@link DrawnEvents}. */
final class ProductionJobs {
    static final Playbook PLAYBOOK = PlaybookLoader.load(DrawnEvents.playbook(), "playbook");
    /** The same that writes no attempts, attributes nothing and asks nothing of the accounts of persons, so that persons who are alone tell their funnels themselves. */
    static final Playbook LEAN = lean(PLAYBOOK);

    static final Settings SETTINGS = Settings.parse("""
            kafka: {bootstrap: "nowhere:9092", topic_prefix: weir.}
            warehouse: {url: "jdbc:postgresql://nowhere/weir", user: nobody}
            """, "settings");

    private ProductionJobs() {}

    static Map<String, JobGraph.Wiring> all() {
        Map<String, JobGraph.Wiring> jobs = new LinkedHashMap<>();
        jobs.put(CycleTimeJob.NAME, ProductionJobs::cycleTime);
        jobs.put(ConversionJob.NAME, ProductionJobs::conversion);
        jobs.put(AnomalyJob.NAME, ProductionJobs::anomaly);
        return jobs;
    }

    private static Playbook lean(Playbook p) {
        return new Playbook(
                p.name(),
                p.hash(),
                p.zone(),
                p.calendar(),
                p.reportingCurrency(),
                p.rates(),
                p.teams(),
                p.pipelines(),
                p.funnels().stream().map(ProductionJobs::quiet).toList(),
                p.targets(),
                p.seasons(),
                p.changes(),
                p.alerts(),
                null);
    }

    private static Funnel quiet(Funnel f) {
        return new Funnel(
                f.name(),
                f.definition(),
                f.entity(),
                f.steps(),
                f.order(),
                f.exclude(),
                f.within(),
                f.breakdowns().stream()
                        .filter(b -> f.entity() == Funnel.Entity.ACCOUNT
                                || b.fields().stream().noneMatch(field -> field.startsWith("account.")))
                        .toList(),
                f.breakdownFrom(),
                f.windows(),
                false);
    }

    private static DataStream<Row> cycleTime(Flow flow, KafkaInputs inputs) {
        return CycleTimeJob.flow(
                flow,
                PLAYBOOK,
                read(flow, "deal", inputs.deals()),
                read(flow, "engagement", inputs.engagements()),
                read(flow, "entity", inputs.entities()));
    }

    private static DataStream<Row> conversion(Flow flow, KafkaInputs inputs) {
        return conversion(flow, PLAYBOOK, inputs);
    }

    static DataStream<Row> leanConversion(Flow flow, KafkaInputs inputs) {
        return conversion(flow, LEAN, inputs);
    }

    private static DataStream<Row> conversion(Flow flow, Playbook playbook, KafkaInputs inputs) {
        return ConversionJob.flow(
                flow,
                playbook,
                new Inputs(
                        read(flow, "engagement", inputs.engagements()),
                        read(flow, "deal", inputs.deals()),
                        read(flow, "feedback", inputs.feedback()),
                        read(flow, "entity", inputs.entities())));
    }

    private static DataStream<Row> anomaly(Flow flow, KafkaInputs inputs) {
        return AnomalyJob.flow(
                flow,
                PLAYBOOK,
                read(flow, "metric", inputs.metrics()),
                read(flow, "signal", inputs.signals()),
                read(flow, "desk", inputs.desk()));
    }

    private static <E> DataStream<Difference<E>> read(Flow flow, String name, KafkaInputs.Input<E> input) {
        flow.add(name + "-read", input.counts());
        flow.addRows(input.deadLetters());
        return input.events();
    }

    /** The tables of the warehouse and those that travel by topic only. */
    static Map<String, Table> tables() {
        Map<String, Table> tables = new LinkedHashMap<>(Tables.warehouse());
        tables.put(MetricPoint.TABLE.name(), MetricPoint.TABLE);
        tables.put(Signal.TABLE.name(), Signal.TABLE);
        return tables;
    }
}
