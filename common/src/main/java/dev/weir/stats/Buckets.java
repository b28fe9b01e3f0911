package dev.weir.stats;

import dev.weir.machine.Cell;
import dev.weir.machine.Sums;
import java.util.Arrays;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The (count, sum) buckets of one distribution of durations, kept as cells of a {@link Sums} and read back for a quantile.
 * See {@link LogBuckets} for the error.
 */
public final class Buckets {
    private static final int FIRST = 16;

    /** Fewest values for a median, a 90th and a 99th percentile: below, a quantile says more than the data do. */
    public static final int ENOUGH_FOR_P50 = 6;

    public static final int ENOUGH_FOR_P90 = 36;

    public static final int ENOUGH_FOR_P99 = 360;

    final int[] buckets;
    final long[] counts;
    final long[] sums;
    final int size;

    private Buckets(int[] buckets, long[] counts, long[] sums, int size) {
        this.buckets = buckets;
        this.counts = counts;
        this.sums = sums;
        this.size = size;
    }

    /** The measure that counts the durations of a bucket; above 15, so lower ones are free for other things. */
    public static int count(int bucket) {
        return FIRST + 2 * bucket;
    }

    /** The measure that sums the durations of a bucket, in milliseconds. */
    public static int sum(int bucket) {
        return FIRST + 2 * bucket + 1;
    }

    /** Adds one duration in milliseconds, or takes one away with {@code times} -1. */
    public static void add(Sums sums, long major, int part, long millis, long times) {
        int bucket = LogBuckets.bucket(millis);
        sums.add(Cell.of(major, part, count(bucket)), times);
        sums.add(Cell.of(major, part, sum(bucket)), times * millis);
    }

    /** The distribution kept under one major and part. */
    public static Buckets read(Sums sums, long major, int part) {
        int from = sums.from(Cell.of(major, part, FIRST));
        int to = sums.from(Cell.of(major, part, sum(LogBuckets.LIMIT)) + 1);
        int[] buckets = new int[to - from];
        long[] counts = new long[to - from];
        long[] totals = new long[to - from];
        int n = 0;
        for (int i = from; i < to; i++) {
            int measure = Cell.measure(sums.cells[i]) - FIRST;
            int bucket = measure / 2;
            if (n == 0 || buckets[n - 1] != bucket) {
                buckets[n++] = bucket;
            }
            (measure % 2 == 0 ? counts : totals)[n - 1] = sums.amounts[i];
        }
        return new Buckets(buckets, counts, totals, n);
    }

    /** How many durations there are. */
    public long total() {
        return Arrays.stream(counts, 0, size).sum();
    }

    /** All durations together, in milliseconds. */
    public long sum() {
        return Arrays.stream(sums, 0, size).sum();
    }

    /** Median in seconds; null below {@link #ENOUGH_FOR_P50} values. */
    public @Nullable Double p50Seconds() {
        return quantile(0.5, ENOUGH_FOR_P50);
    }

    /** 90th percentile in seconds; null below {@link #ENOUGH_FOR_P90} values. */
    public @Nullable Double p90Seconds() {
        return quantile(0.9, ENOUGH_FOR_P90);
    }

    /**
     * Kaplan-Meier median in seconds of these durations and of others that are not over.
     *
     * @param open how many are not over, by the bucket of their age
     * @return null while more than half survive, or below {@link #ENOUGH_FOR_P50} durations
     */
    public @Nullable Double p50Seconds(SortedMap<Integer, Long> open) {
        if (total() < ENOUGH_FOR_P50) {
            return null;
        }
        int[] ages = open.keySet().stream().mapToInt(Integer::intValue).toArray();
        long[] still = open.values().stream().mapToLong(Long::longValue).toArray();
        Double median = KaplanMeier.median(buckets, counts, sums, size, ages, still, ages.length);
        return median == null ? null : median / 1000;
    }

    /** 99th percentile in seconds; null below {@link #ENOUGH_FOR_P99} values. */
    public @Nullable Double p99Seconds() {
        return quantile(0.99, ENOUGH_FOR_P99);
    }

    private @Nullable Double quantile(double q, int enough) {
        return total() < enough ? null : LogBuckets.quantile(q, buckets, counts, sums, size) / 1000;
    }
}
