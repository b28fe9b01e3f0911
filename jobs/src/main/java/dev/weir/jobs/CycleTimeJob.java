package dev.weir.jobs;

import dev.weir.alert.Signal;
import dev.weir.cycletime.CohortTally;
import dev.weir.cycletime.DealMachine;
import dev.weir.cycletime.DealTables;
import dev.weir.cycletime.FlowTally;
import dev.weir.cycletime.ForecastTally;
import dev.weir.cycletime.PipelineTally;
import dev.weir.cycletime.StageLimits;
import dev.weir.cycletime.WaterfallTally;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.EntityTables;
import dev.weir.event.MetricPoint;
import dev.weir.flink.Flow;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Playbook;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.streaming.api.datastream.DataStream;

/** How deals move: visits, flow, cohorts, bottlenecks, stalls. */
public final class CycleTimeJob {
    public static final String NAME = "cycle-time";

    /** What this job says, beside the ledger. */
    static final List<Table> TABLES = List.of(
            DealTables.DEAL,
            DealTables.DEAL_HISTORY,
            DealTables.STAGE_VISIT,
            DealTables.STAGE_FLOW,
            DealTables.STAGE_COHORT,
            DealTables.STAGE_HAZARD,
            DealTables.STAGE_QUEUE,
            DealTables.BOTTLENECK,
            DealTables.PIPELINE_WATERFALL,
            DealTables.PIPELINE_FIGURES,
            DealTables.FORECAST,
            DealTables.STAGE_LIMIT,
            MetricPoint.TABLE,
            EntityTables.OWNER,
            Signal.TABLE,
            LedgerTally.TABLE);

    private CycleTimeJob() {}

    public static void main(String[] arguments) throws Exception {
        Submitted job = Submitted.as(NAME, arguments);
        job.write(flow(
                job.flow(),
                job.playbook(),
                job.read("deal", job.inputs().deals()),
                job.read("engagement", job.inputs().engagements()),
                job.read("entity", job.inputs().entities())));
    }

    /**
     * Deals go to their machine, merged ones together, with the meetings, replies and calls that show them alive; what the
     * machine says goes to tallies and leaves as rows. Owners keep their history; limits that were published concern every deal.
     */
    public static DataStream<Row> flow(
            Flow flow,
            Playbook playbook,
            DataStream<Difference<DealChange>> deals,
            DataStream<Difference<Engagement>> engagements,
            DataStream<Difference<EntityChange>> entities) {
        DataStream<Difference<EntityChange>> kept =
                EntityHistory.kept(flow, entities, Set.of(EntityChange.OWNER, EntityChange.STAGE));
        EntityHistory.rows(flow, EntityHistory.only(NAME, kept, EntityChange.OWNER));
        DataStream<Difference<DealChange>> limits = flow.machine(
                "limits",
                EntityHistory.only(NAME, kept, EntityChange.STAGE),
                stage -> stage.fact == null ? "" : stage.fact.id(),
                new StageLimits(playbook),
                EntityChange.class,
                DealChange.class);
        flow.machine(
                "deal",
                Merging.deals(flow, NAME, deals.union(activities(flow, engagements))),
                limits,
                Merging::deal,
                new DealMachine(playbook),
                DealChange.class,
                DealChange.class);
        return flow.rows(
                Map.of(
                        FlowTally.KIND, new FlowTally(playbook),
                        CohortTally.KIND, new CohortTally(playbook),
                        WaterfallTally.KIND, new WaterfallTally(playbook),
                        PipelineTally.KIND, new PipelineTally(playbook),
                        ForecastTally.KIND, new ForecastTally(playbook),
                        LedgerTally.KIND, new LedgerTally()),
                TABLES);
    }

    /** Two-way engagements as changes of their deals, and what takes one back; all others are dropped before they are shuffled, and counted. */
    private static DataStream<Difference<DealChange>> activities(
            Flow flow, DataStream<Difference<Engagement>> engagements) {
        String uid = NAME + "-activities";
        return flow.filter("two-way", engagements, Engagement::concernsDeal, Engagement.class)
                .map(engagement -> new Difference<>(
                        engagement.key,
                        engagement.comes,
                        DealChange.activity(Objects.requireNonNull(engagement.fact)),
                        engagement.position))
                .returns(StreamTypes.difference(DealChange.class))
                .uid(uid)
                .name(uid);
    }
}
