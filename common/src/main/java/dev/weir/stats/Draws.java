package dev.weir.stats;

import java.util.SplittableRandom;

/**
 * Seeded draws of counts, and of what is not known about their rates. The same seed gives the same draws on any machine.
 *
 * <p>Source: Marsaglia, Tsang, A simple method for generating gamma variables, ACM TOMS 26 (2000); the reductions of Poisson
 * and binomial draws to gamma and beta ones are those of Ahrens, Dieter, Computer methods for sampling from gamma, beta,
 * Poisson and binomial distributions, Computing 12 (1974). All are exact but for rounding.
 */
public final class Draws {
    /** Counts to which one by one is as fast as anything. */
    private static final int FEW = 16;

    private final SplittableRandom random;

    public Draws(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Standard normal, by Box and Muller. */
    public double normal() {
        return StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()))
                * StrictMath.cos(2 * StrictMath.PI * random.nextDouble());
    }

    /**
     * A gamma variable of scale 1.
     *
     * @param shape above 0
     */
    public double gamma(double shape) {
        if (shape < 1) {
            return gamma(shape + 1) * StrictMath.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            double x = normal();
            double v = 1 + c * x;
            if (v > 0) {
                double cube = v * v * v;
                if (StrictMath.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * cube + d * StrictMath.log(cube)) {
                    return d * cube;
                }
            }
        }
    }

    /** A share; both parameters above 0. */
    public double beta(double a, double b) {
        double x = gamma(a);
        double sum = x + gamma(b);
        return sum > 0 ? x / sum : a / (a + b);
    }

    /** How many of n succeed. */
    public long binomial(long n, double share) {
        long successes = 0;
        long left = n;
        double p = share;
        while (left > FEW && p > 0 && p < 1) {
            long middle = left / 2 + 1;
            double order = beta((double) middle, (double) (left + 1 - middle));
            if (order <= p) {
                successes += middle;
                left -= middle;
                p = (p - order) / (1 - order);
            } else {
                left = middle - 1;
                p /= order;
            }
        }
        for (long i = 0; i < left; i++) {
            successes += random.nextDouble() < p ? 1 : 0;
        }
        return successes;
    }

    /** How many of many rare things happen. */
    public long poisson(double mean) {
        long happened = 0;
        double left = mean;
        while (left > FEW) {
            long step = (long) (left * 7 / 8);
            double waited = gamma((double) step);
            if (waited > left) {
                return happened + binomial(step - 1, left / waited);
            }
            happened += step;
            left -= waited;
        }
        double waited = -StrictMath.log(1 - random.nextDouble());
        while (waited <= left) {
            happened++;
            waited -= StrictMath.log(1 - random.nextDouble());
        }
        return happened;
    }
}
