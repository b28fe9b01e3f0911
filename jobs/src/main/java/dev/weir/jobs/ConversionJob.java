package dev.weir.jobs;

import dev.weir.conversion.DealOwnersMachine;
import dev.weir.conversion.FunnelMachine;
import dev.weir.conversion.FunnelTables;
import dev.weir.conversion.FunnelTally;
import dev.weir.conversion.IdentityMachine;
import dev.weir.conversion.Observation;
import dev.weir.event.DealChange;
import dev.weir.event.MetricPoint;
import dev.weir.flink.Flow;
import dev.weir.flink.StreamTypes;
import dev.weir.io.Matcher;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Playbook;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.ProcessFunction;

/** How people convert: funnels over engagement, deals and feedback. */
public final class ConversionJob {
    public static final String NAME = "conversion";

    /** What this job says, beside the ledger. */
    static final List<Table> TABLES =
            List.of(FunnelTables.FUNNEL_ATTEMPT, FunnelTables.FUNNEL_WINDOW, MetricPoint.TABLE, LedgerTally.TABLE);

    private ConversionJob() {}

    public static void main(String[] arguments) throws Exception {
        Submitted job = Submitted.as(NAME, arguments);
        Inputs inputs = new Inputs(
                job.read("engagement", job.inputs().engagements()),
                job.read("deal", job.inputs().deals()),
                job.read("feedback", job.inputs().feedback()));
        job.write(flow(job.flow(), job.playbook(), inputs));
    }

    /**
     * Events are matched before they are shuffled; visitors find their person and deals their owners; then each person's
     * machine says attempts, and the tallies say funnels.
     */
    public static DataStream<Row> flow(Flow flow, Playbook playbook, Inputs inputs) {
        SingleOutputStreamOperator<Difference<Observation>> engagements =
                match(flow, "engagement", inputs.engagements(), new Matcher.OfEngagement(NAME, playbook));
        SingleOutputStreamOperator<Difference<Observation>> feedback =
                match(flow, "feedback", inputs.feedback(), new Matcher.OfFeedback(NAME, playbook));
        DataStream<Difference<Observation>> identified = flow.machine(
                "identity",
                engagements.getSideOutput(Matcher.ANONYMOUS),
                difference -> difference.key,
                new IdentityMachine(),
                Observation.class,
                Observation.class);
        DataStream<Difference<DealChange>> owned = flow.machine(
                "deal-owners",
                inputs.deals(),
                change -> change.fact == null ? "" : change.fact.dealId(),
                new DealOwnersMachine(),
                DealChange.class,
                DealChange.class);
        DataStream<Difference<Observation>> deals = match(flow, "deal", owned, new Matcher.OfDeals(NAME, playbook));
        flow.machine(
                "funnel",
                engagements.union(feedback, identified, deals),
                difference -> difference.key,
                new FunnelMachine(playbook),
                Observation.class,
                Observation.class);
        return flow.rows(
                Map.of(FunnelTally.KIND, new FunnelTally(playbook), LedgerTally.KIND, new LedgerTally()), TABLES);
    }

    private static <E> SingleOutputStreamOperator<Difference<Observation>> match(
            Flow flow,
            String what,
            DataStream<Difference<E>> events,
            ProcessFunction<Difference<E>, Difference<Observation>> matcher) {
        String uid = NAME + "-" + what + "-matcher";
        SingleOutputStreamOperator<Difference<Observation>> observations = events.process(
                        matcher, StreamTypes.difference(Observation.class))
                .uid(uid)
                .name(uid);
        flow.add(what + "-filtered", observations.getSideOutput(Matcher.FILTERED));
        return observations;
    }
}
