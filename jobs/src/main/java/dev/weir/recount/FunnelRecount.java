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
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Persons one by one, each with the list of what happened to them: funnel_attempt, funnel_window and their points. */
final class FunnelRecount {
    static final String JOB = "conversion";
    private static final double DAY = 86_400_000.0;
    /** Windows in which nobody enters and a series still speaks. */
    private static final int SILENT = 30;
    /** Attempts that have had their time before anything is projected. */
    private static final int ENOUGH = 30;

    private final Recount recount;
    private final Playbook playbook;
    private final EntityRecount who;
    private final long asOf;
    private final Calendar calendar;
    /** The windows of each metric and kind in which there is a point. */
    private final Map<List<String>, List<Cells>> points = new LinkedHashMap<>();

    private final List<TouchRecount.Completed> completed = new ArrayList<>();
    private final Map<String, List<Happened>> persons = new LinkedHashMap<>();
    private final Map<String, List<Happened>> accounts = new LinkedHashMap<>();

    /**
     * An event with the names that conditions and breakdowns call its fields by.
     *
     * @param to the person or account it names, whoever that was merged into
     */
    private record Happened(
            String id,
            long at,
            Map<String, String> fields,
            @Nullable String to) {
        boolean is(String condition) {
            return Condition.holds(condition, fields);
        }

        Happened of(@Nullable String named) {
            return new Happened(id, at, fields, named);
        }
    }

    /** One way into a funnel: when each step was reached, null where it was not. */
    private record Attempt(@Nullable Long[] reached, Happened opener, Happened last) {
        long start() {
            return Objects.requireNonNull(reached[0]);
        }
    }

    FunnelRecount(Recount recount, Playbook playbook, EntityRecount who, long asOf) {
        this.recount = recount;
        this.playbook = playbook;
        this.who = who;
        this.asOf = asOf;
        this.calendar = new Calendar(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    void count(Collection<Engagement> engagements, List<DealChange> deals, Collection<Feedback> feedback) {
        for (Engagement e : engagements) {
            Happened happened = new Happened("e:" + e.eventId(), e.occurredAt().toEpochMilli(), fields(e), null);
            give(persons, who.owner(e), happened.of(who.named(e)));
            account(e.accountId(), happened);
        }
        for (Feedback f : feedback) {
            Happened happened = new Happened("f:" + f.eventId(), f.occurredAt().toEpochMilli(), fields(f), null);
            person(f.personId(), happened);
            account(f.accountId(), happened);
        }
        Map<String, List<DealChange>> byDeal = new LinkedHashMap<>();
        deals.forEach(
                d -> byDeal.computeIfAbsent(d.dealId(), id -> new ArrayList<>()).add(d));
        byDeal.values().forEach(this::deal);
        for (Funnel funnel : playbook.funnels()) {
            count(funnel, funnel.entity() == Funnel.Entity.PERSON ? persons : accounts);
        }
        points.forEach((metric, windows) -> gaps(metric.get(0), metric.get(1), windows));
    }

    private void person(@Nullable String id, Happened happened) {
        give(persons, id == null ? null : who.person(id), happened.of("person " + id));
    }

    private void account(@Nullable String id, Happened happened) {
        give(accounts, id == null ? null : who.account(id), happened.of("account " + id));
    }

    /** What comes to an owner in two ways, by two ids that are one, happened once. */
    private static void give(Map<String, List<Happened>> to, @Nullable String owner, Happened happened) {
        if (owner != null) {
            List<Happened> of = to.computeIfAbsent(owner, o -> new ArrayList<>());
            if (of.stream().noneMatch(one -> one.id.equals(happened.id))) {
                of.add(happened);
            }
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
                    new Happened("d:" + change.eventId(), change.occurredAt().toEpochMilli(), said, null);
            fields.persons().forEach(person -> person(person, happened));
            account(fields.text("account_id"), happened);
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
        put(fields, "feedback.account_id", f.accountId());
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
            for (int i = 0; i < own.size(); i++) {
                completed(funnel, key, i + 1, own.get(i));
            }
        });
        List<Grain> grains = new ArrayList<>(List.of(Grain.ALL));
        grains.addAll(funnel.windows());
        Map<List<String>, List<Attempt>> whole = new LinkedHashMap<>();
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
            if (grain == Grain.ALL) {
                windows.forEach((window, of) -> whole.put(window.subList(1, 3), of));
            }
            windows.forEach((window, of) -> {
                say(funnel, grain, window, of, whole.getOrDefault(window.subList(1, 3), List.of()));
                points(funnel, grain, window, of);
                if (grain != Grain.ALL) {
                    silence(funnel, grain, window, windows.keySet());
                }
            });
        }
    }

    /** One text as it is, two with an ampersand between and their own doubled. */
    private static String together(List<String> texts) {
        return texts.size() == 1
                ? texts.get(0)
                : texts.get(0).replace("&", "&&") + " & " + texts.get(1).replace("&", "&&");
    }

    private String value(Funnel funnel, Attempt attempt, String field) {
        Happened source = funnel.breakdownFrom() == Funnel.From.FIRST ? attempt.opener : attempt.last;
        boolean ofAccount = field.startsWith("account.") && funnel.entity() == Funnel.Entity.PERSON;
        String of = ofAccount ? accountOf(source) : source.to;
        String value = field.startsWith("person.") || field.startsWith("account.")
                ? of == null ? null : who.known(of, field.substring(field.indexOf('.') + 1), source.at)
                : said(source, field);
        return Objects.requireNonNullElse(value, "(unknown)");
    }

    /** The account that a person's event names, or else that the person was known to be of. */
    private @Nullable String accountOf(Happened event) {
        String account = said(event, "account_id");
        for (String property : List.of("account_id", "parent_id")) {
            if (account == null && event.to != null) {
                account = who.known(event.to, property, event.at);
            }
        }
        return account == null ? null : "account " + account;
    }

    private static @Nullable String said(Happened event, String field) {
        for (String kind : List.of("engagement.", "deal.", "feedback.")) {
            if (event.fields.containsKey(kind + field)) {
                return event.fields.get(kind + field);
            }
        }
        return null;
    }

    private void completed(Funnel funnel, String key, int number, Attempt attempt) {
        Long at = attempt.reached[attempt.reached.length - 1];
        if (at != null) {
            boolean account = funnel.entity() == Funnel.Entity.ACCOUNT;
            String of = account ? id(key) : said(attempt.opener, "account_id");
            completed.add(new TouchRecount.Completed(funnel.name(), key, id(key), number, at, of));
        }
    }

    /** The attempts that reached the last step. */
    List<TouchRecount.Completed> completed() {
        return completed;
    }

    private static String id(String key) {
        String named = key.substring(key.indexOf(' ') + 1);
        return key.startsWith("anonymous ") ? "(anonymous: " + named + ")" : named;
    }

    private void say(Funnel funnel, String key, int number, Attempt attempt) {
        boolean account = funnel.entity() == Funnel.Entity.ACCOUNT;
        String id = id(key);
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
                                        attempt.start() + funnel.within().toMillis()))
                        .with("truncated", false));
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

    private boolean mature(Funnel funnel, Attempt attempt) {
        return attempt.start() + funnel.within().toMillis() <= asOf;
    }

    /** @param whole all attempts of the series, whenever they began */
    private void say(Funnel funnel, Grain grain, List<String> window, List<Attempt> attempts, List<Attempt> whole) {
        long start = Long.parseLong(window.get(0));
        long end = grain == Grain.ALL ? Long.MAX_VALUE : calendar.end(grain, start);
        List<Attempt> mature = attempts.stream().filter(a -> mature(funnel, a)).toList();
        for (int step = 0; step < funnel.steps().size(); step++) {
            List<Long> took = took(attempts, step);
            boolean optional = funnel.steps().get(step).optional();
            Cells row = optional ? new Cells() : projected(funnel, step, attempts, whole);
            Object median = Durations.median(took, ages(funnel, step, attempts, false), width(funnel));
            recount.add(
                    "funnel_window",
                    calendar.window(row, grain, start, end, asOf)
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
                            .with("seconds_p90", Durations.p90(took))
                            .with("km_p50_seconds", optional ? null : median));
        }
    }

    /** Young attempts are kept by when they began, to a hundredth of the limit. */
    private static long width(Funnel funnel) {
        return Math.max(1000, funnel.within().toMillis() / 100);
    }

    /** At which age those were last seen who did not reach a step: all of them, or those who still may. */
    private List<Long> ages(Funnel funnel, int step, List<Attempt> attempts, boolean waiting) {
        long within = funnel.within().toMillis();
        long width = width(funnel);
        List<Long> ages = new ArrayList<>();
        for (Attempt attempt : attempts) {
            if (attempt.reached[step] == null && mature(funnel, attempt) && !waiting) {
                ages.add(within);
            } else if (attempt.reached[step] == null && !mature(funnel, attempt)) {
                long began = attempt.start() / width * width + width / 2;
                ages.add(Math.min(Math.max(0, asOf - began), within));
            }
        }
        return ages;
    }

    /** Where the rate of a step will end. */
    private Cells projected(Funnel funnel, int step, List<Attempt> attempts, List<Attempt> whole) {
        List<Long> waiting = ages(funnel, step, attempts, true);
        double reached = reached(attempts, step);
        if (waiting.isEmpty()) {
            return projected(attempts.size(), reached, reached, reached);
        }
        if (whole.stream().filter(a -> mature(funnel, a)).count() < ENOUGH) {
            return new Cells()
                    .with("projected", null)
                    .with("projected_low", null)
                    .with("projected_high", null);
        }
        ProjectionRecount more = new ProjectionRecount(took(whole, step), ages(funnel, step, whole, false), waiting);
        return projected(attempts.size(), reached + more.expected, reached + more.low, reached + more.high);
    }

    /** Rates to four places, the ends of the interval as well as areas are known. */
    private static Cells projected(double entered, double expected, double low, double high) {
        return new Cells()
                .with("projected", new Cells.Between(expected / entered - 6e-5, expected / entered + 6e-5))
                .with("projected_low", new Cells.Between(low / entered - 2e-4, low / entered + 2e-4))
                .with("projected_high", new Cells.Between(high / entered - 2e-4, high / entered + 2e-4));
    }

    /** How many entered in a window that is over, and, once all had their time, which share took each step and how long. */
    private void points(Funnel funnel, Grain grain, List<String> window, List<Attempt> attempts) {
        long start = Long.parseLong(window.get(0));
        long end = calendar.end(grain, start);
        if (grain == Grain.ALL || end > asOf) {
            return;
        }
        Cells row = window(grain, window);
        entered(funnel, row, attempts.size(), start, end);
        if (end + funnel.within().toMillis() > asOf) {
            return;
        }
        int before = 0;
        for (int step = 1; step < funnel.steps().size(); step++) {
            String name = funnel.name() + "/" + funnel.steps().get(step).name();
            double reached = reached(attempts, step);
            point("conversion/" + name, row, "rate", reached, reached(attempts, before));
            Object median = Durations.p50(took(attempts, step));
            if (median != null) {
                point("time_to/" + name, row, "value", median, 1);
            }
            before = funnel.steps().get(step).optional() ? before : step;
        }
    }

    private void point(String metric, Cells window, String kind, Object numerator, long denominator) {
        recount.point(JOB, metric, window, kind, numerator, (double) denominator);
        points.computeIfAbsent(List.of(metric, kind), p -> new ArrayList<>()).add(window);
    }

    /** Between two points of a series are empty ones, as many as it may be silent. */
    private void gaps(String metric, String kind, List<Cells> windows) {
        Map<List<String>, TreeMap<Long, Cells>> series = new LinkedHashMap<>();
        for (Cells window : windows) {
            List<String> name = Stream.of("grain", "breakdown", "value")
                    .map(column -> Cells.keyText(window.values().get(column)))
                    .toList();
            Instant start = Instant.parse(Cells.keyText(window.values().get("window_start")));
            series.computeIfAbsent(name, s -> new TreeMap<>()).put(start.toEpochMilli(), window);
        }
        series.forEach((name, of) -> of.keySet().forEach(start -> {
            Grain grain = Grain.valueOf(name.get(0).toUpperCase(Locale.ROOT));
            Long later = of.higherKey(start);
            long next = calendar.end(grain, start);
            for (int gap = 0; later != null && next < later && gap < SILENT; gap++) {
                Cells window = window(grain, List.of(Long.toString(next), name.get(1), name.get(2)));
                recount.point(JOB, metric, window, kind, 0.0, 0);
                next = calendar.end(grain, next);
            }
        }));
    }

    private Cells window(Grain grain, List<String> window) {
        return new Cells()
                .with("grain", grain.name().toLowerCase(Locale.ROOT))
                .with("breakdown", window.get(1))
                .with("value", window.get(2))
                .with("window_start", Instant.ofEpochMilli(Long.parseLong(window.get(0))));
    }

    private void entered(Funnel funnel, Cells row, double entered, long start, long end) {
        String metric = "entered/" + funnel.name() + "/" + funnel.steps().get(0).name();
        recount.point(JOB, metric, row, "count", entered, (end - start) / DAY);
    }

    /** Windows after this one in which nobody entered. */
    private void silence(Funnel funnel, Grain grain, List<String> window, Set<List<String>> all) {
        long start = calendar.end(grain, Long.parseLong(window.get(0)));
        for (int silent = 0; silent < SILENT; silent++) {
            long end = calendar.end(grain, start);
            List<String> next = List.of(Long.toString(start), window.get(1), window.get(2));
            if (end > asOf || all.contains(next)) {
                return;
            }
            entered(funnel, window(grain, next), 0, start, end);
            start = end;
        }
    }

    /** How long it took those who reached a step; the first takes nothing and is left out. */
    private static List<Long> took(List<Attempt> attempts, int step) {
        return step == 0
                ? List.of()
                : attempts.stream()
                        .filter(attempt -> attempt.reached[step] != null)
                        .map(attempt -> Objects.requireNonNull(attempt.reached[step]) - attempt.start())
                        .toList();
    }

    private static long reached(List<Attempt> attempts, int step) {
        return attempts.stream().filter(a -> a.reached[step] != null).count();
    }
}
