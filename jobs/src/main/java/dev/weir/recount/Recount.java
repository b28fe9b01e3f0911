package dev.weir.recount;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import dev.weir.playbook.Playbook;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What every table must say of a set of events as of T: lists, loops and sorting, nothing remembered, nothing incremental.
 *
 * <p>It knows the events and the playbook as records and else nothing of Weir, so that a mistake of the jobs is not made here
 * too. A table that others come to rely on belongs in {@link #TABLES}; columns that are not counted here are not compared.
 */
public final class Recount {
    /** The counted tables with their natural keys. */
    static final Map<String, List<String>> TABLES = tables();

    private final Map<String, List<Cells>> rows = new LinkedHashMap<>();

    private Recount() {
        TABLES.keySet().forEach(table -> rows.put(table, new ArrayList<>()));
    }

    private static Map<String, List<String>> tables() {
        List<String> window = List.of("pipeline", "grain", "window_start", "breakdown", "value", "stage");
        Map<String, List<String>> tables = new LinkedHashMap<>();
        tables.put("deal", List.of("deal_id"));
        tables.put("deal_history", List.of("deal_id", "valid_from"));
        tables.put("pipeline_waterfall", List.of("pipeline", "grain", "window_start", "breakdown", "value"));
        tables.put("stage_visit", List.of("deal_id", "visit_no"));
        tables.put("stage_flow", window);
        tables.put("stage_cohort", window);
        tables.put("bottleneck", window);
        tables.put("funnel_attempt", List.of("funnel", "entity_id", "attempt_no"));
        tables.put(
                "funnel_window", List.of("funnel", "grain", "window_start", "breakdown", "value", "step_no", "step"));
        tables.put("alert", List.of("kind", "subject", "started_at"));
        return tables;
    }

    /**
     * Counts.
     *
     * @param events in any order, doubled or not: {@link Engagement}, {@link DealChange}, {@link Feedback}; others are passed
     *     over
     * @param asOf T, epoch milliseconds; not before the last event
     * @throws IllegalArgumentException when the playbook uses what the recount does not know
     */
    public static Recount of(Playbook playbook, Iterable<?> events, long asOf) {
        Map<String, DealChange> deals = new LinkedHashMap<>();
        Map<String, Engagement> engagements = new LinkedHashMap<>();
        Map<String, Feedback> feedback = new LinkedHashMap<>();
        for (Object event : events) {
            if (event instanceof DealChange d) {
                // Of two payloads of one id the one whose text comes first counts, whichever arrived first.
                deals.merge(d.eventId(), d, (a, b) -> a.canonical().compareTo(b.canonical()) <= 0 ? a : b);
            } else if (event instanceof Engagement e) {
                engagements.putIfAbsent(e.eventId(), e);
            } else if (event instanceof Feedback f) {
                feedback.putIfAbsent(f.eventId(), f);
            }
        }
        List<DealChange> sorted = new ArrayList<>(deals.values());
        sorted.sort(Comparator.comparing((DealChange d) -> d.occurredAt().toEpochMilli())
                .thenComparing(DealChange::eventId));
        MergeRecount merges = new MergeRecount(sorted);
        List<DealChange> resolved = merges.resolved(sorted);
        Recount recount = new Recount();
        new DealRecount(recount, playbook, asOf).count(resolved, activities(engagements.values(), merges));
        new FunnelRecount(recount, playbook, asOf).count(engagements.values(), resolved, feedback.values());
        return recount;
    }

    /** Meetings, replies and calls, by the deal that they show alive. */
    private static Map<String, List<Long>> activities(Collection<Engagement> engagements, MergeRecount merges) {
        Map<String, List<Long>> activities = new LinkedHashMap<>();
        for (Engagement e : engagements) {
            if (e.dealId() != null && List.of("meeting", "reply", "call").contains(e.kind())) {
                long at = e.occurredAt().toEpochMilli();
                activities
                        .computeIfAbsent(merges.owner(e.dealId(), at), deal -> new ArrayList<>())
                        .add(at);
            }
        }
        activities.values().forEach(Collections::sort);
        return activities;
    }

    void add(String table, Cells row) {
        List<Cells> of = rows.get(table);
        if (of == null) {
            throw new IllegalArgumentException("table " + table + " is not in TABLES");
        }
        of.add(row);
    }

    /** The rows of a table. */
    public List<Cells> rows(String table) {
        return rows.getOrDefault(table, List.of());
    }

    /** The counted tables. */
    public static List<String> counted() {
        return List.copyOf(TABLES.keySet());
    }
}
