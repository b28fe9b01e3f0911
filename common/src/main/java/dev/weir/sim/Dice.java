package dev.weir.sim;

/**
 * Chance as a pure function: each draw has a name, and the same names from the same seed give the same draw on any machine,
 * whatever else was drawn before. Adding a draw therefore changes no other.
 *
 * <p>The mixing function is the finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
 * OOPSLA 2014). Logarithms are those of {@link StrictMath}, which are equal everywhere.
 */
record Dice(long state) {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    /** Dice for one purpose, independent of those for any other. */
    Dice at(String purpose) {
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < purpose.length(); i++) {
            hash = (hash ^ purpose.charAt(i)) * 0x100000001B3L;
        }
        return at(hash);
    }

    /** Dice for the n-th of many. */
    Dice at(long n) {
        return new Dice(mix(state + GOLDEN * (n * 2 + 1)));
    }

    /** In [0, 1). */
    double uniform() {
        return (mix(state + GOLDEN) >>> 11) * 0x1.0p-53;
    }

    /** In [low, high). */
    double between(double low, double high) {
        return low + (high - low) * uniform();
    }

    /** In 0 .. n-1. */
    int below(int n) {
        return (int) (uniform() * n);
    }

    boolean chance(double probability) {
        return uniform() < probability;
    }

    /** Waiting time without memory. */
    double exponential(double mean) {
        return -mean * StrictMath.log(1 - uniform());
    }

    /** Standard normal, by Box and Muller. */
    double normal() {
        return StrictMath.sqrt(-2 * StrictMath.log(1 - at("radius").uniform()))
                * StrictMath.cos(2 * StrictMath.PI * at("angle").uniform());
    }

    /** How many of many rare things happen, by adding up waiting times; the mean is at most a few thousand. */
    int poisson(double mean) {
        double waited = 0;
        for (int n = 0; ; n++) {
            waited += at(n).exponential(1);
            if (waited > mean) {
                return n;
            }
        }
    }

    /** Index drawn by weights that add up to one. */
    int weighted(double... weights) {
        double left = uniform();
        for (int i = 0; i < weights.length - 1; i++) {
            left -= weights[i];
            if (left < 0) {
                return i;
            }
        }
        return weights.length - 1;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
