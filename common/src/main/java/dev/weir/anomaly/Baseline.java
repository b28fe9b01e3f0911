package dev.weir.anomaly;

import dev.weir.stats.Jeffreys;
import java.util.List;

/**
 * What is usual for a series, learned from some of its windows and then fixed.
 *
 * <p>The level is all events over all exposure, each window's exposure weighted with what the {@link Profile} expects of its
 * weekday and month. The dispersion is Pearson's, shrunk toward Poisson by ten windows.
 *
 * <p>Events are conversions and exposure is trials, or events are exits and exposure is days at risk, or events are what is
 * counted and exposure is days.
 *
 * @param level events per unit of exposure where the profile is one
 * @param low its 5 % credible bound
 * @param high its 95 % credible bound
 * @param dispersion at least 1
 * @param size mean exposure of a window
 * @param events a window, on average
 */
record Baseline(double level, double low, double high, Profile profile, double dispersion, double size, double events) {
    private static final double TAIL = 0.05;
    /** Windows that Poisson is worth when the dispersion is shrunk toward it. */
    static final double POISSON_WINDOWS = 10;
    /** A share is kept below this, so that its odds are finite. */
    private static final double MOST = 0.999;

    /** One window, as far as numbers go. */
    record Window(double events, double exposure, Seasons.Place place) {}

    /**
     * @param windows at least one with exposure
     * @param leastDispersion what the windows cannot know, 1 or more
     */
    static Baseline of(List<Window> windows, Profile profile, boolean rate, double leastDispersion) {
        double events = 0;
        double exposure = 0;
        double weighted = 0;
        for (Window window : windows) {
            events += window.events;
            exposure += window.exposure;
            weighted += window.exposure * profile.at(window.place);
        }
        double level = weighted > 0 ? events / weighted : 0;
        double dispersion = Math.max(leastDispersion, dispersion(windows, level, profile, rate));
        // Over-dispersed events say as much about the level as fewer independent ones would.
        double k = events / dispersion;
        double n = weighted / dispersion;
        double low = rate ? Jeffreys.lower(Math.min(k, n), n, TAIL) : Jeffreys.lowerRate(k, n, TAIL);
        double high = rate ? Jeffreys.upper(Math.min(k, n), n, TAIL) : Jeffreys.upperRate(k, n, TAIL);
        return new Baseline(level, low, high, profile, dispersion, exposure / windows.size(), events / windows.size());
    }

    /** The level where a window stands, or one of its bounds. */
    double at(Seasons.Place place, double of) {
        return of * profile.at(place);
    }

    /** The same for a share, which has room above. */
    double shareAt(Seasons.Place place, double of) {
        return Math.min(MOST, at(place, of));
    }

    private static double dispersion(List<Window> windows, double level, Profile profile, boolean rate) {
        double squares = 0;
        int counted = 0;
        for (Window window : windows) {
            double share = level * profile.at(window.place);
            double expected = window.exposure * share;
            double variance = rate ? expected * (1 - Math.min(MOST, share)) : expected;
            if (variance > 0) {
                squares += (window.events - expected) * (window.events - expected) / variance;
                counted++;
            }
        }
        double freedom = Math.max(0, counted - 1 - profile.factors());
        return Math.max(1, (squares + POISSON_WINDOWS) / (freedom + POISSON_WINDOWS));
    }
}
