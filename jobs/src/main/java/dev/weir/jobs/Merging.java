package dev.weir.jobs;

import dev.weir.event.DealChange;
import dev.weir.event.DealResolver;
import dev.weir.flink.Flow;
import dev.weir.machine.Belonging;
import dev.weir.machine.Difference;
import dev.weir.machine.Merge;
import dev.weir.machine.Merges;
import org.apache.flink.streaming.api.datastream.DataStream;

/** What was merged, brought together before any machine counts it. */
final class Merging {
    private Merging() {}

    /** Every change of a deal, with the deal it belongs to after all merges. */
    static DataStream<Difference<DealChange>> deals(Flow flow, String job, DataStream<Difference<DealChange>> deals) {
        DataStream<Difference<Belonging>> told = flow.machine(
                "deal-merges",
                flow.made("deal-merge-facts", deals, DealResolver::merge, Merge.class),
                merge -> "deal",
                new Merges(job, false),
                Merge.class,
                Belonging.class);
        return flow.machine(
                "deal-resolver",
                deals.union(flow.made("deal-belongings", told, DealResolver::told, DealChange.class)),
                Merging::deal,
                new DealResolver(),
                DealChange.class,
                DealChange.class);
    }

    /** The deal that a change speaks of. */
    static String deal(Difference<DealChange> change) {
        return change.fact == null ? "" : change.fact.dealId();
    }
}
