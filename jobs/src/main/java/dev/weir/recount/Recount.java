package dev.weir.recount;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
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
        tables.put("stage_queue", window);
        List<String> ages = new ArrayList<>(window);
        ages.add("age_from_seconds");
        tables.put("stage_hazard", ages);
        tables.put("pipeline_figures", List.of("pipeline", "grain", "window_start", "breakdown", "value"));
        tables.put("forecast", List.of("pipeline", "grain", "window_start", "breakdown", "value", "made_at"));
        tables.put("bottleneck", window);
        tables.put("funnel_attempt", List.of("funnel", "entity_id", "attempt_no"));
        tables.put(
                "funnel_window", List.of("funnel", "grain", "window_start", "breakdown", "value", "step_no", "step"));
        tables.put("conversion", List.of("conversion_id"));
        tables.put("touch_credit", List.of("conversion_id", "touch_event_id", "model"));
        tables.put("attribution_window", List.of("model", "grain", "window_start", "breakdown", "value"));
        tables.put("campaign_window", List.of("grain", "window_start", "breakdown", "value"));
        for (String entity :
                List.of(EntityChange.PERSON, EntityChange.ACCOUNT, EntityChange.OWNER, EntityChange.CAMPAIGN)) {
            tables.put(entity, List.of(entity + "_id", "valid_from"));
        }
        tables.put("stage_limit", List.of("pipeline", "stage", "valid_from"));
        tables.put("metric_point", List.of("metric", "breakdown", "value", "grain", "window_start"));
        tables.put("alert", List.of("kind", "subject", "started_at"));
        tables.put("data_issue", List.of("job", "issue", "subject"));
        return tables;
    }

    /**
     * Counts.
     *
     * @param events in any order, doubled or not: {@link Engagement}, {@link DealChange}, {@link Feedback},
     *     {@link EntityChange}; others are passed over
     * @param asOf T, epoch milliseconds; not before the last event
     * @throws IllegalArgumentException when the playbook uses what the recount does not know
     */
    public static Recount of(Playbook playbook, Iterable<?> events, long asOf) {
        Map<String, DealChange> deals = new LinkedHashMap<>();
        Map<String, Engagement> engagements = new LinkedHashMap<>();
        List<Engagement> retractions = new ArrayList<>();
        Map<String, Feedback> feedback = new LinkedHashMap<>();
        Map<String, EntityChange> entities = new LinkedHashMap<>();
        for (Object event : events) {
            if (event instanceof DealChange d) {
                // Of two payloads of one id the one whose text comes first counts, whichever arrived first.
                deals.merge(d.eventId(), d, (a, b) -> a.canonical().compareTo(b.canonical()) <= 0 ? a : b);
            } else if (event instanceof Engagement e) {
                engagements.putIfAbsent(e.eventId(), e);
                if (e.kind().equals(Engagement.RETRACTED)) {
                    retractions.add(e);
                }
            } else if (event instanceof Feedback f) {
                feedback.putIfAbsent(f.eventId(), f);
            } else if (event instanceof EntityChange e) {
                entities.merge(e.eventId(), e, (a, b) -> a.canonical().compareTo(b.canonical()) <= 0 ? a : b);
            }
        }
        for (Engagement retraction : retractions) {
            engagements.remove(retraction.eventId());
            engagements.remove(retraction.properties().get(Engagement.RETRACTS));
        }
        List<DealChange> sorted = new ArrayList<>(deals.values());
        sorted.sort(Comparator.comparing((DealChange d) -> d.occurredAt().toEpochMilli())
                .thenComparing(DealChange::eventId));
        MergeRecount merges = new MergeRecount(sorted);
        List<DealChange> resolved = merges.resolved(sorted);
        Recount recount = new Recount();
        EntityRecount who = new EntityRecount(engagements.values(), entities.values());
        merges.refused().forEach((event, why) -> {
            recount.issue(StageRecount.JOB, event, why);
            recount.issue(FunnelRecount.JOB, event, why);
        });
        who.refused().forEach((event, why) -> recount.issue(FunnelRecount.JOB, event, why));
        LimitRecount limits = new LimitRecount(playbook, entities.values());
        limits.say(recount);
        DealRecount life = new DealRecount(recount, playbook, limits, asOf);
        life.count(resolved, activities(engagements.values(), merges));
        FunnelRecount funnels = new FunnelRecount(recount, playbook, who, asOf);
        funnels.count(engagements.values(), resolved, feedback.values());
        new DimensionRecount(recount).count(entities.values());
        if (playbook.attribution() != null) {
            new TouchRecount(recount, playbook, playbook.attribution(), life, asOf)
                    .count(engagements.values(), who, life.wins(), funnels.completed());
        }
        return recount;
    }

    /** What one job says of it: issues are told by each job that meets them, points by the one whose metric it is. */
    public Recount saidBy(String job) {
        Recount said = new Recount();
        rows.forEach((table, of) -> of.stream()
                .filter(row -> row.job().isEmpty() || row.job().equals(job))
                .forEach(row -> said.add(table, row)));
        return said;
    }

    private void issue(String job, String event, String why) {
        add(
                "data_issue",
                new Cells()
                        .with("job", job)
                        .with("issue", "merge_refused")
                        .with("subject", event)
                        .with("detail", why)
                        .by(job));
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

    /** One point of a watched series: its counts; what was expected of it is not recounted. */
    void point(String job, String metric, Cells window, String kind, Object numerator, double denominator) {
        Object observed = denominator <= 0
                ? null
                : numerator instanceof Number number ? Double.valueOf(number.doubleValue() / denominator) : numerator;
        Cells row = new Cells().with("metric", metric).with("kind", kind).by(job);
        for (String column : List.of("breakdown", "value", "grain", "window_start")) {
            row.with(column, window.values().get(column));
        }
        add(
                "metric_point",
                row.with("numerator", numerator)
                        .with("denominator", denominator)
                        .with("observed", observed));
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
