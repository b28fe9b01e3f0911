package dev.weir.recount;

import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Target;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How deals stood from instant to instant, and what that was to their pipelines: deal_history, pipeline_waterfall. */
final class HistoryRecount {
    private static final List<String> FIGURES = List.of(
            "opening",
            "created",
            "reopened",
            "amount_up",
            "amount_down",
            "pulled_in",
            "pushed_out",
            "won",
            "lost",
            "removed",
            "closing");

    private final Recount recount;
    private final Playbook playbook;
    private final long asOf;
    private final Calendar calendar;
    private final List<List<State>> deals = new ArrayList<>();

    /** How a deal stood right after an instant; {@code worth} in the reporting currency. */
    record State(
            long from,
            String pipeline,
            String status,
            @Nullable BigDecimal amount,
            @Nullable String currency,
            @Nullable BigDecimal worth,
            @Nullable String expected,
            int pushes,
            Cells cells) {

        boolean isOpen() {
            return status.equals("open");
        }

        boolean isClosed() {
            return status.equals("won") || status.equals("lost");
        }

        /** Ten-thousandths. */
        long units() {
            return worth == null
                    ? 0
                    : worth.setScale(4, RoundingMode.HALF_EVEN).unscaledValue().longValueExact();
        }
    }

    /** From just after a limit was reached to when it was lifted; never, where it was not. */
    record Still(long limit, @Nullable Long until) {
        boolean holds(long time) {
            return time > limit && (until == null || time < until);
        }
    }

    HistoryRecount(Recount recount, Playbook playbook, long asOf) {
        this.recount = recount;
        this.playbook = playbook;
        this.asOf = asOf;
        this.calendar = new Calendar(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    /**
     * Takes a deal.
     *
     * @param states one for each instant at which anything happened to it, in order
     */
    void deal(String id, List<State> states, List<Still> stills) {
        deals.add(states);
        TreeSet<Long> times = new TreeSet<>();
        states.forEach(state -> times.add(state.from));
        for (Still still : stills) {
            times.add(still.limit + 1);
            times.add(still.until == null ? still.limit + 1 : still.until);
        }
        Cells open = null;
        String said = "";
        for (long time : times) {
            Instant stalled = null;
            for (Still still : stills) {
                stalled = still.holds(time) ? Instant.ofEpochMilli(still.limit) : stalled;
            }
            Cells now = new Cells().with("stalled_since", stalled);
            Objects.requireNonNull(at(states, time)).cells.values().forEach(now::with);
            if (!now.toString().equals(said)) {
                said = now.toString();
                if (open != null) {
                    open.with("valid_to", Instant.ofEpochMilli(time));
                }
                open = now.with("deal_id", id)
                        .with("valid_from", Instant.ofEpochMilli(time))
                        .with("valid_to", null);
                recount.add("deal_history", open);
            }
        }
    }

    /** How a deal stands at an instant; null before there is any. */
    private static @Nullable State at(List<State> states, long time) {
        State at = null;
        for (State state : states) {
            at = state.from <= time ? state : at;
        }
        return at;
    }

    /** Says the waterfall of all deals that were taken. */
    void waterfall() {
        long first =
                deals.stream().mapToLong(states -> states.get(0).from).min().orElse(Long.MAX_VALUE);
        for (Pipeline pipeline : playbook.pipelines()) {
            List<Grain> grains = new ArrayList<>(pipeline.windows());
            grains.add(Grain.ALL);
            for (Grain grain : grains) {
                List<Fall> falls = new ArrayList<>();
                for (long start = calendar.start(grain, first); start <= asOf; ) {
                    Fall fall = new Fall(pipeline.name(), grain, start, calendar.end(grain, start));
                    deals.forEach(fall::take);
                    falls.add(fall);
                    start = fall.end;
                }
                // It begins and ends with the windows in which there is any money.
                while (!falls.isEmpty() && falls.get(0).isNothing()) {
                    falls.remove(0);
                }
                while (!falls.isEmpty() && falls.get(falls.size() - 1).isNothing()) {
                    falls.remove(falls.size() - 1);
                }
                falls.forEach(Fall::say);
            }
        }
    }

    /** One window of a pipeline. */
    private final class Fall {
        private final String pipeline;
        private final Grain grain;
        private final long start;
        private final long end;
        private final Map<String, Long> units = new LinkedHashMap<>();

        Fall(String pipeline, Grain grain, long start, long end) {
            this.pipeline = pipeline;
            this.grain = grain;
            this.start = start;
            this.end = end;
        }

        /** Whether money may come in of it before the window ends: it is open here, and due by then or at any time. */
        private boolean holds(@Nullable State state) {
            return state != null
                    && state.pipeline.equals(pipeline)
                    && state.isOpen()
                    && (state.expected == null
                            || grain == Grain.ALL
                            || LocalDate.parse(state.expected)
                                            .atStartOfDay(playbook.zone())
                                            .toInstant()
                                            .toEpochMilli()
                                    < end);
        }

        private void add(String figure, long amount) {
            units.merge(figure, amount, Long::sum);
        }

        void take(List<State> states) {
            State before = at(states, start - 1);
            State after = at(states, end - 1);
            add("opening", before != null && holds(before) ? before.units() : 0);
            add("closing", after != null && holds(after) ? after.units() : 0);
            for (State now : states) {
                if (now.from >= start && now.from < end) {
                    change(before, now);
                }
                before = now.from < end ? now : before;
            }
        }

        private void change(@Nullable State before, State now) {
            boolean came = before == null || !before.pipeline.equals(now.pipeline);
            if (came && before != null && holds(before)) {
                add("removed", before.units());
            }
            if (!now.pipeline.equals(pipeline)) {
                return;
            }
            State here = came ? null : before;
            long was = here != null && holds(here) ? here.units() : 0;
            if (now.isOpen()) {
                open(here, was, now);
            } else if (now.isClosed()) {
                closed(here, was, now);
            } else {
                add("removed", was);
            }
        }

        private void open(@Nullable State before, long was, State now) {
            if (holds(before)) {
                if (holds(now)) {
                    differ(now.units() - was);
                } else {
                    add("pushed_out", was);
                }
            } else if (holds(now)) {
                add(before == null ? "created" : before.isOpen() ? "pulled_in" : "reopened", now.units());
            }
        }

        private void closed(@Nullable State before, long was, State now) {
            if (before == null) {
                add("created", now.units());
            } else if (before.isOpen()) {
                add("pulled_in", before.units() - was);
                differ(now.units() - before.units());
            } else if (before.isClosed() && !before.status.equals(now.status)) {
                // Won and then lost: it was open again for that instant.
                add("reopened", now.units());
            } else {
                return;
            }
            add(now.status, now.units());
        }

        private void differ(long by) {
            add(by > 0 ? "amount_up" : "amount_down", Math.abs(by));
        }

        boolean isNothing() {
            return units.values().stream().allMatch(figure -> figure == 0);
        }

        void say() {
            Cells row = calendar.window(new Cells(), grain, start, end, asOf)
                    .with("pipeline", pipeline)
                    .with("grain", grain.name().toLowerCase(Locale.ROOT))
                    .with("breakdown", "(total)")
                    .with("value", "(total)")
                    .with("target", grain == Grain.QUARTER ? target() : null);
            FIGURES.forEach(figure -> row.with(figure, BigDecimal.valueOf(units.getOrDefault(figure, 0L), 4)));
            recount.add("pipeline_waterfall", row);
        }

        /** What all should win in this quarter, or else the teams together. */
        private @Nullable BigDecimal target() {
            List<Target> asked = playbook.targets().stream()
                    .filter(target -> target.pipeline().equals(pipeline)
                            && calendar.quarter(target.quarter()).equals(calendar.first(grain, start)))
                    .toList();
            List<Target> ofAll =
                    asked.stream().filter(target -> target.team() == null).toList();
            Collection<Target> counted = ofAll.isEmpty() ? asked : ofAll;
            return counted.stream().map(Target::amount).reduce(BigDecimal::add).orElse(null);
        }
    }
}
