package dev.weir.anomaly;

import dev.weir.stats.Jeffreys;
import java.util.Arrays;
import java.util.List;

/**
 * What is usual for a series, learned from some of its windows and then fixed.
 *
 * <p>The level is all events over all exposure. On top of it stands a profile of phases, which are weekdays or what a
 * playbook declares ({@link Seasons}). Each phase's factor is shrunk toward one by as much as the phases differ no more than
 * chance would let them, so a series without a rhythm gets none and one that rests on Sundays is not alarmed by Sundays. The
 * dispersion is Pearson's, shrunk toward Poisson by ten windows.
 *
 * <p>Events are conversions and exposure is trials, or events are exits and exposure is days at risk.
 *
 * @param level events per unit of exposure
 * @param low its 5 % credible bound
 * @param high its 95 % credible bound
 * @param profile a factor for each phase, one where there is none
 * @param dispersion at least 1
 * @param windows how many it was learned from
 */
record Baseline(double level, double low, double high, double[] profile, double dispersion, int windows) {
    private static final double TAIL = 0.05;
    /** Windows that Poisson is worth when the dispersion is shrunk toward it. */
    private static final double POISSON_WINDOWS = 10;
    /** A share is kept below this, so that its odds are finite. */
    private static final double MOST = 0.999;

    /** One window, as far as numbers go. */
    record Window(double events, double exposure, int phase) {}

    static Baseline of(List<Window> windows, boolean rate, int phases) {
        double events = 0;
        double exposure = 0;
        for (Window window : windows) {
            events += window.events;
            exposure += window.exposure;
        }
        double level = exposure > 0 ? events / exposure : 0;
        double[] profile = phases > 1 ? profile(windows, level, phases) : flat(1);
        double dispersion = dispersion(windows, level, profile, rate);
        // Over-dispersed events say as much about the level as fewer independent ones would.
        double k = events / dispersion;
        double n = exposure / dispersion;
        double low = rate ? Jeffreys.lower(k, n, TAIL) : Jeffreys.lowerRate(k, n, TAIL);
        double high = rate ? Jeffreys.upper(k, n, TAIL) : Jeffreys.upperRate(k, n, TAIL);
        return new Baseline(level, low, high, profile, dispersion, windows.size());
    }

    /** The level of a phase, or one of its bounds. */
    double on(int phase, double of) {
        return of * profile[phase];
    }

    /** The same for a share, which has room above. */
    double shareOn(int phase, double of) {
        return Math.min(MOST, on(phase, of));
    }

    private static double[] flat(int phases) {
        double[] flat = new double[phases];
        Arrays.fill(flat, 1);
        return flat;
    }

    private static double[] profile(List<Window> windows, double level, int phases) {
        double[] seen = new double[phases];
        double[] expected = new double[phases];
        for (Window window : windows) {
            seen[window.phase] += window.events;
            expected[window.phase] += level * window.exposure;
        }
        // Method of moments for counts whose means vary by a factor of variance v: E (seen - e)^2 = e + v e^2.
        double excess = 0;
        double squares = 0;
        for (int d = 0; d < phases; d++) {
            excess += (seen[d] - expected[d]) * (seen[d] - expected[d]) - expected[d];
            squares += expected[d] * expected[d];
        }
        double[] profile = flat(phases);
        if (excess > 0 && squares > 0) {
            double worth = squares / excess;
            for (int d = 0; d < phases; d++) {
                profile[d] = (worth + seen[d]) / (worth + expected[d]);
            }
        }
        return profile;
    }

    private static double dispersion(List<Window> windows, double level, double[] profile, boolean rate) {
        double squares = 0;
        int counted = 0;
        for (Window window : windows) {
            double share = level * profile[window.phase];
            double expected = window.exposure * share;
            double variance = rate ? expected * (1 - Math.min(MOST, share)) : expected;
            if (variance > 0) {
                squares += (window.events - expected) * (window.events - expected) / variance;
                counted++;
            }
        }
        boolean rhythm = Arrays.stream(profile).anyMatch(factor -> factor != 1);
        double freedom = Math.max(0, counted - (rhythm ? profile.length : 1));
        return Math.max(1, (squares + POISSON_WINDOWS) / (freedom + POISSON_WINDOWS));
    }
}
