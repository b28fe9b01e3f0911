package dev.weir.cycletime;

import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.machine.Tally;
import dev.weir.machine.Values;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import dev.weir.stats.LogBuckets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What became of the visits that began in a window: stage_cohort. One group is one window of a series.
 *
 * <p>Visits that last are kept by the hour of their entry as (count, sum of what is beyond the hour), so that their ages at T
 * enter the Kaplan-Meier median as censored, and a visit that lasts for years costs nothing as it ages.
 */
public final class CohortTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = "cohort";

    static final long HOUR = 3_600_000L;
    /** Major of the counts and of the dwell of visits that ended. */
    static final long COUNTS = 0;
    /** Major of the dwell of visits that were cut short: merged, moved, deleted. */
    static final long CENSORED = 1;

    static final int ENTERED = 0;
    static final int MATURE_ENTERED = 1;
    private static final int MATURE_ADVANCED = 2;
    private static final int MATURE_WON = 3;
    private static final int MATURE_LOST = 4;
    /** Above all quantile buckets. */
    static final int OPEN = 60_000;

    static final int OPEN_OFFSETS = 60_001;

    private final Map<String, Stages> pipelines = new HashMap<>();
    private final Windows windows;

    public CohortTally(Playbook playbook) {
        for (Pipeline pipeline : playbook.pipelines()) {
            pipelines.put(pipeline.name(), new Stages(pipeline));
        }
        windows = Windows.of(playbook);
    }

    /** Major of the visits that last and began in an hour since the epoch. */
    static long open(long hour) {
        return hour;
    }

    /** The measure of an outcome, or -1 where a cohort does not count it. */
    static int outcome(Exit exit) {
        return switch (exit) {
            case ADVANCED -> MATURE_ADVANCED;
            case WON -> MATURE_WON;
            case LOST -> MATURE_LOST;
            case RETURNED, MERGED, MOVED_PIPELINE, DELETED -> -1;
        };
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        List<String> name = Keys.split(group);
        Stages stages = pipelines.get(name.get(2));
        if (stages == null || sums.isZero()) {
            return NEVER;
        }
        Grain grain = Grain.valueOf(name.get(3).toUpperCase(Locale.ROOT));
        long start = Long.parseLong(name.get(4));
        long end = windows.end(grain, start);
        TreeSet<Integer> parts = new TreeSet<>();
        boolean open = false;
        for (int i = 0; i < sums.size; i++) {
            parts.add(Cell.part(sums.cells[i]));
            open |= Cell.measure(sums.cells[i]) >= OPEN;
        }
        for (int part : parts) {
            out.accept(Row.of(
                    DealTables.STAGE_COHORT,
                    stages.pipeline.definition(),
                    asOf,
                    stages.pipeline.name(),
                    grain.word(),
                    Values.time(start),
                    name.get(5),
                    name.get(6),
                    stages.word(part),
                    grain == Grain.ALL ? null : Values.time(end),
                    windows.date(start).toString(),
                    windows.zone().getId(),
                    Boolean.toString(end <= asOf),
                    count(sums, part, ENTERED),
                    count(sums, part, MATURE_ENTERED),
                    count(sums, part, MATURE_ADVANCED),
                    count(sums, part, MATURE_WON),
                    count(sums, part, MATURE_LOST),
                    Values.number(median(sums, part, asOf))));
        }
        return open ? ALWAYS : end > asOf && grain != Grain.ALL ? end : NEVER;
    }

    private static String count(Sums sums, int part, int measure) {
        return Long.toString(sums.get(Cell.of(COUNTS, part, measure)));
    }

    private static @org.jspecify.annotations.Nullable Double median(Sums sums, int part, long asOf) {
        TreeMap<Integer, Long> censored = new TreeMap<>();
        for (int i = 0; i < sums.size; i++) {
            long cell = sums.cells[i];
            if (Cell.part(cell) != part) {
                continue;
            }
            if (Cell.measure(cell) == OPEN) {
                long offsets = sums.get(Cell.of(Cell.major(cell), part, OPEN_OFFSETS));
                long entered = Cell.major(cell) * HOUR + offsets / sums.amounts[i];
                censored.merge(LogBuckets.bucket(Math.max(0, asOf - entered)), sums.amounts[i], Long::sum);
            }
        }
        Buckets cut = Buckets.read(sums, CENSORED, part);
        cut.forEach((bucket, count) -> censored.merge(bucket, count, Long::sum));
        int[] buckets = censored.keySet().stream().mapToInt(Integer::intValue).toArray();
        long[] counts = censored.values().stream().mapToLong(Long::longValue).toArray();
        return Buckets.read(sums, COUNTS, part).medianSeconds(buckets, counts, buckets.length);
    }
}
