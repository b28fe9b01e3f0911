package dev.weir.stats;

/**
 * Credible bounds for a share and for a rate per exposure, from the prior that Jeffreys gave each.
 *
 * <p>For k of n the share follows Beta(k + 1/2, n - k + 1/2); for k events in an exposure t the rate follows
 * Gamma(k + 1/2) / t. Close to nominal coverage from the smallest n on, where the textbook interval is not: at 0 of 20 it
 * still has a width.
 *
 * <p>Source: Brown, Cai, DasGupta, Interval estimation for a binomial proportion, Statistical Science 16 (2001). Relative
 * error 1e-10. By their advice the lower bound is 0 when k = 0 and the upper bound 1 when k = n.
 */
public final class Jeffreys {
    private Jeffreys() {}

    /**
     * The share below which the true one lies with probability {@code 1 - tail}.
     *
     * @param successes from 0 to trials
     * @param tail above 0, below 1/2: 0.025 for the upper end of a 95 % interval
     * @return 1 when all succeeded or none tried
     */
    public static double upper(double successes, double trials, double tail) {
        return successes >= trials
                ? 1
                : SpecialFunctions.betaQuantile(1 - tail, successes + 0.5, trials - successes + 0.5);
    }

    /**
     * The share above which the true one lies with probability {@code 1 - tail}.
     *
     * @return 0 when none succeeded
     */
    public static double lower(double successes, double trials, double tail) {
        return successes <= 0 ? 0 : SpecialFunctions.betaQuantile(tail, successes + 0.5, trials - successes + 0.5);
    }

    /**
     * The rate below which the true one lies with probability {@code 1 - tail}, in events per unit of exposure.
     *
     * @param events 0 or more
     * @param exposure above 0
     */
    public static double upperRate(double events, double exposure, double tail) {
        return SpecialFunctions.gammaQuantile(1 - tail, events + 0.5) / exposure;
    }

    /** The rate above which the true one lies with probability {@code 1 - tail}; 0 without events. */
    public static double lowerRate(double events, double exposure, double tail) {
        return events <= 0 ? 0 : SpecialFunctions.gammaQuantile(tail, events + 0.5) / exposure;
    }
}
