package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The published run lengths and delays, at a modest number of seeds. */
class ShiryaevRobertsTest {
    private static final double C = 1_000;

    private static int binomial(Random random, int n, double p) {
        int k = 0;
        for (int i = 0; i < n; i++) {
            k += random.nextDouble() < p ? 1 : 0;
        }
        return k;
    }

    private static int poisson(Random random, double mean) {
        double limit = Math.exp(-mean);
        int k = -1;
        for (double product = 1; product > limit; product *= random.nextDouble()) {
            k++;
        }
        return Math.max(k, 0);
    }

    /** Windows to the first alarm without a change; a run is cut at 20 c, which only shortens the mean. */
    private static double runLength(int seeds, int n, double p, int baselineWindows) {
        double total = 0;
        for (int seed = 0; seed < seeds; seed++) {
            Random random = new Random(seed);
            double low = p;
            double high = p;
            if (baselineWindows > 0) {
                int seen = binomial(random, n * baselineWindows, p);
                low = Jeffreys.lower(seen, n * baselineWindows, 0.05);
                high = Jeffreys.upper(seen, n * baselineWindows, 0.05);
            }
            ShiryaevRoberts statistic = new ShiryaevRoberts();
            int windows = 0;
            while (statistic.change() < C && windows < 20 * C) {
                statistic.addRate(binomial(random, n, p), n, low, high, 1);
                windows++;
            }
            total += windows;
        }
        return total / seeds;
    }

    private static double delay(int seeds, int n, double before, double after) {
        double total = 0;
        int runs = 0;
        for (int seed = 0; seed < seeds; seed++) {
            Random random = new Random(1_000 + seed);
            ShiryaevRoberts statistic = new ShiryaevRoberts();
            for (int t = 0; t < 100 && statistic.change() < C; t++) {
                statistic.addRate(binomial(random, n, before), n, before, before, 1);
            }
            if (statistic.change() >= C) {
                continue;
            }
            int windows = 0;
            while (statistic.change() < C) {
                statistic.addRate(binomial(random, n, after), n, before, before, 1);
                windows++;
            }
            total += windows;
            runs++;
        }
        return total / runs;
    }

    @Test
    void falseAlarmsComeNoSoonerThanPromised() {
        assertThat(runLength(60, 40, 0.05, 0)).as("known baseline").isGreaterThan(C);
    }

    @Test
    @Tag("slow")
    void aShortBaselineDoesNotBreakThePromise() {
        for (int windows : new int[] {8, 26, 52}) {
            assertThat(runLength(40, 40, 0.05, windows))
                    .as("%d baseline windows", windows)
                    .isGreaterThan(C);
        }
    }

    @Test
    void aDropIsFoundAsFastAsPublished() {
        assertThat(delay(300, 40, 0.05, 0.035)).as("n = 40").isLessThan(42 * 1.08);
        assertThat(delay(300, 200, 0.05, 0.035)).as("n = 200").isLessThan(13 * 1.08);
    }

    @Test
    @Tag("slow")
    void exitsPerExposureKeepTheSamePromise() {
        double total = 0;
        int seeds = 40;
        for (int seed = 0; seed < seeds; seed++) {
            Random random = new Random(seed);
            int seen = poisson(random, 40) + poisson(random, 40);
            ShiryaevRoberts statistic = new ShiryaevRoberts();
            int windows = 0;
            while (statistic.fall() < C && windows < 20 * C) {
                statistic.addEvents(
                        poisson(random, 10),
                        10 * Jeffreys.lowerRate(seen, 80, 0.05),
                        10 * Jeffreys.upperRate(seen, 80, 0.05),
                        1);
                windows++;
            }
            total += windows;
        }
        assertThat(total / seeds).isGreaterThan(C);
        ShiryaevRoberts statistic = new ShiryaevRoberts();
        int windows = 0;
        Random random = new Random(7);
        while (statistic.fall() < C) {
            statistic.addEvents(poisson(random, 5), 9, 11, 1);
            windows++;
        }
        assertThat(windows).isLessThan(15);
    }

    @Test
    void aFallAndARiseAreToldApart() {
        ShiryaevRoberts fall = new ShiryaevRoberts();
        for (int t = 0; t < 20; t++) {
            fall.addRate(2, 100, 0.05, 0.05, 1);
        }
        assertThat(fall.fall()).isGreaterThan(100);
        assertThat(fall.rise()).isLessThan(1);
        for (int t = 0; t < 2_000; t++) {
            fall.addRate(0, 1_000, 0.5, 0.5, 1);
        }
        assertThat(fall.change()).isFinite();
    }
}
