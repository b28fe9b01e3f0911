package dev.weir.conversion;

import dev.weir.event.MetricPoint;
import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import dev.weir.stats.LogBuckets;
import dev.weir.stats.Outlook;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a funnel for the attempts that began in one window: funnel_window, and, once every attempt is mature, one
 * metric point per step. One group is one window of a series.
 *
 * <p>Attempts that are not mature are kept by when they started too, to a hundredth of the funnel's limit, so that their ages
 * at T are known: they count as still on their way in the time to convert, and as those who may still convert in the
 * projection. That takes its curve from the whole history of the series, which is another group of the same owner. What lies
 * beyond the age of an attempt the curve can only know from attempts that began before it, so it is that of earlier cohorts.
 *
 * <p>That nobody entered in a window is a point too, or the silence of a series would never be noticed. There is no group for
 * such a window, so the whole history, which knows how many entered in each, says its zeros, for up to
 * {@link MetricPoint#RETIRED} windows after one in which somebody did.
 */
public final class FunnelTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = "funnel";

    static final int REACHED = 0;
    static final int MATURE_REACHED = 1;
    /** Reached by attempts that are not mature; its major is their {@link #cohort}. */
    static final int YOUNG = 2;
    /** In the whole history: entered in one window; its major is {@link #window}, its part the grain. */
    static final int ENTERED_IN = 3;

    private static final long COUNTS = 0;
    private static final int COHORTS_WITHIN = 100;
    /** An interval of 90 %. */
    private static final double TAIL = 0.05;

    private final Map<String, Funnel> funnels = new HashMap<>();
    private final Windows windows;

    public FunnelTally(Playbook playbook) {
        for (Funnel funnel : playbook.funnels()) {
            funnels.put(funnel.name(), funnel);
        }
        windows = Windows.of(playbook);
    }

    static String group(Funnel funnel, Grain grain, String windowStart, String breakdown, String value) {
        return Keys.join(KIND, funnel.name(), grain.word(), windowStart, breakdown, value);
    }

    /** Which of the cohorts of a funnel starts at a time: at least 1, so that none is a window's counts. */
    static long cohort(long withinMillis, long startedAt) {
        return 1 + startedAt / width(withinMillis);
    }

    /** The major of a window's count in the whole history, for windows since 1970; below zero, so that it is no cohort. */
    static long window(long windowStart) {
        return -1 - windowStart / 1000;
    }

    /** The part of a grain's counts in the whole history. */
    static int part(Grain grain) {
        return switch (grain) {
            case DAY -> 0;
            case WEEK -> 1;
            case MONTH -> 2;
            case QUARTER -> 3;
            case ALL -> 4;
        };
    }

    private static long width(long withinMillis) {
        return Math.max(1000, withinMillis / COHORTS_WITHIN);
    }

    /** The series: its windows and its whole history are kept together. */
    @Override
    public String owner(String group) {
        List<String> name = Keys.split(group);
        return Keys.join(KIND, name.get(1), name.get(4), name.get(5));
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        return rows(group, sums, other -> null, asOf, out);
    }

    @Override
    public long rows(String group, Sums sums, Function<String, @Nullable Sums> others, long asOf, Consumer<Row> out) {
        List<String> name = Keys.split(group);
        Funnel funnel = funnels.get(name.get(1));
        if (funnel == null || sums.isZero()) {
            return NEVER;
        }
        Grain grain = Grain.valueOf(name.get(2).toUpperCase(Locale.ROOT));
        long start = Long.parseLong(name.get(3));
        long end = windows.end(grain, start);
        boolean young = sums.from(Cell.of(COUNTS + 1, 0, 0)) < sums.size;
        Sums history = young ? others.apply(history(funnel, name)) : null;
        for (int s = 0; s < funnel.steps().size(); s++) {
            row(funnel, grain, name, start, end, s, sums, history, asOf, out);
        }
        if (grain == Grain.ALL) {
            long next = zeros(funnel, name, sums, asOf, out);
            return young ? ALWAYS : next;
        }
        // The last attempt of the window may have begun at its very end.
        long mature = end + funnel.within().toMillis();
        if (end <= asOf) {
            double entered = sums.get(Cell.of(COUNTS, 0, REACHED));
            double days = MetricPoint.days(start, end);
            out.accept(point(funnel, "entered", 0, grain, name, start, end, MetricPoint.COUNT, entered, days)
                    .row(asOf));
        }
        if (mature <= asOf) {
            metrics(funnel, grain, name, start, end, sums, asOf, out);
        }
        return young ? ALWAYS : asOf < end ? end : asOf < mature ? mature : NEVER;
    }

    /** Says that nobody entered, window by window; gives the end of the next that may be such. */
    private long zeros(Funnel funnel, List<String> name, Sums sums, long asOf, Consumer<Row> out) {
        long next = NEVER;
        for (Grain grain : funnel.windows()) {
            long later = Long.MAX_VALUE;
            // From the newest on: the majors fall with time.
            for (int i = 0; i < sums.size && Cell.major(sums.cells[i]) < COUNTS; i++) {
                if (Cell.part(sums.cells[i]) == part(grain) && sums.amounts[i] > 0) {
                    long start = -(Cell.major(sums.cells[i]) + 1) * 1000;
                    long end = windows.end(grain, start);
                    for (int empty = 0; empty < MetricPoint.RETIRED && end < later; empty++) {
                        start = end;
                        end = windows.end(grain, start);
                        if (end > asOf) {
                            next = Math.min(next, end);
                            break;
                        }
                        double days = MetricPoint.days(start, end);
                        out.accept(point(funnel, "entered", 0, grain, name, start, end, MetricPoint.COUNT, 0, days)
                                .row(asOf));
                    }
                    later = -(Cell.major(sums.cells[i]) + 1) * 1000;
                }
            }
        }
        return next;
    }

    private static String history(Funnel funnel, List<String> name) {
        return group(funnel, Grain.ALL, Long.toString(Windows.BEGINNING), name.get(4), name.get(5));
    }

    private void row(
            Funnel funnel,
            Grain grain,
            List<String> name,
            long start,
            long end,
            int step,
            Sums sums,
            @Nullable Sums history,
            long asOf,
            Consumer<Row> out) {
        Buckets times = Buckets.read(sums, COUNTS, step);
        long entered = sums.get(Cell.of(COUNTS, 0, REACHED));
        long reached = sums.get(Cell.of(COUNTS, step, REACHED));
        boolean optional = funnel.steps().get(step).optional();
        SortedMap<Integer, Long> waiting = waiting(funnel, step, sums, asOf);
        Outlook.Further further = optional ? null : further(funnel, step, waiting, history, asOf);
        out.accept(Row.of(
                FunnelTables.FUNNEL_WINDOW,
                funnel.definition(),
                asOf,
                funnel.name(),
                grain.word(),
                Values.time(start),
                name.get(4),
                name.get(5),
                Integer.toString(step + 1),
                funnel.steps().get(step).name(),
                grain == Grain.ALL ? null : Values.time(end),
                windows.date(start).toString(),
                windows.zone().getId(),
                Boolean.toString(end <= asOf),
                Long.toString(entered),
                Long.toString(reached),
                Long.toString(sums.get(Cell.of(COUNTS, 0, MATURE_REACHED))),
                Long.toString(sums.get(Cell.of(COUNTS, step, MATURE_REACHED))),
                Values.number(times.p50Seconds()),
                Values.number(times.p90Seconds()),
                optional ? null : Values.number(times.p50Seconds(notThere(funnel, step, waiting, sums))),
                further == null ? null : share(reached + further.expected(), entered),
                further == null ? null : share(reached + further.low(), entered),
                further == null ? null : share(reached + further.high(), entered)));
    }

    /** A projected rate, to four places: a row need not be said again for less. */
    private static @Nullable String share(double reached, long entered) {
        return entered <= 0 ? null : Double.toString(Math.round(reached / entered * 10_000) / 10_000.0);
    }

    /** How many may still reach a step, by the bucket of their age: not mature, and not there. */
    private static SortedMap<Integer, Long> waiting(Funnel funnel, int step, Sums sums, long asOf) {
        SortedMap<Integer, Long> waiting = new TreeMap<>();
        long within = funnel.within().toMillis();
        long width = width(within);
        for (int i = sums.from(Cell.of(COUNTS + 1, 0, 0)); i < sums.size; i++) {
            long cohort = Cell.major(sums.cells[i]);
            if (Cell.part(sums.cells[i]) == 0) {
                long count = sums.amounts[i] - sums.get(Cell.of(cohort, step, YOUNG));
                long age = asOf - (cohort - 1) * width - width / 2;
                if (step > 0 && count > 0) {
                    waiting.merge(LogBuckets.bucket(Math.min(Math.max(0, age), within)), count, Long::sum);
                }
            }
        }
        return waiting;
    }

    /** The same, and those who had their full time and did not get there. */
    private static SortedMap<Integer, Long> notThere(
            Funnel funnel, int step, SortedMap<Integer, Long> waiting, Sums sums) {
        SortedMap<Integer, Long> all = new TreeMap<>(waiting);
        long mature = sums.get(Cell.of(COUNTS, 0, MATURE_REACHED)) - sums.get(Cell.of(COUNTS, step, MATURE_REACHED));
        if (mature > 0) {
            all.merge(LogBuckets.bucket(funnel.within().toMillis()), mature, Long::sum);
        }
        return all;
    }

    /** How many more will reach a step; null while too few have had their full time to tell. */
    private static Outlook.@Nullable Further further(
            Funnel funnel, int step, SortedMap<Integer, Long> waiting, @Nullable Sums history, long asOf) {
        if (waiting.isEmpty()) {
            return Outlook.Further.NOBODY;
        }
        if (history == null || history.get(Cell.of(COUNTS, 0, MATURE_REACHED)) < Outlook.NEEDS) {
            return null;
        }
        SortedMap<Integer, Long> before = waiting(funnel, step, history, asOf);
        return new Outlook(Buckets.read(history, COUNTS, step), notThere(funnel, step, before, history))
                .further(waiting, TAIL);
    }

    /** The rate of each step among those who reached the step before it that is not optional, and the time it took. */
    private static void metrics(
            Funnel funnel,
            Grain grain,
            List<String> name,
            long start,
            long end,
            Sums sums,
            long asOf,
            Consumer<Row> out) {
        int before = 0;
        for (int s = 1; s < funnel.steps().size(); s++) {
            double reached = sums.get(Cell.of(COUNTS, s, MATURE_REACHED));
            double entered = sums.get(Cell.of(COUNTS, before, MATURE_REACHED));
            out.accept(point(funnel, "conversion", s, grain, name, start, end, MetricPoint.RATE, reached, entered)
                    .row(asOf));
            Double seconds = Buckets.read(sums, COUNTS, s).p50Seconds();
            if (seconds != null) {
                out.accept(point(funnel, "time_to", s, grain, name, start, end, MetricPoint.VALUE, seconds, 1)
                        .row(asOf));
            }
            if (!funnel.steps().get(s).optional()) {
                before = s;
            }
        }
    }

    private static MetricPoint point(
            Funnel funnel,
            String metric,
            int step,
            Grain grain,
            List<String> name,
            long start,
            long end,
            String kind,
            double numerator,
            double denominator) {
        return new MetricPoint(
                metric + "/" + funnel.name() + "/" + funnel.steps().get(step).name(),
                name.get(4),
                name.get(5),
                grain.word(),
                Instant.ofEpochMilli(start),
                Instant.ofEpochMilli(end),
                kind,
                numerator,
                denominator,
                null,
                funnel.definition(),
                false);
    }
}
