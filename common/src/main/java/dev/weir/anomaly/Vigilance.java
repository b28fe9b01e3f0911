package dev.weir.anomaly;

import dev.weir.playbook.Grain;
import java.io.Serializable;

/**
 * How closely a series is watched.
 *
 * @param windowsBetweenFalseAlarms c: without a change an alarm comes on average after no fewer windows of this series; the
 *     budget of a team is the sum over its series of (windows a week) / c
 * @param baseline most windows before now that say what is usual
 * @param leastBaseline fewest; below, a series is only learned
 * @param guard youngest windows that the baseline leaves out, so that a change does not become usual while it is being found
 * @param refresh windows between two estimates of the baseline
 * @param leastEvents fewest conversions or exits in a baseline
 * @param leastFall smallest relative fall of a conversion rate that matters
 * @param leastSlowing smallest relative fall of exits per deal and day that matters
 * @param leastExtraDeals fewest deals that wait beyond the usual that matter
 * @param leastExtraShare the same as a share of all that wait
 * @param follow windows after an alarm from which its figures are still made; then they stand
 */
public record Vigilance(
        double windowsBetweenFalseAlarms,
        int baseline,
        int leastBaseline,
        int guard,
        int refresh,
        double leastEvents,
        double leastFall,
        double leastSlowing,
        double leastExtraDeals,
        double leastExtraShare,
        int follow)
        implements Serializable {

    /**
     * What is usual for a grain. c is 30,000: a hundred daily series then bring at most one false alarm in 43 weeks. Simulated,
     * 90 days each: no alarm in 10,000 quiet series; a rate of 5 % of 200 a day that halves is found after 9 days, a stage
     * with three deals a day that slows to 38 % after 13 (a tenth of c would find it three days sooner).
     */
    public static Vigilance usual(Grain grain) {
        return switch (grain) {
            case DAY -> of(56, 14, 7, 7, 7);
            case WEEK -> of(26, 6, 1, 1, 3);
            case MONTH, QUARTER, ALL -> of(12, 6, 0, 1, 2);
        };
    }

    private static Vigilance of(int baseline, int leastBaseline, int guard, int refresh, int follow) {
        return new Vigilance(30_000, baseline, leastBaseline, guard, refresh, 20, 0.1, 0.2, 3, 0.1, follow);
    }
}
