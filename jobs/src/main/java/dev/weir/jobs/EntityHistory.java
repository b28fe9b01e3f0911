package dev.weir.jobs;

import dev.weir.event.Dimensions;
import dev.weir.event.EntityChange;
import dev.weir.flink.Flow;
import dev.weir.machine.Difference;
import dev.weir.machine.Keys;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.streaming.api.datastream.DataStream;

/** What is said of persons, accounts, owners, campaigns and stages. */
final class EntityHistory {
    private EntityHistory() {}

    /** What is said of some of them; the others are counted as filtered. */
    static DataStream<Difference<EntityChange>> kept(
            Flow flow, DataStream<Difference<EntityChange>> entities, Set<String> which) {
        Set<String> kept = new TreeSet<>(which);
        return flow.filter("entity", entities, change -> kept.contains(change.entity()), EntityChange.class);
    }

    /** What is said of one of them; those of the others are counted where they are kept. */
    static DataStream<Difference<EntityChange>> only(
            String job, DataStream<Difference<EntityChange>> entities, String entity) {
        return entities.filter(
                        change -> Objects.requireNonNull(change.fact).entity().equals(entity))
                .uid(job + "-only-" + entity);
    }

    /** Rows with the history of persons, accounts, owners and campaigns. */
    static void rows(Flow flow, DataStream<Difference<EntityChange>> entities) {
        flow.machine(
                "dimension",
                entities,
                change -> change.fact == null ? "" : Keys.join(change.fact.entity(), change.fact.id()),
                new Dimensions(),
                EntityChange.class,
                EntityChange.class);
    }
}
