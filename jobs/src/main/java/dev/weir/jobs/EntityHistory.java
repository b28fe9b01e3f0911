package dev.weir.jobs;

import dev.weir.event.Dimensions;
import dev.weir.event.EntityChange;
import dev.weir.flink.Flow;
import dev.weir.machine.Difference;
import dev.weir.machine.Keys;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Persons, accounts, owners and campaigns. */
final class EntityHistory {
    private EntityHistory() {}

    /** Rows with the history of some of them; the others are counted as filtered. */
    static void rows(Flow flow, DataStream<Difference<EntityChange>> entities, Set<String> which) {
        Set<String> kept = new TreeSet<>(which);
        flow.machine(
                "dimension",
                flow.filter("entity", entities, change -> kept.contains(change.entity()), EntityChange.class),
                change -> change.fact == null ? "" : Keys.join(change.fact.entity(), change.fact.id()),
                new Dimensions(),
                EntityChange.class,
                EntityChange.class);
    }
}
