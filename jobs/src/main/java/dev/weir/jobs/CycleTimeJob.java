package dev.weir.jobs;

import dev.weir.alert.Signal;
import dev.weir.cycletime.CohortTally;
import dev.weir.cycletime.DealMachine;
import dev.weir.cycletime.DealTables;
import dev.weir.cycletime.FlowTally;
import dev.weir.event.DealChange;
import dev.weir.event.MetricPoint;
import dev.weir.flink.Flow;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Playbook;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.DataStream;

/** How deals move: visits, flow, cohorts, bottlenecks, stalls. */
public final class CycleTimeJob {
    public static final String NAME = "cycle-time";

    /** What this job says, beside the ledger. */
    static final List<Table> TABLES = List.of(
            DealTables.DEAL,
            DealTables.STAGE_VISIT,
            DealTables.STAGE_FLOW,
            DealTables.STAGE_COHORT,
            DealTables.STAGE_HAZARD,
            DealTables.STAGE_QUEUE,
            DealTables.BOTTLENECK,
            MetricPoint.TABLE,
            Signal.TABLE,
            LedgerTally.TABLE);

    private CycleTimeJob() {}

    public static void main(String[] arguments) throws Exception {
        Submitted job = Submitted.as(NAME, arguments);
        job.write(flow(job.flow(), job.playbook(), job.read("deal", job.inputs().deals())));
    }

    /** Deals go to their machine; what the machine says goes to flow and cohort tallies and leaves as rows. */
    public static DataStream<Row> flow(Flow flow, Playbook playbook, DataStream<Difference<DealChange>> deals) {
        flow.machine(
                "deal", deals, change -> deal(change), new DealMachine(playbook), DealChange.class, DealChange.class);
        return flow.rows(
                Map.of(
                        FlowTally.KIND, new FlowTally(playbook),
                        CohortTally.KIND, new CohortTally(playbook),
                        LedgerTally.KIND, new LedgerTally()),
                TABLES);
    }

    private static String deal(Difference<DealChange> change) {
        return change.fact == null ? "" : change.fact.dealId();
    }
}
