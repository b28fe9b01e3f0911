package dev.weir.stats;

import java.util.Arrays;

/**
 * The mixture e-Shiryaev-Roberts procedure: window by window, how strongly a series speaks for a change at some time in the
 * past.
 *
 * <p>Each ratio r of {@link #RATIOS} stands for one size of change. With the likelihood ratio LR of a window under that
 * change against no change, M &lt;- (1 + M) LR. Without a change no LR has a mean above 1, so the statistic grows by at
 * most 1 a window on average, and an alarm at a statistic of c comes, on average, no sooner than after c windows. That holds
 * for the mean over all ratios and over either side.
 *
 * <p>The baseline is never known, only estimated. A fall is judged against the low end of what the baseline may be and a
 * rise against the high end, because a ratio against the estimate itself has a mean above 1 whenever the estimate missed on
 * that side (run lengths of 360 in place of 1,000 with 8 windows). An LR against the low end has a mean of at most 1 under
 * any baseline above it. Over-dispersion d &gt;= 1 takes the d-th root of LR, which lowers its mean.
 *
 * <p>Source: Shin, Ramdas, Rinaldo, E-detectors, arXiv 2203.03532. Statistics are capped at 1e300.
 */
public final class ShiryaevRoberts {
    private static final double[] RATIOS = {0.4, 0.55, 0.7, 0.82, 1.2, 1.4, 1.8, 2.5};
    private static final double[] LOGS =
            Arrays.stream(RATIOS).map(StrictMath::log).toArray();
    private static final int FALLS = 4;
    private static final double CAP = 1e300;

    private final double[] statistics = new double[RATIOS.length];

    /**
     * A window of a rate: successes of trials. The ratios are of odds.
     *
     * @param low the least the baseline share may be, 0 to 1; at 0 falls learn nothing
     * @param high the most it may be, 0 to 1; at 1 rises learn nothing
     * @param dispersion at least 1
     */
    public void addRate(double successes, double trials, double low, double high, double dispersion) {
        for (int j = 0; j < RATIOS.length; j++) {
            double p = j < FALLS ? low : high;
            if (p > 0 && p < 1) {
                double q = RATIOS[j] * p / (1 - p + RATIOS[j] * p);
                grow(
                        j,
                        (successes * StrictMath.log(q / p)
                                        + (trials - successes) * (StrictMath.log1p(-q) - StrictMath.log1p(-p)))
                                / dispersion);
            } else {
                grow(j, 0);
            }
        }
    }

    /**
     * A window of events that come at a rate: exits from a stage, given the exposure. The ratios are of rates.
     *
     * @param events in the window
     * @param low how many would be expected at the least baseline rate
     * @param high how many would be expected at the highest
     * @param dispersion at least 1
     */
    public void addEvents(double events, double low, double high, double dispersion) {
        for (int j = 0; j < RATIOS.length; j++) {
            double expected = j < FALLS ? low : high;
            grow(j, (events * LOGS[j] + (1 - RATIOS[j]) * expected) / dispersion);
        }
    }

    /** Another that stands where this one does. */
    public ShiryaevRoberts copy() {
        ShiryaevRoberts copy = new ShiryaevRoberts();
        System.arraycopy(statistics, 0, copy.statistics, 0, statistics.length);
        return copy;
    }

    private void grow(int j, double logRatio) {
        statistics[j] = Math.min(CAP, (1 + statistics[j]) * StrictMath.exp(Math.min(logRatio, 690)));
    }

    /** The evidence for any change: compare with c windows. */
    public double change() {
        return mean(0, RATIOS.length);
    }

    /** The evidence for a fall alone. */
    public double fall() {
        return mean(0, FALLS);
    }

    /** The evidence for a rise alone. */
    public double rise() {
        return mean(FALLS, RATIOS.length);
    }

    private double mean(int from, int to) {
        double sum = 0;
        for (int j = from; j < to; j++) {
            sum += statistics[j] / (to - from);
        }
        return sum;
    }
}
