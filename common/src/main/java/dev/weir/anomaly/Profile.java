package dev.weir.anomaly;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rhythm of a series: a factor for each part of each cycle it follows, one where it follows none.
 *
 * <p>A part's factor is what it had against the mean of its own turn (its week, its quarter), so a series that grows does not
 * look seasonal. It is shrunk toward one: the parts' differences are split into what the turns of one part differ among
 * themselves, which is noise, and the rest, and a factor keeps the share of itself that the rest explains. So a series
 * without a rhythm gets none, and no test switches one on.
 *
 * <p>Source: the empirical Bayes estimate of Efron, Morris, Data analysis using Stein's estimator, JASA 70 (1975).
 */
final class Profile {
    /** No rhythm. */
    static final Profile FLAT = new Profile(null, null);

    private final double @Nullable [] weekdays;
    private final double @Nullable [] months;

    private Profile(double @Nullable [] weekdays, double @Nullable [] months) {
        this.weekdays = weekdays;
        this.months = months;
    }

    /**
     * Learns the cycles that the windows have turns enough of.
     *
     * @param windows in any order
     */
    static Profile of(List<Baseline.Window> windows, boolean daily, boolean quarterly, Seasons seasons, String metric) {
        double[] weekdays = daily ? factors(windows, Seasons.Cycle.WEEKDAY, seasons, metric) : null;
        double[] months = quarterly ? factors(windows, Seasons.Cycle.MONTH_OF_QUARTER, seasons, metric) : null;
        return weekdays == null && months == null ? FLAT : new Profile(weekdays, months);
    }

    double at(Seasons.Place place) {
        return (weekdays == null ? 1 : weekdays[place.weekday()]) * (months == null ? 1 : months[place.month()]);
    }

    /** How many factors were learned. */
    int factors() {
        return (weekdays == null ? 0 : weekdays.length - 1) + (months == null ? 0 : months.length - 1);
    }

    /** What one turn of a cycle had in each part. */
    private static final class Turn {
        final double[] events;
        final double[] exposure;

        Turn(int cells) {
            events = new double[cells];
            exposure = new double[cells];
        }

        boolean whole() {
            return Arrays.stream(exposure).allMatch(e -> e > 0)
                    && Arrays.stream(events).sum() > 0;
        }
    }

    private static double @Nullable [] factors(
            List<Baseline.Window> windows, Seasons.Cycle cycle, Seasons seasons, String metric) {
        Map<Long, Turn> turns = new TreeMap<>();
        for (Baseline.Window window : windows) {
            Turn turn = turns.computeIfAbsent(window.place().turn(cycle), t -> new Turn(cycle.cells));
            turn.events[window.place().cell(cycle)] += window.events();
            turn.exposure[window.place().cell(cycle)] += window.exposure();
        }
        List<Turn> whole = turns.values().stream().filter(Turn::whole).toList();
        int needed = seasons.declares(cycle, metric) ? Seasons.TURNS_WHEN_DECLARED : cycle.turns;
        return whole.size() < needed ? null : factors(whole, cycle.cells);
    }

    private static double[] factors(List<Turn> turns, int cells) {
        double[] seen = new double[cells];
        double[] usual = new double[cells];
        for (Turn turn : turns) {
            double level = level(turn);
            for (int c = 0; c < cells; c++) {
                seen[c] += turn.events[c];
                usual[c] += level * turn.exposure[c];
            }
        }
        double[] noise = new double[cells];
        for (Turn turn : turns) {
            double level = level(turn);
            for (int c = 0; c < cells; c++) {
                double miss = turn.events[c] - seen[c] / usual[c] * level * turn.exposure[c];
                noise[c] += miss * miss * turns.size() / (turns.size() - 1);
            }
        }
        double excess = 0;
        double squares = 0;
        for (int c = 0; c < cells; c++) {
            noise[c] = Math.max(noise[c], usual[c]);
            excess += (seen[c] - usual[c]) * (seen[c] - usual[c]) - noise[c];
            squares += usual[c] * usual[c];
        }
        double variance = Math.max(0, excess / squares);
        double[] factors = new double[cells];
        for (int c = 0; c < cells; c++) {
            double signal = variance * usual[c] * usual[c];
            factors[c] = 1 + (seen[c] / usual[c] - 1) * signal / (signal + noise[c]);
        }
        return factors;
    }

    private static double level(Turn turn) {
        return Arrays.stream(turn.events).sum() / Arrays.stream(turn.exposure).sum();
    }
}
