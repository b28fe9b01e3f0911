package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.stats.LogBucketsTest.Counted;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KaplanMeierTest {
    private static final double DAY = 86_400_000;

    private static @Nullable Double median(Counted exits, Counted open) {
        return KaplanMeier.median(
                exits.buckets, exits.counts, exits.sums, exits.n(), open.buckets, open.counts, open.n());
    }

    @Test
    void withoutOpenVisitsItIsTheLowerMedian() {
        assertThat(median(new Counted(100, 200, 300, 400, 500), new Counted())).isEqualTo(300);
        assertThat(median(new Counted(100, 200, 300, 400), new Counted())).isEqualTo(200);
        assertThat(median(new Counted(7_000), new Counted())).isEqualTo(7_000);
    }

    @Test
    void isNullWhileMoreThanHalfStay() {
        assertThat(median(new Counted(), new Counted())).isNull();
        assertThat(median(new Counted(), new Counted(5_000))).isNull();
        assertThat(median(new Counted(100, 200), new Counted(300, 300, 300))).isNull();
    }

    @Test
    void theTextbookExample() {
        // Remission in weeks, 6-MP arm of Freireich et al. 1963: median 23.
        long[] exits = {6, 6, 6, 7, 10, 13, 16, 22, 23};
        long[] open = {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
        Counted over = new Counted(LongStream.of(exits).map(w -> w * 1_000).toArray());
        Counted still = new Counted(LongStream.of(open).map(w -> w * 1_000).toArray());
        assertThat(median(over, still)).isEqualTo(23_000);
    }

    @Test
    void tellsTheTrueMedianWhenFourInTenAreStillOpen() {
        Random random = new Random(1);
        LongStream.Builder exits = LongStream.builder();
        LongStream.Builder open = LongStream.builder();
        for (int i = 0; i < 20_000; i++) {
            double dwell = -30 * StrictMath.log(1 - random.nextDouble());
            double age = 71 * random.nextDouble();
            (dwell <= age ? exits : open).add((long) (DAY * Math.min(dwell, age)));
        }
        Counted over = new Counted(exits.build().toArray());
        Counted still = new Counted(open.build().toArray());
        assertThat(Objects.requireNonNull(median(over, still)) / DAY).isCloseTo(20.8, within(0.6));
        assertThat(over.quantile(0.5) / DAY).isLessThan(15);
    }
}
