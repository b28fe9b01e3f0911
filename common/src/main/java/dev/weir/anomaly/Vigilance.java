package dev.weir.anomaly;

import dev.weir.event.MetricPoint;
import dev.weir.playbook.Grain;
import java.io.Serializable;

/**
 * How closely a series is watched.
 *
 * @param windowsBetweenFalseAlarms c: without a change an alarm comes on average after no fewer windows of this series; the
 *     budget of a team is the sum over its series of (windows a week) / c
 * @param baseline most windows before now that say what level is usual
 * @param leastBaseline fewest that are not empty; below, a series is only learned
 * @param memory most windows before now that say which rhythm is usual
 * @param guard youngest windows that the baseline leaves out, so that a change does not become usual while it is being found
 * @param refresh windows between two estimates of the baseline
 * @param settle windows after which a new level of a count is usual
 * @param leastEvents fewest conversions or exits in a baseline
 * @param leastFall smallest relative fall of a rate that matters
 * @param leastSlowing smallest relative fall of exits per deal and day that matters
 * @param leastShift smallest relative change of a count that matters
 * @param leastExtraDeals fewest deals that wait beyond the usual that matter
 * @param leastExtraShare the same as a share of all that wait
 * @param follow windows after an alarm from which its figures are still made; then they stand
 * @param leastSize smallest series that is watched at this grain: trials, days at risk, or counted events a window
 * @param mostSize smallest that is not, because a finer grain watches it
 */
public record Vigilance(
        double windowsBetweenFalseAlarms,
        int baseline,
        int leastBaseline,
        int memory,
        int guard,
        int refresh,
        int settle,
        double leastEvents,
        double leastFall,
        double leastSlowing,
        double leastShift,
        double leastExtraDeals,
        double leastExtraShare,
        int follow,
        double leastSize,
        double mostSize)
        implements Serializable {

    /**
     * What is usual for a grain. c is 30,000: a hundred daily series then bring at most one false alarm in 43 weeks. Simulated,
     * 90 days each: no alarm in 10,000 quiet series; a rate of 5 % of 200 a day that halves is found after 9 days, a stage
     * with three deals a day that slows to 38 % after 14 (a tenth of c would find it three days sooner).
     */
    public static Vigilance usual(Grain grain) {
        return switch (grain) {
            case DAY -> of(56, 14, 460, 7, 7, 28, 7);
            case WEEK -> of(26, 6, 66, 1, 1, 8, 3);
            case MONTH -> of(12, 6, 24, 0, 1, 6, 2);
            case QUARTER, ALL -> of(12, 6, 12, 0, 1, 4, 2);
        };
    }

    private static Vigilance of(
            int baseline, int leastBaseline, int memory, int guard, int refresh, int settle, int follow) {
        return new Vigilance(
                30_000,
                baseline,
                leastBaseline,
                memory,
                guard,
                refresh,
                settle,
                20,
                0.1,
                0.2,
                0.25,
                3,
                0.1,
                follow,
                0,
                Double.POSITIVE_INFINITY);
    }

    /** The same with another c. */
    public Vigilance withWindowsBetweenFalseAlarms(double windows) {
        return new Vigilance(
                windows,
                baseline,
                leastBaseline,
                memory,
                guard,
                refresh,
                settle,
                leastEvents,
                leastFall,
                leastSlowing,
                leastShift,
                leastExtraDeals,
                leastExtraShare,
                follow,
                leastSize,
                mostSize);
    }

    /** The same for series of some sizes only. */
    public Vigilance between(double least, double most) {
        return new Vigilance(
                windowsBetweenFalseAlarms,
                baseline,
                leastBaseline,
                memory,
                guard,
                refresh,
                settle,
                leastEvents,
                leastFall,
                leastSlowing,
                leastShift,
                leastExtraDeals,
                leastExtraShare,
                follow,
                least,
                most);
    }

    /** The length of a grain's windows. */
    static double days(Grain grain) {
        return switch (grain) {
            case DAY -> 1;
            case WEEK -> 7;
            case MONTH -> 30.44;
            case QUARTER, ALL -> 91.3;
        };
    }

    boolean watches(String kind, Baseline baseline) {
        double size = kind.equals(MetricPoint.COUNT) ? baseline.events() : baseline.size();
        return size >= leastSize && size < mostSize;
    }
}
