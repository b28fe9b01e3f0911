package dev.weir.recount;

import java.util.List;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;

/**
 * How many of those on their way will still arrive, waiter by waiter, from how long it took all others; with its interval of
 * 90 %. Ages are known as well as the tables keep them: those of one bucket (gamma = 1.01 / 0.99) are one age.
 */
final class ProjectionRecount {
    private static final int STRIPS = 2_000;

    final double expected;
    final double low;
    final double high;

    /** At each age at which somebody arrived: the share that did not, and what Greenwood adds to the variance of its log. */
    private final TreeMap<Integer, double[]> curve = new TreeMap<>();

    private final double[] end;

    /**
     * Projects.
     *
     * @param took how long it took those who arrived, milliseconds
     * @param notThere at which age each of the others was last seen
     * @param waiting ages of those who may still arrive
     */
    ProjectionRecount(List<Long> took, List<Long> notThere, List<Long> waiting) {
        List<Integer> arrived = took.stream().map(AgeRecount::bucket).sorted().toList();
        List<Integer> others = notThere.stream().map(AgeRecount::bucket).toList();
        int last = Integer.MIN_VALUE;
        for (int bucket : arrived) {
            if (bucket > last) {
                int from = bucket;
                long here = arrived.stream().filter(a -> a == from).count();
                double before = arrived.stream().filter(a -> a >= from).count()
                        + (double) others.stream().filter(a -> a >= from).count();
                double after = Math.max(before - here, 0.5);
                curve.put(bucket, new double[] {after / before, here / (before * after)});
                last = bucket;
            }
        }
        int oldest = last;
        // Half an arrival at the end, so that what was never seen is possible.
        double left = 1.0 + others.stream().filter(a -> a >= oldest).count();
        end = new double[] {1 - 0.5 / left, 0.5 / (left * (left - 0.5))};
        List<Integer> ages = waiting.stream().map(AgeRecount::bucket).toList();
        double stay = 0;
        double variance = 1.0 / 12;
        for (int one : ages) {
            double rest = beyond(one)[0];
            stay += rest;
            variance += rest * (1 - rest);
            for (int other : ages) {
                // Two of them share the curve beyond the older one.
                variance += rest * beyond(other)[0] * beyond(Math.max(one, other))[1];
            }
        }
        double open = ages.size();
        expected = open - stay;
        double mean = expected / open;
        double weight = mean * (1 - mean) * open * open / variance - 1;
        low = weight > 0 ? open * quantile(0.05, mean * weight, (1 - mean) * weight) : 0;
        high = weight > 0 ? open * quantile(0.95, mean * weight, (1 - mean) * weight) : open;
    }

    /** The share that will not arrive of those who wait at an age, and the variance of its logarithm. */
    private double[] beyond(int age) {
        double[] beyond = end.clone();
        for (double[] one : curve.tailMap(age, false).values()) {
            beyond[0] *= one[0];
            beyond[1] += one[1];
        }
        return beyond;
    }

    /** Where a beta distribution has a share below it, by halving over areas under its density. */
    private static double quantile(double share, double a, double b) {
        double all = area(a, b, 0.5) + area(b, a, 0.5);
        double from = 0;
        double to = 1;
        for (int i = 0; i < 40; i++) {
            double middle = (from + to) / 2;
            double below = middle <= 0.5 ? area(a, b, middle) : all - area(b, a, 1 - middle);
            if (below < share * all) {
                from = middle;
            } else {
                to = middle;
            }
        }
        return (from + to) / 2;
    }

    /** Of x^(a-1) (1-x)^(b-1) from 0 to at most a half; where that has no end at 0, over x^a instead. */
    private static double area(double a, double b, double to) {
        // Against overflow: all areas of one distribution by the same factor.
        double scale = a > 1 && b > 1 ? peak(a, b) : 0;
        return a >= 1
                ? simpson(
                        to, x -> x <= 0 && a > 1 ? 0 : Math.exp((a - 1) * log(x, a) + (b - 1) * Math.log1p(-x) - scale))
                : simpson(Math.pow(to, a), u -> Math.exp((b - 1) * Math.log1p(-Math.pow(u, 1 / a)) - scale)) / a;
    }

    private static double log(double x, double a) {
        return a == 1 ? 0 : Math.log(x);
    }

    private static double peak(double a, double b) {
        double x = (a - 1) / (a + b - 2);
        return (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x);
    }

    private static double simpson(double to, DoubleUnaryOperator density) {
        double width = to / STRIPS;
        double sum = 0;
        for (int i = 0; i <= STRIPS; i++) {
            int weight = i == 0 || i == STRIPS ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * density.applyAsDouble(i * width);
        }
        return sum * width / 3;
    }
}
