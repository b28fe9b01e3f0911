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
import dev.weir.playbook.Stages;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import dev.weir.stats.Hazards;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What became of the visits that began in a window: stage_cohort, and, for the whole history, stage_hazard. One group is one
 * window of a series.
 *
 * <p>Visits that last are kept by the hour of their entry as (count, sum of what is beyond the hour), so that their ages
 * enter the curves as censored, and a visit that lasts for years costs nothing as it ages. Their ages are those at the last
 * full hour before T, so that a row changes once an hour and not with every checkpoint.
 */
public final class CohortTally implements Tally {
    /** First part of a group of this tally. */
    public static final String KIND = "cohort";

    static final long HOUR = 3_600_000L;
    /** Major of the counts and of the dwell of visits that ended. */
    static final long COUNTS = 0;
    /** Major of the dwell of visits that were cut short: merged, moved, deleted. */
    static final long CENSORED = 1;
    /** First major of the dwell of visits that ended, counted by the way in which they did. */
    private static final long WAYS = 2;

    /** The ways in which a visit ends that compete with each other. */
    private static final int ADVANCED = 0;

    private static final int RETURNED = 1;
    private static final int WON = 2;
    private static final int LOST = 3;
    private static final int WAY_COUNT = 4;

    /** Ages at which the intervals of stage_hazard begin. */
    private static final long[] AGES = LongStream.concat(
                    LongStream.of(0, 1, 4, 8).map(hours -> hours * HOUR),
                    LongStream.of(1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 60, 90, 120, 180, 270, 365, 730)
                            .map(days -> Duration.ofDays(days).toMillis()))
            .toArray();

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

    /** The last full hour. */
    private static long hour(long time) {
        return Math.floorDiv(time, HOUR) * HOUR;
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

    /** The major under which a visit that ended is counted by its way; -1 for one that was cut short. */
    static long way(Exit exit) {
        return switch (exit) {
            case ADVANCED -> WAYS + ADVANCED;
            case RETURNED -> WAYS + RETURNED;
            case WON -> WAYS + WON;
            case LOST -> WAYS + LOST;
            case MERGED, MOVED_PIPELINE, DELETED -> -1;
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
            Cohort cohort = new Cohort(stages, name, grain, start, end, part, sums, asOf);
            out.accept(cohort.row());
            if (grain == Grain.ALL) {
                cohort.hazard(out);
            }
        }
        long closes = end > asOf ? end : NEVER;
        return open ? Math.min(closes, hour(asOf) + HOUR) : closes;
    }

    /** The visits of one stage that began in the window. */
    private final class Cohort {
        private final Stages stages;
        private final List<String> name;
        private final Grain grain;
        private final long start;
        private final long end;
        private final int part;
        private final Sums sums;
        private final long asOf;
        private final Hazards hazards;
        private final Hazards.@Nullable Interval whole;

        Cohort(Stages stages, List<String> name, Grain grain, long start, long end, int part, Sums sums, long asOf) {
            this.stages = stages;
            this.name = name;
            this.grain = grain;
            this.start = start;
            this.end = end;
            this.part = part;
            this.sums = sums;
            this.asOf = asOf;
            this.hazards = hazards();
            List<Hazards.Interval> table = hazards.table(0);
            this.whole = table.isEmpty() ? null : table.get(0);
        }

        private Hazards hazards() {
            Hazards hazards = new Hazards(WAY_COUNT);
            hazards.over(Buckets.read(sums, COUNTS, part));
            hazards.censored(Buckets.read(sums, CENSORED, part));
            for (int way = 0; way < WAY_COUNT; way++) {
                hazards.ended(way, Buckets.read(sums, WAYS + way, part));
            }
            long hour = hour(asOf);
            for (int i = 0; i < sums.size; i++) {
                long cell = sums.cells[i];
                if (Cell.part(cell) == part && Cell.measure(cell) == OPEN) {
                    long offsets = sums.get(Cell.of(Cell.major(cell), part, OPEN_OFFSETS));
                    long entered = Cell.major(cell) * HOUR + offsets / sums.amounts[i];
                    hazards.lasting(hour - entered, sums.amounts[i]);
                }
            }
            return hazards;
        }

        Row row() {
            return Row.of(
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
                    count(ENTERED),
                    count(MATURE_ENTERED),
                    count(MATURE_ADVANCED),
                    count(MATURE_WON),
                    count(MATURE_LOST),
                    Values.number(median()),
                    Long.toString(hazards.ended()),
                    Long.toString(hazards.lasting()),
                    ends(WON),
                    ends(LOST),
                    Values.number(Buckets.read(sums, COUNTS, part).p50Seconds()),
                    seconds(hazards.endedMeanMillis()),
                    seconds(hazards.exposureMeanMillis()),
                    incidence(whole, WON),
                    incidence(whole, LOST));
        }

        private String count(int measure) {
            return Long.toString(sums.get(Cell.of(COUNTS, part, measure)));
        }

        private String ends(int way) {
            return whole == null ? "0" : Long.toString(whole.ends()[way]);
        }

        private @Nullable Double median() {
            Double millis = hazards.ended() < Buckets.ENOUGH_FOR_P50 ? null : hazards.quantileMillis(0.5);
            return millis == null ? null : Double.valueOf(millis / 1000);
        }

        /** The hazard table of the whole history: one row per age that a visit has reached. */
        void hazard(Consumer<Row> out) {
            for (Hazards.Interval ages : hazards.table(AGES)) {
                out.accept(Row.of(
                        DealTables.STAGE_HAZARD,
                        stages.pipeline.definition(),
                        asOf,
                        stages.pipeline.name(),
                        grain.word(),
                        Values.time(start),
                        name.get(5),
                        name.get(6),
                        stages.word(part),
                        Long.toString(ages.fromMillis() / 1000),
                        null,
                        windows.date(start).toString(),
                        windows.zone().getId(),
                        "false",
                        ages.toMillis() == Long.MAX_VALUE ? null : Long.toString(ages.toMillis() / 1000),
                        Long.toString(ages.atRisk()),
                        Long.toString(ages.ends()[ADVANCED]),
                        Long.toString(ages.ends()[RETURNED]),
                        Long.toString(ages.ends()[WON]),
                        Long.toString(ages.ends()[LOST]),
                        Values.seconds(ages.atRiskMillis()),
                        Double.toString(ages.survival()),
                        Double.toString(ages.survivalOfEnded()),
                        incidence(ages, WON),
                        incidence(ages, LOST),
                        Double.toString(ages.incidenceOfEnded()[WON]),
                        Double.toString(ages.incidenceOfEnded()[LOST])));
            }
        }
    }

    private static @Nullable String seconds(@Nullable Double millis) {
        return millis == null ? null : Values.number(millis / 1000);
    }

    private static @Nullable String incidence(Hazards.@Nullable Interval ages, int way) {
        return ages == null ? null : Double.toString(ages.incidence()[way]);
    }
}
