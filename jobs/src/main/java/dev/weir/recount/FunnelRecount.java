package dev.weir.recount;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import dev.weir.playbook.Breakdown;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Persons one by one, each with the list of what happened to them: funnel_window. */
final class FunnelRecount {
    private final Recount recount;
    private final Playbook playbook;
    private final long asOf;
    private final Calendar calendar;
    private final Map<String, List<Happened>> persons = new LinkedHashMap<>();
    private final Map<String, List<Happened>> accounts = new LinkedHashMap<>();

    /** An event with the names that conditions and breakdowns call its fields by. */
    private record Happened(String id, long at, Map<String, String> fields) {
        boolean is(String condition) {
            return Condition.holds(condition, fields);
        }
    }

    /** One way into a funnel: when each step was reached, null where it was not. */
    private record Attempt(@Nullable Long[] reached, Happened opener, Happened last) {
        long start() {
            return Objects.requireNonNull(reached[0]);
        }
    }

    FunnelRecount(Recount recount, Playbook playbook, long asOf) {
        this.recount = recount;
        this.playbook = playbook;
        this.asOf = asOf;
        this.calendar = new Calendar(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    void count(Collection<Engagement> engagements, List<DealChange> deals, Collection<Feedback> feedback) {
        Map<String, String> owners = owners(engagements);
        for (Engagement e : engagements) {
            Happened happened = new Happened("e:" + e.eventId(), e.occurredAt().toEpochMilli(), fields(e));
            give(persons, owners.get(e.eventId()), happened);
            give(accounts, e.accountId(), happened);
        }
        for (Feedback f : feedback) {
            Happened happened = new Happened("f:" + f.eventId(), f.occurredAt().toEpochMilli(), fields(f));
            give(persons, f.personId() == null ? null : "person " + f.personId(), happened);
            give(accounts, f.accountId(), happened);
        }
        Map<String, List<DealChange>> byDeal = new LinkedHashMap<>();
        deals.forEach(
                d -> byDeal.computeIfAbsent(d.dealId(), id -> new ArrayList<>()).add(d));
        byDeal.values().forEach(this::deal);
        for (Funnel funnel : playbook.funnels()) {
            count(funnel, funnel.entity() == Funnel.Entity.PERSON ? persons : accounts);
        }
    }

    /** The person, or else the visitor, that each engagement with one of them belongs to, by its id. */
    static Map<String, String> owners(Collection<Engagement> engagements) {
        Map<String, String> known = identities(engagements);
        Map<String, String> owners = new HashMap<>();
        for (Engagement e : engagements) {
            boolean identifies = e.kind().equals(Engagement.IDENTIFY);
            if (e.anonymousId() != null && (e.personId() == null || identifies)) {
                String visitor = "anonymous " + e.anonymousId();
                owners.put(e.eventId(), known.getOrDefault(visitor, visitor));
            } else if (e.personId() != null) {
                owners.put(e.eventId(), "person " + e.personId());
            }
        }
        return owners;
    }

    /** Visitors and whom the earliest identify says they are. */
    private static Map<String, String> identities(Collection<Engagement> engagements) {
        List<Engagement> sorted = new ArrayList<>(engagements);
        sorted.sort(Comparator.comparing((Engagement e) -> e.occurredAt().toEpochMilli())
                .thenComparing(Engagement::eventId));
        Map<String, String> known = new HashMap<>();
        for (Engagement e : sorted) {
            if (e.kind().equals(Engagement.IDENTIFY) && e.anonymousId() != null && e.personId() != null) {
                known.putIfAbsent("anonymous " + e.anonymousId(), "person " + e.personId());
            }
        }
        return known;
    }

    private static void give(Map<String, List<Happened>> to, @Nullable String owner, Happened happened) {
        if (owner != null) {
            to.computeIfAbsent(owner, o -> new ArrayList<>()).add(happened);
        }
    }

    /** Every change of a deal happens to its persons and its account, as the deal was after it. */
    private void deal(List<DealChange> changes) {
        Fields fields = new Fields();
        String stage = null;
        String pipeline = null;
        for (DealChange change : changes) {
            fields.take(change);
            stage = change.stage() != null ? change.stage() : stage;
            pipeline = change.pipeline() != null ? change.pipeline() : pipeline;
            Map<String, String> said = new HashMap<>();
            said.put("deal.kind", change.kind());
            put(said, "deal.stage", stage == null ? null : stageName(stage, pipeline));
            put(said, "deal.pipeline", pipeline);
            for (String field : List.of("owner_id", "account_id", "deal_type", "currency", "loss_reason")) {
                put(said, "deal." + field, fields.text(field));
            }
            change.properties()
                    .keySet()
                    .forEach(p -> put(said, "deal.properties." + p, fields.text("properties." + p)));
            Happened happened =
                    new Happened("d:" + change.eventId(), change.occurredAt().toEpochMilli(), said);
            fields.persons().forEach(person -> give(persons, "person " + person, happened));
            give(accounts, fields.text("account_id"), happened);
        }
    }

    private String stageName(String said, @Nullable String pipeline) {
        // Without a pipeline nobody knows whose id it is, unless there is only one.
        for (Pipeline one : playbook.pipelines()) {
            boolean own = pipeline == null
                    ? playbook.pipelines().size() == 1
                    : one.name().equals(pipeline);
            for (Stage stage : own ? one.stages() : List.<Stage>of()) {
                if (stage.name().equals(said)
                        || said.equals(stage.id())
                        || stage.aliases().contains(said)) {
                    return stage.name();
                }
            }
        }
        return said;
    }

    static Map<String, String> fields(Engagement e) {
        Map<String, String> fields = new HashMap<>();
        put(fields, "engagement.kind", e.kind());
        put(fields, "engagement.channel", e.channel());
        put(fields, "engagement.campaign", e.campaign());
        put(fields, "engagement.asset", e.asset());
        put(fields, "engagement.asset_version", e.assetVersion());
        put(fields, "engagement.account_id", e.accountId());
        e.properties().forEach((name, value) -> put(fields, "engagement.properties." + name, value));
        return fields;
    }

    private static Map<String, String> fields(Feedback f) {
        Map<String, String> fields = new HashMap<>();
        put(fields, "feedback.kind", f.kind());
        put(fields, "feedback.survey", f.survey());
        f.properties().forEach((name, value) -> put(fields, "feedback.properties." + name, value));
        return fields;
    }

    private static void put(Map<String, String> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    private void count(Funnel funnel, Map<String, List<Happened>> keys) {
        if (funnel.order() != Funnel.Order.ORDERED) {
            throw new IllegalArgumentException("the recount knows ordered funnels only, not " + funnel.name());
        }
        List<Attempt> attempts = new ArrayList<>();
        keys.forEach((key, happened) -> {
            happened.sort(Comparator.comparingLong(Happened::at).thenComparing(Happened::id));
            List<Attempt> own = attempts(funnel, happened);
            attempts.addAll(own);
            for (int i = 0; funnel.attempts() && i < own.size(); i++) {
                say(funnel, key, i + 1, own.get(i));
            }
        });
        List<Grain> grains = new ArrayList<>(funnel.windows());
        grains.add(Grain.ALL);
        for (Grain grain : grains) {
            Map<List<String>, List<Attempt>> windows = new LinkedHashMap<>();
            for (Attempt attempt : attempts) {
                String start = Long.toString(calendar.start(grain, attempt.start()));
                windows.computeIfAbsent(List.of(start, "(total)", "(total)"), w -> new ArrayList<>())
                        .add(attempt);
                for (Breakdown breakdown : funnel.breakdowns()) {
                    List<String> values = breakdown.fields().stream()
                            .map(field -> value(funnel, attempt, field))
                            .toList();
                    List<String> window = List.of(start, together(breakdown.fields()), together(values));
                    windows.computeIfAbsent(window, w -> new ArrayList<>()).add(attempt);
                }
            }
            windows.forEach((window, of) -> say(funnel, grain, window, of));
        }
    }

    /** One text as it is, two with an ampersand between and their own doubled. */
    private static String together(List<String> texts) {
        return texts.size() == 1
                ? texts.get(0)
                : texts.get(0).replace("&", "&&") + " & " + texts.get(1).replace("&", "&&");
    }

    private static String value(Funnel funnel, Attempt attempt, String field) {
        Happened source = funnel.breakdownFrom() == Funnel.From.FIRST ? attempt.opener : attempt.last;
        return Objects.requireNonNullElse(said(source, field), "(unknown)");
    }

    private static @Nullable String said(Happened event, String field) {
        for (String kind : List.of("engagement.", "deal.", "feedback.")) {
            if (event.fields.containsKey(kind + field)) {
                return event.fields.get(kind + field);
            }
        }
        return null;
    }

    private void say(Funnel funnel, String key, int number, Attempt attempt) {
        boolean account = funnel.entity() == Funnel.Entity.ACCOUNT;
        String id =
                account ? key : key.startsWith("person ") ? key.substring(7) : "(anonymous: " + key.substring(10) + ")";
        int last = attempt.reached.length;
        while (attempt.reached[last - 1] == null) {
            last--;
        }
        Long completed = attempt.reached[attempt.reached.length - 1];
        Map<String, String> breakdowns = new TreeMap<>();
        funnel.breakdowns()
                .forEach(breakdown ->
                        breakdown.fields().forEach(field -> breakdowns.put(field, value(funnel, attempt, field))));
        recount.add(
                "funnel_attempt",
                new Cells()
                        .with("funnel", funnel.name())
                        .with("entity_id", id)
                        .with("attempt_no", number)
                        .with("started_at", Instant.ofEpochMilli(attempt.start()))
                        .with("account_id", account ? id : said(attempt.opener, "account_id"))
                        .with("channel", said(attempt.opener, "channel"))
                        .with("campaign", said(attempt.opener, "campaign"))
                        .with("breakdowns", Cells.document(breakdowns))
                        .with("reached_step", last)
                        .with("step_times", Cells.times(attempt.reached))
                        .with("completed_at", completed == null ? null : Instant.ofEpochMilli(completed))
                        .with(
                                "matures_at",
                                Instant.ofEpochMilli(
                                        attempt.start() + funnel.within().toMillis())));
    }

    /** The attempts of one key: find an opener, follow it to its end, go on behind it. */
    private static List<Attempt> attempts(Funnel funnel, List<Happened> sorted) {
        List<FunnelStep> steps = funnel.steps();
        long within = funnel.within().toMillis();
        List<Attempt> attempts = new ArrayList<>();
        long free = Long.MIN_VALUE;
        while (true) {
            long from = free;
            Happened opener = sorted.stream()
                    .filter(h -> h.at > from && h.is(steps.get(0).when()))
                    .findFirst()
                    .orElse(null);
            if (opener == null) {
                return attempts;
            }
            @Nullable Long[] reached = new @Nullable Long[steps.size()];
            reached[0] = opener.at;
            List<Happened> used = new ArrayList<>(List.of(opener));
            Happened last = opener;
            int at = 0;
            boolean excluded = false;
            free = opener.at + within;
            List<Long> instants = sorted.stream()
                    .map(Happened::at)
                    .filter(t -> t >= opener.at && t <= opener.at + within)
                    .distinct()
                    .toList();
            for (long now : instants) {
                List<Happened> together =
                        sorted.stream().filter(h -> h.at == now).toList();
                for (Next next = next(steps, within, reached, at, now, together, used);
                        next != null;
                        next = next(steps, within, reached, at, now, together, used)) {
                    at = next.step;
                    reached[at] = now;
                    last = next.by;
                    used.add(last);
                }
                if (at == steps.size() - 1) {
                    free = now;
                    break;
                }
                excluded = now > opener.at
                        && together.stream()
                                .anyMatch(h -> funnel.exclude().stream().anyMatch(h::is));
                if (excluded) {
                    free = now;
                    break;
                }
            }
            if (!excluded) {
                attempts.add(new Attempt(reached, opener, last));
            }
        }
    }

    private record Next(int step, Happened by) {}

    /** The next step that an unused event of this instant serves; optional ones may be passed over. */
    private static @Nullable Next next(
            List<FunnelStep> steps,
            long within,
            @Nullable Long[] reached,
            int at,
            long now,
            List<Happened> together,
            List<Happened> used) {
        for (int step = at + 1; step < steps.size(); step++) {
            Duration own = steps.get(step).within();
            String when = steps.get(step).when();
            Happened by = together.stream()
                    .filter(h -> !used.contains(h) && h.is(when))
                    .findFirst()
                    .orElse(null);
            long since = Objects.requireNonNull(reached[at]);
            if (by != null && now - since <= (own == null ? within : own.toMillis())) {
                return new Next(step, by);
            }
            if (!steps.get(step).optional()) {
                return null;
            }
        }
        return null;
    }

    private void say(Funnel funnel, Grain grain, List<String> window, List<Attempt> attempts) {
        long start = Long.parseLong(window.get(0));
        long end = grain == Grain.ALL ? Long.MAX_VALUE : calendar.end(grain, start);
        List<Attempt> mature = attempts.stream()
                .filter(a -> a.start() + funnel.within().toMillis() <= asOf)
                .toList();
        for (int step = 0; step < funnel.steps().size(); step++) {
            List<Long> took = step == 0 ? List.of() : took(attempts, step);
            recount.add(
                    "funnel_window",
                    calendar.window(new Cells(), grain, start, end, asOf)
                            .with("funnel", funnel.name())
                            .with("grain", grain.name().toLowerCase(Locale.ROOT))
                            .with("breakdown", window.get(1))
                            .with("value", window.get(2))
                            .with("step_no", step + 1)
                            .with("step", funnel.steps().get(step).name())
                            .with("entered", (long) attempts.size())
                            .with("reached", reached(attempts, step))
                            .with("mature_entered", (long) mature.size())
                            .with("mature_reached", reached(mature, step))
                            .with("seconds_p50", Durations.p50(took))
                            .with("seconds_p90", Durations.p90(took)));
        }
    }

    private static List<Long> took(List<Attempt> attempts, int step) {
        return attempts.stream()
                .filter(attempt -> attempt.reached[step] != null)
                .map(attempt -> Objects.requireNonNull(attempt.reached[step]) - attempt.start())
                .toList();
    }

    private static long reached(List<Attempt> attempts, int step) {
        return attempts.stream().filter(a -> a.reached[step] != null).count();
    }
}
