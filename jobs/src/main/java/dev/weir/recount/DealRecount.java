package dev.weir.recount;

import dev.weir.event.DealChange;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Rate;
import dev.weir.playbook.Stage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Deals one by one, from their changes in order of time: deal, stage_visit, and alerts of stalled deals. */
final class DealRecount {
    /** Ranks of what has no place in the playbook's order. */
    private static final int UNKNOWN = 1_000;

    private static final int BEFORE = 1_001;

    private final Recount recount;
    private final Playbook playbook;
    private final LimitRecount limits;
    private final long asOf;
    private final List<Visit> visits = new ArrayList<>();
    private final HistoryRecount history;
    private final FigureRecount figures;
    private final ForecastRecount forecasts;
    private final List<TouchRecount.Win> wins = new ArrayList<>();
    private final Calendar calendar;

    /** A stay of a deal in a stage. */
    static final class Visit {
        String pipeline;
        int place;
        final long in;
        final @Nullable String owner;
        final @Nullable String account;
        final @Nullable BigDecimal amount;
        Map<String, String> breakdowns;
        String stage = "";

        @Nullable Long out;

        @Nullable String exit;

        Visit(String pipeline, int place, long in, Fields deal, Map<String, String> breakdowns, Money money) {
            this.pipeline = pipeline;
            this.place = place;
            this.in = in;
            this.owner = deal.text("owner_id");
            this.account = deal.text("account_id");
            this.amount = money.reporting(deal, in);
            this.breakdowns = breakdowns;
        }
    }

    /** Amounts in the reporting currency. */
    interface Money {
        @Nullable BigDecimal reporting(Fields deal, long time);
    }

    DealRecount(Recount recount, Playbook playbook, LimitRecount limits, long asOf) {
        this.recount = recount;
        this.playbook = playbook;
        this.limits = limits;
        this.asOf = asOf;
        this.history = new HistoryRecount(recount, playbook, asOf);
        this.figures = new FigureRecount(recount, playbook, asOf);
        this.forecasts = new ForecastRecount(recount, playbook, asOf);
        this.calendar = new Calendar(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    /**
     * Counts.
     *
     * @param activities of each deal, two-way ones, in order of time
     */
    void count(List<DealChange> sorted, Map<String, List<Long>> activities) {
        Map<String, List<DealChange>> byDeal = new LinkedHashMap<>();
        for (DealChange change : sorted) {
            byDeal.computeIfAbsent(change.dealId(), id -> new ArrayList<>()).add(change);
        }
        byDeal.forEach((id, changes) -> new Life(id, activities.getOrDefault(id, List.of())).live(changes));
        new StageRecount(recount, playbook, asOf).count(visits);
        history.waterfall();
        figures.say();
        forecasts.say();
    }

    /** Every deal that is won, once they were counted. */
    List<TouchRecount.Win> wins() {
        return wins;
    }

    private @Nullable Pipeline pipeline(@Nullable String name) {
        return playbook.pipelines().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static int place(@Nullable Pipeline pipeline, String said) {
        List<Stage> stages = pipeline == null ? List.of() : pipeline.stages();
        for (int i = 0; i < stages.size(); i++) {
            if (stages.get(i).name().equals(said)) {
                return i;
            }
        }
        for (int i = 0; i < stages.size(); i++) {
            if (said.equals(stages.get(i).id())) {
                return i;
            }
        }
        for (int i = 0; i < stages.size(); i++) {
            if (stages.get(i).aliases().contains(said)) {
                return i;
            }
        }
        return UNKNOWN;
    }

    private static Stage.@Nullable Outcome outcome(@Nullable Pipeline pipeline, int place) {
        return pipeline == null || place >= UNKNOWN
                ? null
                : pipeline.stages().get(place).outcome();
    }

    private static String word(@Nullable Pipeline pipeline, int place, @Nullable String said) {
        if (place == BEFORE) {
            return "(before history)";
        }
        return pipeline == null || place == UNKNOWN
                ? "(unknown: " + Objects.requireNonNullElse(said, "") + ")"
                : pipeline.stages().get(place).name();
    }

    /** The amount in the reporting currency at the rate of a day. */
    @Nullable BigDecimal reporting(Fields deal, long time) {
        return reporting(deal.amount(), deal.text("currency"), time);
    }

    private @Nullable BigDecimal reporting(@Nullable BigDecimal amount, @Nullable String currency, long time) {
        if (amount == null || currency == null || currency.equals(playbook.reportingCurrency())) {
            return amount;
        }
        LocalDate day = Instant.ofEpochMilli(time).atZone(playbook.zone()).toLocalDate();
        return playbook.rates().stream()
                .filter(rate ->
                        rate.toReporting().containsKey(currency) && !rate.from().isAfter(day))
                .max(Comparator.comparing(Rate::from))
                .map(rate -> amount.multiply(rate.toReporting().getOrDefault(currency, BigDecimal.ZERO)))
                .orElse(null);
    }

    private static @Nullable BigDecimal cents(@Nullable BigDecimal amount) {
        return amount == null ? null : amount.setScale(4, RoundingMode.HALF_EVEN);
    }

    /** One deal. */
    private final class Life {
        private final String id;
        private final List<Long> activities;
        private final Fields fields = new Fields();
        private final List<Visit> own = new ArrayList<>();
        private @Nullable String pipeline;
        private @Nullable String stage;
        private int place = BEFORE;
        private @Nullable Visit here;
        private boolean gone;
        private @Nullable Long closedAt;
        private Stage.@Nullable Outcome won;
        private String status = "open";
        private int pushes;
        private long created;
        private final List<HistoryRecount.State> states = new ArrayList<>();
        private final List<HistoryRecount.Still> stills = new ArrayList<>();
        private @Nullable BigDecimal amount;
        private @Nullable String currency;
        private long amountAt;

        Life(String id, List<Long> activities) {
            this.id = id;
            this.activities = activities;
        }

        void live(List<DealChange> changes) {
            created = changes.get(0).occurredAt().toEpochMilli();
            for (int i = 0; i < changes.size(); ) {
                long now = changes.get(i).occurredAt().toEpochMilli();
                List<DealChange> together = new ArrayList<>();
                for (; i < changes.size() && changes.get(i).occurredAt().toEpochMilli() == now; i++) {
                    together.add(changes.get(i));
                }
                instant(together, now, now == created);
            }
            if (here != null) {
                leave(null, null, stage);
            }
            visits.addAll(own);
            say();
            history.deal(id, states, stills);
            figure();
            if (status.equals("won") && closedAt != null) {
                wins.add(new TouchRecount.Win(id, closedAt, fields));
            }
        }

        private void instant(List<DealChange> together, long now, boolean first) {
            String expected = fields.text("expected_close");
            together.forEach(fields::take);
            String later = fields.text("expected_close");
            if (expected != null && later != null && later.substring(0, 7).compareTo(expected.substring(0, 7)) > 0) {
                pushes++;
            }
            if (first) {
                String named = named(together.get(0));
                here = visit(named, BEFORE, now);
            }
            List<DealChange> moves = new ArrayList<>(together);
            if (moves.size() > 1) {
                moves.sort(Comparator.comparingInt(this::rank));
            }
            moves.forEach(change -> move(change, now));
            together.forEach(change -> comeOrGo(change, now));
            remember(now);
        }

        private void remember(long now) {
            BigDecimal said = fields.amount();
            boolean same = String.valueOf(cents(amount)).equals(String.valueOf(cents(said)));
            if (!same || !Objects.equals(currency, fields.text("currency"))) {
                amount = said;
                currency = fields.text("currency");
                amountAt = now;
            }
            BigDecimal worth = reporting(fields, closedAt == null ? amountAt : closedAt);
            Cells cells = standing().with("amount_reporting", cents(worth)).with("push_count", pushes);
            states.add(new HistoryRecount.State(
                    now,
                    Objects.requireNonNullElse(pipeline, "(unknown)"),
                    status,
                    amount,
                    currency,
                    worth,
                    fields.text("expected_close"),
                    pushes,
                    cells));
        }

        /** What deal and deal_history alike say of the deal as it is at this point of its life. */
        private Cells standing() {
            String word = stage == null
                    ? "(before history)"
                    : word(pipeline(pipeline), place(pipeline(pipeline), stage), stage);
            return new Cells()
                    .with("pipeline", Objects.requireNonNullElse(pipeline, "(unknown)"))
                    .with("stage", word)
                    .with("status", status)
                    .with("deal_type", fields.text("deal_type"))
                    .with("amount", cents(fields.amount()))
                    .with("currency", fields.text("currency"))
                    .with("owner_id", fields.text("owner_id"))
                    .with("account_id", fields.text("account_id"))
                    .with("created_at", Instant.ofEpochMilli(created))
                    .with("closed_at", closedAt == null ? null : Instant.ofEpochMilli(closedAt))
                    .with("expected_close", fields.text("expected_close"));
        }

        private @Nullable String named(DealChange change) {
            return change.pipeline() != null
                    ? change.pipeline()
                    : pipeline != null
                            ? pipeline
                            : playbook.pipelines().size() == 1
                                    ? playbook.pipelines().get(0).name()
                                    : null;
        }

        /** Within an instant: what is not mapped, then the playbook's order, then outcomes. */
        private int rank(DealChange change) {
            Pipeline to = pipeline(named(change));
            if (change.stage() == null || to == null) {
                return -1;
            }
            int at = place(to, change.stage());
            return at == UNKNOWN ? -1 : outcome(to, at) != null ? UNKNOWN + at : at;
        }

        private void move(DealChange change, long now) {
            String to = named(change);
            boolean firstNamed = pipeline == null && to != null;
            boolean moved = pipeline != null && !pipeline.equals(to);
            String from = stage;
            boolean wasHere = here != null;
            if (moved && here != null) {
                leaveUnlessJustBegun(now, "moved_pipeline", from);
            }
            pipeline = to;
            if (firstNamed && here != null) {
                // What lasted while the pipeline was not known was in the one that is known now.
                here.pipeline = Objects.requireNonNull(to);
                here.breakdowns = here.in < now ? breakdowns(pipeline(to)) : here.breakdowns;
            }
            stage = change.stage() != null ? change.stage() : stage;
            if (stage == null) {
                if (moved && wasHere) {
                    begin(BEFORE, now);
                }
            } else if (change.stage() != null || moved || firstNamed) {
                reach(change.stage() != null, from, firstNamed, moved, now);
            }
        }

        private void reach(boolean said, @Nullable String from, boolean firstNamed, boolean moved, long now) {
            Pipeline of = pipeline(pipeline);
            int to = place(of, Objects.requireNonNull(stage));
            Stage.Outcome end = outcome(of, to);
            if (!moved && to == place && (to != UNKNOWN || stage.equals(from))) {
                return;
            }
            if (gone) {
                place = to;
                if (said) {
                    closedAt = end == null ? null : closedAt;
                    won = end;
                } else {
                    closedAt = won == null ? null : closedAt;
                }
            } else if (closedAt != null && !said) {
                place = to;
            } else if (firstNamed && stage.equals(from) && end == null && here != null) {
                place = to;
                here.place = to;
            } else {
                if (here != null && !moved) {
                    String exit = end == Stage.Outcome.WON
                            ? "won"
                            : end == Stage.Outcome.LOST
                                    ? "lost"
                                    : to < place && place < UNKNOWN ? "returned" : "advanced";
                    leaveUnlessJustBegun(now, exit, from);
                }
                won = end;
                if (end == null) {
                    closedAt = null;
                    status = "open";
                    begin(to, now);
                } else {
                    place = to;
                    closedAt = now;
                    status = end == Stage.Outcome.WON ? "won" : "lost";
                }
            }
        }

        private void comeOrGo(DealChange change, long now) {
            String kind = change.kind();
            if (kind.equals(DealChange.DELETED) || kind.equals(DealChange.MERGED)) {
                if (here != null) {
                    leave(now, kind, stage);
                }
                gone = true;
                status = kind;
            } else if (kind.equals(DealChange.RESTORED) && gone) {
                gone = false;
                if (won == null) {
                    status = "open";
                    closedAt = null;
                    begin(place, now);
                } else {
                    status = won == Stage.Outcome.WON ? "won" : "lost";
                    closedAt = closedAt == null ? Long.valueOf(now) : closedAt;
                }
            }
        }

        private void begin(int at, long now) {
            place = at;
            here = visit(pipeline, at, now);
        }

        private Visit visit(@Nullable String named, int at, long now) {
            return new Visit(
                    Objects.requireNonNullElse(named, "(unknown)"),
                    at,
                    now,
                    fields,
                    breakdowns(pipeline(named)),
                    DealRecount.this::reporting);
        }

        private Map<String, String> breakdowns(@Nullable Pipeline of) {
            Map<String, String> values = new TreeMap<>();
            if (of != null) {
                of.breakdowns().forEach(field -> values.put(field, fields.value(field)));
            }
            return values;
        }

        /** Before the first known stage there is nothing when the deal begins with it. */
        private void leaveUnlessJustBegun(long now, String exit, @Nullable String said) {
            Visit visit = Objects.requireNonNull(here);
            if (visit.place == BEFORE && visit.in == now) {
                here = null;
            } else {
                leave(now, exit, said);
            }
        }

        private void leave(@Nullable Long now, @Nullable String exit, @Nullable String said) {
            Visit visit = Objects.requireNonNull(here);
            visit.out = now;
            visit.exit = exit;
            visit.stage = word(pipeline(visit.pipeline), visit.place, said);
            own.add(visit);
            here = null;
        }

        /** What the deal is to the figures of the pipeline that it is in now. */
        private void figure() {
            Pipeline of = pipeline(pipeline);
            if (of == null) {
                return;
            }
            Map<String, String> values = new TreeMap<>();
            for (String field : FigureRecount.fields(of)) {
                String entered = own.isEmpty() ? null : own.get(0).breakdowns.get(field);
                values.put(field, entered == null ? fields.value(field) : entered);
            }
            List<FigureRecount.Revision> revisions = new ArrayList<>();
            for (int i = 1; i < states.size(); i++) {
                FigureRecount.Revision revision = revision(states.get(i - 1), states.get(i));
                if (revision.pushes() != 0
                        || revision.slipDays() != 0
                        || revision.by().signum() != 0) {
                    revisions.add(revision);
                }
            }
            boolean closed = status.equals("won") || status.equals("lost");
            BigDecimal worth = closedAt == null ? null : reporting(fields, closedAt);
            if (closed || status.equals("open")) {
                forecasts.deal(
                        new ForecastRecount.Deal(
                                of.name(),
                                fields.value("deal_type"),
                                status.equals("won"),
                                created,
                                closed ? closedAt : null,
                                Objects.requireNonNullElse(worth, BigDecimal.ZERO),
                                own,
                                states),
                        DealRecount.this::reporting);
            }
            figures.deal(new FigureRecount.Deal(
                    of.name(), status, created, closed ? closedAt : null, fields.amount(), worth, values, revisions));
        }

        private FigureRecount.Revision revision(HistoryRecount.State before, HistoryRecount.State now) {
            BigDecimal by = BigDecimal.ZERO;
            if (before.isOpen() && before.amount() != null && now.amount() != null) {
                // At one rate, so that a rate that moved is no change of the amount.
                by = worth(now, now.from()).subtract(worth(before, now.from()));
            }
            long slip = FigureRecount.slip(before.expected(), now.expected());
            return new FigureRecount.Revision(now.from(), now.pushes() - before.pushes(), slip, by);
        }

        private BigDecimal worth(HistoryRecount.State state, long time) {
            BigDecimal worth = cents(reporting(state.amount(), state.currency(), time));
            return worth == null ? BigDecimal.ZERO : worth;
        }

        private void say() {
            Instant stalled = null;
            for (int i = 0; i < own.size(); i++) {
                Visit visit = own.get(i);
                say(visit, i + 1);
                Instant since = stalledSince(visit);
                stalled = visit.out == null ? since : stalled;
            }
            Instant active = activities.isEmpty() ? null : Instant.ofEpochMilli(activities.get(activities.size() - 1));
            recount.add(
                    "deal",
                    standing()
                            .with("deal_id", id)
                            .with("amount_reporting", cents(reporting(fields, closedAt == null ? asOf : closedAt)))
                            .with("push_count", pushes)
                            .with("stalled_since", stalled)
                            .with("last_activity_at", active));
        }

        private void say(Visit visit, int number) {
            recount.add(
                    "stage_visit",
                    new Cells()
                            .with("deal_id", id)
                            .with("visit_no", number)
                            .with("pipeline", visit.pipeline)
                            .with("stage", visit.stage)
                            .with("entered_at", Instant.ofEpochMilli(visit.in))
                            .with("exited_at", visit.out == null ? null : Instant.ofEpochMilli(visit.out))
                            .with("exit", visit.exit)
                            .with("seconds", visit.out == null ? null : (visit.out - visit.in) / 1000.0)
                            .with(
                                    "business_seconds",
                                    visit.out == null
                                            ? null
                                            : calendar.working(playbook.calendar(), visit.in, visit.out) / 1000.0)
                            .with("owner_id", visit.owner)
                            .with("account_id", visit.account)
                            .with("amount_reporting", cents(visit.amount))
                            .with("breakdowns", Cells.document(visit.breakdowns)));
        }

        /** Since when a visit is too quiet, if it is at T; there is an alert of each time it was. */
        private @Nullable Instant stalledSince(Visit visit) {
            Pipeline of = pipeline(visit.pipeline);
            Stage in = of == null || visit.place >= UNKNOWN ? null : of.stages().get(visit.place);
            if (of == null || in == null) {
                return null;
            }
            if (in.inWorkingTime()) {
                throw new IllegalArgumentException(
                        "the recount does not know working time, which " + in.name() + " uses");
            }
            List<Long> heard = new ArrayList<>(List.of(visit.in));
            for (long activity : activities) {
                if (activity > visit.in && (visit.out == null || activity < visit.out)) {
                    heard.add(activity);
                }
            }
            Instant last = null;
            for (int i = 0; i < heard.size(); i++) {
                Long until = i + 1 < heard.size() ? heard.get(i + 1) : visit.out;
                Long limit = limits.millis(of, in, heard.get(i));
                last = limit == null ? null : quiet(visit, heard.get(i) + limit, until);
            }
            return visit.out == null ? last : null;
        }

        /** One time between two signs of life; when it became too long. */
        private @Nullable Instant quiet(Visit visit, long limit, @Nullable Long until) {
            if (limit >= asOf || (until != null && until <= limit)) {
                return null;
            }
            Instant since = Instant.ofEpochMilli(limit);
            stills.add(new HistoryRecount.Still(limit, until));
            recount.add(
                    "alert",
                    new Cells()
                            .with("kind", "stalled")
                            .with("subject", visit.pipeline + "/" + id)
                            .with("started_at", since)
                            .with("status", until == null ? "firing" : "resolved")
                            .with("owner_id", fields.text("owner_id"))
                            .with("ended_at", until == null ? null : Instant.ofEpochMilli(until)));
            return until == null ? since : null;
        }
    }
}
