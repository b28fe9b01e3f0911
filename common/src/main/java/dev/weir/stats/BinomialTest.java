package dev.weir.stats;

/**
 * The exact two-sided binomial test: how often chance alone is at least as unlikely as what was seen.
 *
 * <p>Source: the method of small p-values (Hirji, Exact analysis of discrete data, 2006), as R's binom.test. Exact to
 * rounding up to {@link #LIMIT} trials, above which it is refused.
 */
public final class BinomialTest {
    /** Most trials; the sum has as many terms. */
    public static final int LIMIT = 10_000_000;

    private BinomialTest() {}

    /**
     * The p-value.
     *
     * @param successes from 0 to trials
     * @param trials from 0 to {@link #LIMIT}; 1 is returned for 0
     * @param share the share to test against, above 0 and below 1
     */
    public static double twoSided(long successes, long trials, double share) {
        if (successes < 0 || successes > trials || trials > LIMIT || !(share > 0 && share < 1)) {
            throw new IllegalArgumentException("no binomial test of " + successes + " of " + trials + " at " + share);
        }
        double logShare = StrictMath.log(share);
        double logRest = StrictMath.log1p(-share);
        double seen = logProbability((double) successes, (double) trials, logShare, logRest) + 1e-7;
        double p = 0;
        for (long k = 0; k <= trials; k++) {
            double log = logProbability((double) k, (double) trials, logShare, logRest);
            if (log <= seen) {
                p += StrictMath.exp(log);
            }
        }
        return Math.min(1, p);
    }

    /**
     * The p-value against a share of one half, where both sides are alike and the sum is a beta function: no loop, so it may
     * be asked for every row.
     *
     * @param successes from 0 to trials; 1 is returned for no trials
     */
    public static double twoSidedAtOneHalf(long successes, long trials) {
        if (successes < 0 || successes > trials) {
            throw new IllegalArgumentException("no binomial test of " + successes + " of " + trials);
        }
        long fewer = Math.min(successes, trials - successes);
        // P(X <= k) = I_1/2(n - k, k + 1).
        return trials - fewer == fewer
                ? 1
                : Math.min(1, 2 * SpecialFunctions.beta(0.5, (double) (trials - fewer), (double) fewer + 1));
    }

    private static double logProbability(double k, double n, double logShare, double logRest) {
        return SpecialFunctions.logChoose(n, k) + k * logShare + (n - k) * logRest;
    }
}
