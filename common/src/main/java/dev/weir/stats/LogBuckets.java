package dev.weir.stats;

import java.util.Arrays;

/**
 * Logarithmic buckets for durations in whole milliseconds, and quantiles from what was counted in them.
 *
 * <p>Bucket 0 holds zero. Bucket b &gt; 0 holds the whole numbers from gamma^(b-1) up to, not including, gamma^b, where
 * gamma = (1 + a) / (1 - a) and a = 1 %, so any two values of one bucket differ by at most 2 %. Every bucket counts its
 * values and sums them; both add and subtract, so buckets are cells of a tally and merge in any order to the same bytes.
 * Every non-negative long has a bucket, below {@link #LIMIT}.
 *
 * <p>The error of a quantile: none where a bucket holds one value or many equal ones, about 0.1 % on some thousand
 * lognormal values, less on more, 1 % for
 * a bucket that is half at one end and half at the other, never more than the 2 % of a bucket's width.
 *
 * <p>Source: Masson, Rim, Lee, DDSketch, arXiv 1908.10693, with bucket means in place of bucket centres.
 */
public final class LogBuckets {
    /** The relative half-width of a bucket. */
    public static final double ACCURACY = 0.01;
    /** One past the largest bucket. */
    public static final int LIMIT = 2185;

    /** The smallest whole number of each bucket, and one past the end. Equal neighbours mark a bucket without any. */
    private static final long[] FIRST = firsts();

    private LogBuckets() {}

    private static long[] firsts() {
        double logGamma = StrictMath.log((1 + ACCURACY) / (1 - ACCURACY));
        long[] first = new long[LIMIT + 1];
        for (int b = 1; b < LIMIT; b++) {
            first[b] = (long) StrictMath.ceil(StrictMath.exp((b - 1) * logGamma));
        }
        first[LIMIT] = Long.MAX_VALUE;
        return first;
    }

    /**
     * The bucket of a duration.
     *
     * @param millis zero or more
     */
    public static int bucket(long millis) {
        if (millis < 0) {
            throw new IllegalArgumentException("a duration is not negative: " + millis);
        }
        int low = 0;
        int high = LIMIT - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (FIRST[middle] <= millis) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The smallest whole number of milliseconds in a bucket. */
    public static long first(int bucket) {
        return FIRST[bucket];
    }

    /**
     * The quantile of what was counted, in milliseconds, by the linear definition (Hyndman and Fan's type 7): between the
     * values of rank floor(h) and floor(h) + 1 for h = (count - 1) q.
     *
     * @param q from 0 to 1
     * @param buckets ascending
     * @param counts of each bucket, zero or more
     * @param sums of each bucket, milliseconds
     * @param n how many entries of the arrays count
     * @return NaN when nothing was counted
     */
    public static double quantile(double q, int[] buckets, long[] counts, long[] sums, int n) {
        if (!(q >= 0 && q <= 1)) {
            throw new IllegalArgumentException("a quantile lies between 0 and 1: " + q);
        }
        long total = Arrays.stream(counts, 0, n).sum();
        if (total <= 0) {
            return Double.NaN;
        }
        double h = (total - 1) * q;
        long rank = (long) h;
        double low = valueOfRank(rank, buckets, counts, sums, n);
        double share = h - rank;
        if (share == 0) {
            return low;
        }
        return low + share * (valueOfRank(rank + 1, buckets, counts, sums, n) - low);
    }

    private static double valueOfRank(long rank, int[] buckets, long[] counts, long[] sums, int n) {
        long before = 0;
        int last = 0;
        for (int i = 0; i < n; i++) {
            if (counts[i] <= 0) {
                continue;
            }
            last = i;
            if (rank < before + counts[i]) {
                break;
            }
            before += counts[i];
        }
        return value(buckets[last], counts[last], sums[last], Math.min(rank - before, counts[last] - 1));
    }

    /**
     * An estimate of the value with a rank inside its bucket. The values are spread evenly about the bucket's mean, as wide
     * as the bucket lets them: so one value is exact, the mean is kept, and nothing leaves the bucket.
     *
     * @param rank from 0 to count - 1
     */
    static double value(int bucket, long count, long sum, long rank) {
        double mean = (double) sum / count;
        double last = bucket == 0 ? 0 : (double) FIRST[bucket + 1] - 1;
        double reach = Math.max(0, Math.min(mean - FIRST[bucket], last - mean));
        return mean + reach * (2.0 * rank + 1 - count) / count;
    }
}
