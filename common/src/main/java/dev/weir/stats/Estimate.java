package dev.weir.stats;

/**
 * A number with its 95 % interval, and the difference of two such.
 *
 * <p>The interval of a difference is put together from the distances of each estimate to the ends of its own interval, so it
 * need be neither symmetric nor normal. Source: Zou, Donner, Construction of confidence limits about effect measures,
 * Statistics in Medicine 27 (2008); for shares it is Newcombe's method with other intervals beneath.
 *
 * @param low from there
 * @param high to there
 */
public record Estimate(double value, double low, double high) {
    private static final double TAIL = 0.025;

    /** A share by Jeffreys' interval; of no trials anything from 0 to 1. */
    public static Estimate share(double successes, double trials) {
        return trials <= 0
                ? new Estimate(0.5, 0, 1)
                : new Estimate(
                        successes / trials,
                        Jeffreys.lower(successes, trials, TAIL),
                        Jeffreys.upper(successes, trials, TAIL));
    }

    /**
     * The logarithm of a rate by Jeffreys' interval: a difference of two is that of a ratio.
     *
     * @param events 0 or more; none is taken as half of one, as the prior does
     * @param exposure above 0
     */
    public static Estimate logRate(double events, double exposure) {
        double low = Jeffreys.lowerRate(events, exposure, TAIL);
        return new Estimate(
                Math.log(Math.max(events, 0.5) / exposure),
                low > 0 ? Math.log(low) : Double.NEGATIVE_INFINITY,
                Math.log(Jeffreys.upperRate(events, exposure, TAIL)));
    }

    /** This less another that does not depend on it. */
    public Estimate minus(Estimate other) {
        double difference = value - other.value;
        return new Estimate(
                difference,
                difference - Math.hypot(value - low, other.high - other.value),
                difference + Math.hypot(high - value, other.value - other.low));
    }

    /** Whether the interval leaves out 0. */
    public boolean isClear() {
        return low > 0 || high < 0;
    }
}
