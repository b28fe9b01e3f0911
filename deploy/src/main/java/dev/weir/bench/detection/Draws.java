package dev.weir.bench.detection;

import java.util.Random;

/** Seeded draws of counts. */
final class Draws {
    private Draws() {}

    /** Successes of n trials, by the lengths of the runs between them. */
    static int binomial(Random random, int n, double p) {
        if (p <= 0) {
            return 0;
        }
        double log = Math.log1p(-p);
        int successes = 0;
        for (double at = Math.log(1 - random.nextDouble()) / log; at < n; ) {
            successes++;
            at = Math.floor(at) + 1 + Math.log(1 - random.nextDouble()) / log;
        }
        return successes;
    }

    /** Events of a Poisson process; of a large mean by the normal approximation. */
    static int poisson(Random random, double mean) {
        if (mean > 500) {
            return (int) Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
        }
        int events = 0;
        for (double at = -Math.log(1 - random.nextDouble()); at < mean; at -= Math.log(1 - random.nextDouble())) {
            events++;
        }
        return events;
    }
}
