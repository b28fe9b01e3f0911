package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LogBucketsTest {

    /** Values counted in buckets, as arrays. */
    static final class Counted {
        final int[] buckets;
        final long[] counts;
        final long[] sums;

        Counted(long... values) {
            TreeMap<Integer, long[]> cells = new TreeMap<>();
            for (long value : values) {
                long[] cell = cells.computeIfAbsent(LogBuckets.bucket(value), b -> new long[2]);
                cell[0]++;
                cell[1] += value;
            }
            buckets = cells.keySet().stream().mapToInt(Integer::intValue).toArray();
            counts = cells.values().stream().mapToLong(c -> c[0]).toArray();
            sums = cells.values().stream().mapToLong(c -> c[1]).toArray();
        }

        int n() {
            return buckets.length;
        }

        double quantile(double q) {
            return LogBuckets.quantile(q, buckets, counts, sums, n());
        }
    }

    static double exact(double q, long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        double h = (sorted.length - 1) * q;
        int low = (int) h;
        return low + 1 < sorted.length ? sorted[low] + (h - low) * (sorted[low + 1] - sorted[low]) : sorted[low];
    }

    @Test
    void everyDurationHasABucketThatNeverGoesDown() {
        assertThat(LogBuckets.bucket(0)).isZero();
        assertThat(LogBuckets.bucket(1)).isEqualTo(1);
        assertThat(LogBuckets.bucket(30L * 366 * 86_400_000)).isLessThan(4_000);
        assertThat(LogBuckets.bucket(Long.MAX_VALUE)).isLessThan(LogBuckets.LIMIT);
        int last = 0;
        for (long value = 1; value < Long.MAX_VALUE / 2; value += 1 + value / 1000) {
            int bucket = LogBuckets.bucket(value);
            assertThat(bucket).isGreaterThanOrEqualTo(last);
            assertThat(LogBuckets.first(bucket)).isLessThanOrEqualTo(value);
            assertThat((double) value).isLessThanOrEqualTo(LogBuckets.first(bucket) * 1.0203 + 1);
            last = bucket;
        }
        assertThatThrownBy(() -> LogBuckets.bucket(-1)).hasMessageContaining("-1");
    }

    @Test
    void fewValuesGiveTheExactLinearQuantile() {
        Counted counted = new Counted(0, 1_000, 2_000, 10_000);
        assertThat(counted.quantile(0)).isZero();
        assertThat(counted.quantile(0.5)).isEqualTo(1_500);
        assertThat(counted.quantile(0.9)).isCloseTo(7_600, within(1e-9));
        assertThat(counted.quantile(1)).isEqualTo(10_000);
        assertThat(new Counted().quantile(0.5)).isNaN();
    }

    @Test
    void manyValuesComeWithinOnePercentAndOneInThousandOnAverage() {
        double errors = 0;
        int looks = 0;
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            long[] values = new long[100 + random.nextInt(5_000)];
            for (int i = 0; i < values.length; i++) {
                values[i] = (long) (86_400_000 * 8 * StrictMath.exp(random.nextGaussian()));
            }
            Counted counted = new Counted(values);
            for (double q : new double[] {0.1, 0.25, 0.5, 0.75, 0.9, 0.99}) {
                double error = Math.abs(counted.quantile(q) / exact(q, values) - 1);
                assertThat(error).as("seed %d q %s", seed, q).isLessThan(0.01);
                errors += error;
                looks++;
            }
        }
        assertThat(errors / looks).isLessThan(0.0012);
    }
}
