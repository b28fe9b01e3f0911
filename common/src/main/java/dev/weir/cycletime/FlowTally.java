package dev.weir.cycletime;

import dev.weir.event.MetricPoint;
import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stages;
import dev.weir.playbook.Windows;
import dev.weir.stats.BinomialTest;
import dev.weir.stats.Buckets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What went through each stage in each window, by the time it happened: stage_flow, stage_queue, bottleneck, and a metric
 * point per closed window.
 *
 * <p>One group is one series: a pipeline, a grain, a breakdown and its value, all windows. A visit adds to the window of its
 * entry and to that of its exit only; how many wait at a window's end, and how long they waited in it, follow from the
 * running sums: an entry adds its time from there to the window's end, an exit takes the rest away. So a deal that waits for
 * years costs two additions and no timer.
 */
public final class FlowTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = "flow";

    static final int ENTERED = 0;
    static final int ENTRY_OFFSETS = 1;
    static final int EXITED = 2;
    static final int EXIT_OFFSETS = 3;
    private static final int ADVANCED = 4;
    private static final int RETURNED = 5;
    private static final int WON = 6;
    private static final int LOST = 7;
    private static final int REMOVED = 8;

    /** First measure of the exits of visits that began so many windows before, above the dwell buckets. */
    private static final int FROM_BEFORE = 5_000;
    /** First measure of the exits in each hour of a week, above those. */
    private static final int IN_HOUR = 60_000;

    /** Most windows of a series that get rows: 11 years of days. A clock that is wrong by decades ends here. */
    private static final int WINDOWS = 4_096;

    private static final double DAY = 86_400_000.0;
    /** Below this p-value exits and arrivals differ by more than chance. */
    private static final double STATIONARY = 0.01;
    /** Fewest exits of a week that can be called a batch. */
    private static final int ENOUGH_FOR_A_BATCH = 6;

    private final Map<String, Stages> pipelines = new HashMap<>();
    private final Windows windows;

    public FlowTally(Playbook playbook) {
        for (Pipeline pipeline : playbook.pipelines()) {
            pipelines.put(pipeline.name(), new Stages(pipeline));
        }
        windows = Windows.of(playbook);
    }

    static int kind(Exit exit) {
        return switch (exit) {
            case ADVANCED -> ADVANCED;
            case RETURNED -> RETURNED;
            case WON -> WON;
            case LOST -> LOST;
            case MERGED, MOVED_PIPELINE, DELETED -> REMOVED;
        };
    }

    /** The measure of an exit of a visit that began so many windows before the exit's. */
    static int fromBefore(long windows) {
        return FROM_BEFORE + (int) Math.max(0, Math.min(windows, IN_HOUR - FROM_BEFORE - 1));
    }

    /** The measure of an exit in an hour of its week, from 0. */
    static int inHour(long hour) {
        return IN_HOUR + (int) hour;
    }

    /**
     * One stage in one window. Times in milliseconds.
     *
     * @param before deals waiting as the window began
     * @param overtook exits of visits that began in a later window than one that waits on
     * @param mostInHour most exits within one hour of the clock
     */
    private record Queue(
            int part,
            long entered,
            long exited,
            long before,
            long wip,
            long atRisk,
            long removed,
            long[] kinds,
            Buckets dwell,
            long overtook,
            long mostInHour) {
        boolean quiet() {
            return entered == 0 && exited == 0 && atRisk == 0 && wip == 0;
        }
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        List<String> name = Keys.split(group);
        Stages stages = pipelines.get(name.get(2));
        if (stages == null || sums.isZero()) {
            return NEVER;
        }
        Grain grain = Grain.valueOf(name.get(3).toUpperCase(Locale.ROOT));
        Series series = new Series(stages, grain, name.get(4), name.get(5), asOf, out);
        return series.say(sums);
    }

    /** Says the rows of one series, window by window. */
    private final class Series {
        private final Stages stages;
        private final Grain grain;
        private final String breakdown;
        private final String value;
        private final long asOf;
        private final Consumer<Row> out;
        private final Bottlenecks bottlenecks;

        Series(Stages stages, Grain grain, String breakdown, String value, long asOf, Consumer<Row> out) {
            this.stages = stages;
            this.grain = grain;
            this.breakdown = breakdown;
            this.value = value;
            this.asOf = asOf;
            this.out = out;
            this.bottlenecks = new Bottlenecks();
        }

        long say(Sums sums) {
            TreeSet<Integer> parts = new TreeSet<>();
            long newest = Long.MIN_VALUE;
            for (int i = 0; i < sums.size; i++) {
                parts.add(Cell.part(sums.cells[i]));
                newest = Math.max(newest, Cell.major(sums.cells[i]) * 1000);
            }
            Map<Integer, Waiting> waiting = new HashMap<>();
            long start = Cell.major(sums.cells[0]) * 1000;
            boolean open = false;
            int empty = 0;
            for (int w = 0;
                    w < WINDOWS && (start <= newest || (start <= asOf && (open || empty < MetricPoint.RETIRED)));
                    w++) {
                long end = windows.end(grain, start);
                List<Queue> queues = new ArrayList<>();
                open = false;
                for (int part : parts) {
                    Queue queue = queue(sums, start, end, part, waiting.computeIfAbsent(part, p -> new Waiting()), w);
                    open |= queue.wip > 0;
                    queues.add(queue);
                }
                empty = queues.stream().allMatch(Queue::quiet) ? empty + 1 : 0;
                window(start, end, queues);
                if (grain == Grain.ALL) {
                    return open ? ALWAYS : NEVER;
                }
                start = end;
            }
            // While the last window lasts, its rates a day change with time, also when nobody waits.
            return open || start > asOf ? ALWAYS : NEVER;
        }

        private Queue queue(Sums sums, long start, long end, int part, Waiting waiting, int w) {
            long major = start / 1000;
            long[] counts = new long[REMOVED + 1];
            for (int i = sums.from(Cell.of(major, part, 0)); i < sums.size; i++) {
                long cell = sums.cells[i];
                if (Cell.major(cell) != major || Cell.part(cell) != part || Cell.measure(cell) > REMOVED) {
                    break;
                }
                counts[Cell.measure(cell)] = sums.amounts[i];
            }
            long before = waiting.count;
            long overtook = waiting.pass(sums, major, part, counts, w);
            long span = Math.max(0, Math.min(asOf, end) - start);
            long atRisk = waiting.count * span - counts[ENTRY_OFFSETS] + counts[EXIT_OFFSETS];
            return new Queue(
                    part,
                    counts[ENTERED],
                    counts[EXITED],
                    before,
                    waiting.count,
                    Math.max(0, atRisk),
                    counts[REMOVED],
                    counts,
                    counts[EXITED] == 0 ? Buckets.read(new Sums(), 0, 0) : Buckets.read(sums, major, part),
                    overtook,
                    mostInHour(sums, major, part));
        }

        private static long mostInHour(Sums sums, long major, int part) {
            long most = 0;
            long end = Cell.of(major, part, Cell.MEASURES - 1);
            for (int i = sums.from(Cell.of(major, part, IN_HOUR)); i < sums.size && sums.cells[i] <= end; i++) {
                most = Math.max(most, sums.amounts[i]);
            }
            return most;
        }

        private void window(long start, long end, List<Queue> queues) {
            boolean complete = end <= asOf;
            for (Queue queue : queues) {
                if (!queue.quiet()) {
                    flowRow(start, end, complete, queue);
                    queueRow(start, end, complete, queue);
                }
            }
            List<Queue> mapped = queues.stream()
                    .filter(q -> q.part < stages.pipeline.stages().size())
                    .toList();
            double days = Math.max(0, Math.min(asOf, end) - first(start)) / DAY;
            for (Bottlenecks.Ranked ranked : bottlenecks.rank(window(mapped), days, grain != Grain.ALL)) {
                Queue queue = mapped.get(ranked.index());
                if (!queue.quiet()) {
                    bottleneckRow(start, end, complete, queue, ranked);
                }
            }
            if (complete) {
                for (Queue queue : mapped) {
                    metrics(start, end, queue);
                }
            }
        }

        /** The whole history is as long as the data, not as the epoch. */
        private long first(long start) {
            return grain == Grain.ALL ? asOf : start;
        }

        private static List<Bottlenecks.Stage> window(List<Queue> queues) {
            List<Bottlenecks.Stage> window = new ArrayList<>();
            for (Queue queue : queues) {
                window.add(
                        new Bottlenecks.Stage(queue.part, queue.entered, queue.exited, queue.wip, queue.atRisk / DAY));
            }
            return window;
        }

        private void flowRow(long start, long end, boolean complete, Queue queue) {
            out.accept(Row.of(
                    DealTables.STAGE_FLOW,
                    stages.pipeline.definition(),
                    asOf,
                    stages.pipeline.name(),
                    grain.word(),
                    Values.time(start),
                    breakdown,
                    value,
                    stages.word(queue.part),
                    grain == Grain.ALL ? null : Values.time(end),
                    windows.date(start).toString(),
                    windows.zone().getId(),
                    Boolean.toString(complete),
                    Long.toString(queue.entered),
                    Long.toString(queue.exited),
                    Long.toString(queue.kinds[ADVANCED]),
                    Long.toString(queue.kinds[RETURNED]),
                    Long.toString(queue.kinds[WON]),
                    Long.toString(queue.kinds[LOST]),
                    Long.toString(queue.removed),
                    Long.toString(queue.wip),
                    Values.seconds(queue.atRisk),
                    Values.seconds(queue.dwell.sum()),
                    Values.number(queue.dwell.p50Seconds()),
                    Values.number(queue.dwell.p90Seconds()),
                    Values.number(queue.dwell.p99Seconds())));
        }

        private void queueRow(long start, long end, boolean complete, Queue queue) {
            boolean whole = grain == Grain.ALL;
            double days = Math.max(0, Math.min(asOf, end) - first(start)) / DAY;
            double p = BinomialTest.twoSidedAtOneHalf(Math.max(0, queue.exited), queue.exited + queue.entered);
            Double exitRate = days > 0 ? Double.valueOf(queue.exited / days) : null;
            boolean batches = grain == Grain.WEEK && queue.exited >= ENOUGH_FOR_A_BATCH;
            out.accept(Row.of(
                    DealTables.STAGE_QUEUE,
                    stages.pipeline.definition(),
                    asOf,
                    stages.pipeline.name(),
                    grain.word(),
                    Values.time(start),
                    breakdown,
                    value,
                    stages.word(queue.part),
                    whole ? null : Values.time(end),
                    windows.date(start).toString(),
                    windows.zone().getId(),
                    Boolean.toString(complete),
                    Long.toString(queue.entered),
                    Long.toString(queue.exited),
                    Long.toString(queue.before),
                    Long.toString(queue.wip),
                    days > 0 ? Values.number(queue.atRisk / DAY / days) : null,
                    days > 0 ? Values.number(queue.entered / days) : null,
                    Values.number(exitRate),
                    queue.exited > 0 ? Values.number(queue.atRisk / DAY / queue.exited) : null,
                    Values.number(p),
                    Boolean.toString(p >= STATIONARY),
                    exitRate != null && exitRate > 0 ? Values.number(queue.wip / exitRate) : null,
                    whole ? null : Long.toString(queue.overtook),
                    grain == Grain.WEEK ? Long.toString(queue.mostInHour) : null,
                    batches ? Boolean.toString(2 * queue.mostInHour > queue.exited) : null));
        }

        private void bottleneckRow(long start, long end, boolean complete, Queue queue, Bottlenecks.Ranked ranked) {
            out.accept(Row.of(
                    DealTables.BOTTLENECK,
                    stages.pipeline.definition(),
                    asOf,
                    stages.pipeline.name(),
                    grain.word(),
                    Values.time(start),
                    breakdown,
                    value,
                    stages.word(queue.part),
                    grain == Grain.ALL ? null : Values.time(end),
                    windows.date(start).toString(),
                    windows.zone().getId(),
                    Boolean.toString(complete),
                    Integer.toString(ranked.loadRank()),
                    text(ranked.changeRank()),
                    Values.number(ranked.loadShare()),
                    Values.number(ranked.extraWip()),
                    Double.toString((double) queue.wip),
                    Values.number(ranked.arrivalRate()),
                    Values.number(ranked.exitRate()),
                    Values.number(ranked.daysLostPerDeal())));
        }

        /** How long deals take, how many wait, and of the first stage how many came. */
        private void metrics(long start, long end, Queue queue) {
            double exits = (double) (queue.exited - queue.removed);
            out.accept(point("dwell", queue, start, end, MetricPoint.DURATION, exits, queue.atRisk / DAY));
            out.accept(point("wip", queue, start, end, MetricPoint.VALUE, (double) queue.wip, 1));
            if (queue.part == 0) {
                double days = MetricPoint.days(start, end);
                out.accept(point("arrivals", queue, start, end, MetricPoint.COUNT, (double) queue.entered, days));
            }
        }

        private Row point(
                String metric, Queue queue, long start, long end, String kind, double numerator, double denominator) {
            return new MetricPoint(
                            metric + "/" + stages.pipeline.name() + "/" + stages.word(queue.part),
                            breakdown,
                            value,
                            grain.word(),
                            Instant.ofEpochMilli(start),
                            Instant.ofEpochMilli(end),
                            kind,
                            numerator,
                            denominator,
                            kind.equals(MetricPoint.DURATION) ? Long.valueOf(queue.entered) : null,
                            stages.pipeline.definition(),
                            false)
                    .row(asOf);
        }
    }

    /** Who waits in a stage as windows pass, by the window in which the visit began. */
    private static final class Waiting {
        private final TreeMap<Integer, Long> sinceWindow = new TreeMap<>();
        private long count;

        /**
         * Takes in the entries and exits of a window.
         *
         * @return how many exits overtook: they began in a later window than the oldest that waits on
         */
        long pass(Sums sums, long major, int part, long[] counts, int w) {
            count += counts[ENTERED] - counts[EXITED];
            add(w, counts[ENTERED]);
            Map<Integer, Long> exits = new HashMap<>();
            long end = Cell.of(major, part, IN_HOUR - 1);
            for (int i = sums.from(Cell.of(major, part, FROM_BEFORE)); i < sums.size && sums.cells[i] <= end; i++) {
                int since = w - (Cell.measure(sums.cells[i]) - FROM_BEFORE);
                exits.put(since, sums.amounts[i]);
                add(since, -sums.amounts[i]);
            }
            if (sinceWindow.isEmpty()) {
                return 0;
            }
            int oldest = sinceWindow.firstKey();
            return exits.entrySet().stream()
                    .filter(exit -> exit.getKey() > oldest)
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }

        private void add(int window, long more) {
            long now = sinceWindow.getOrDefault(window, 0L) + more;
            if (now == 0) {
                sinceWindow.remove(window);
            } else {
                sinceWindow.put(window, now);
            }
        }
    }

    private static @Nullable String text(@Nullable Integer number) {
        return number == null ? null : number.toString();
    }
}
