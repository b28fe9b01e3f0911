package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.testing.Seeds;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MovingMedianTest {
    @Test
    void itIsTheMiddleOfTheLastValuesSorted() {
        Seeds.hold(random -> {
            int window = 1 + random.nextInt(40);
            int kinds = 1 + random.nextInt(60);
            MovingMedian median = new MovingMedian(window);
            double[] values = new double[200];
            for (int i = 0; i < values.length; i++) {
                // Few different values, so that many are equal.
                values[i] = random.nextInt(kinds) - 7 + (random.nextBoolean() ? 0 : 0.5);
                median.add(values[i]);
                double[] sorted = Arrays.copyOfRange(values, Math.max(0, i + 1 - window), i + 1);
                Arrays.sort(sorted);
                int n = sorted.length;
                double middle = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
                assertThat(median.median()).as("window %d, value %d", window, i).isEqualTo(middle);
                assertThat(median.full()).isEqualTo(i + 1 >= window);
            }
        });
    }

    @Test
    void whatHasNoOrderIsRefused() {
        assertThatThrownBy(() -> new MovingMedian(3).add(Double.NaN)).hasMessageContaining("not a number");
        assertThatThrownBy(() -> new MovingMedian(0)).hasMessageContaining("1 to 32767");
        assertThat(new MovingMedian(3).median()).isZero();
    }
}
