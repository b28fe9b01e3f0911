package dev.weir.anomaly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.stats.MovingMedian;
import dev.weir.testing.Seeds;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordExcessTest {
    private static final int DAY = 48;

    /** A daily wave with noise; from point 800 on for five points ten times as high. */
    private static double[] wave(long seed, boolean spike) {
        Random random = new Random(seed);
        double[] values = new double[1_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = 100 + 30 * Math.sin(2 * Math.PI * i / DAY) + 5 * random.nextGaussian();
            values[i] *= spike && i >= 800 && i < 805 ? 10 : 1;
        }
        return values;
    }

    private static List<Integer> told(double[] values, double scale) {
        RecordExcess excess = new RecordExcess(200, DAY);
        List<Integer> told = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            if (excess.add(scale * values[i], i % DAY) >= RecordExcess.ANOMALY) {
                told.add(i);
            }
        }
        return told;
    }

    @Test
    void aSpikeIsToldAtItsFirstPointAndSeldomAgain() {
        Seeds.hold(50, random -> {
            List<Integer> told = told(wave(random.nextLong(), true), 1);
            assertThat(told).contains(800);
            assertThat(told.stream().filter(i -> i > 800)).hasSizeLessThan(4);
        });
    }

    @Test
    void nothingIsToldBeforeTheWarmUpIsOver() {
        RecordExcess excess = new RecordExcess(200, DAY);
        for (int i = 0; i < 200; i++) {
            assertThat(excess.warm()).isFalse();
            assertThat(excess.add(i == 150 ? 1e9 : i % 7, i % DAY)).isZero();
        }
        assertThat(excess.warm()).isTrue();
    }

    @Test
    void inOtherUnitsTheSamePointsAreTold() {
        for (double scale : new double[] {1e-9, 0.3, 1_000, -1}) {
            assertThat(told(wave(3, true), scale)).isEqualTo(told(wave(3, true), 1));
        }
    }

    @Test
    void aFlatSeriesHasNoRangeAndIsNeverToldOf() {
        double[] flat = new double[1_000];
        assertThat(told(flat, 1)).isEmpty();
    }

    @Test
    void theBandHoldsWhatWasSeen() {
        RecordExcess excess = new RecordExcess(10, 1);
        for (int i = 0; i < 100; i++) {
            excess.add(10 + 10 * (i % 3), 0);
        }
        assertThat(excess.usual()).isEqualTo(20);
        assertThat(excess.lower()).isCloseTo(10, within(1e-9));
        assertThat(excess.upper()).isCloseTo(30, within(1e-9));
    }

    @Test
    void aSeriesCostsLessThanEightKilobytes() throws Exception {
        assertThat(bytes(new RecordExcess(200, DAY))).isBetween(4_000, 8 * 1024);
    }

    /** Fields at eight bytes each, and what they hold. */
    private static int bytes(Object object) throws IllegalAccessException {
        int bytes = 16;
        for (Field field : object.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())) {
                continue;
            }
            field.setAccessible(true);
            Object held = field.get(object);
            bytes += 8
                    + (held instanceof double[] a
                            ? 16 + 8 * a.length
                            : held instanceof int[] b
                                    ? 16 + 4 * b.length
                                    : held instanceof short[] c
                                            ? 16 + 2 * c.length
                                            : held instanceof MovingMedian median ? bytes(median) : 0);
        }
        return bytes;
    }
}
