package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import org.junit.jupiter.api.Test;

class NamesTest {

    @Test
    void aNameIsThatOfItsSeriesWhateverWasAskedForBefore() {
        Names<Long> names = new Names<>();
        Seeds.hold(random -> {
            // Many share a place among those that lie at hand.
            long series = random.nextInt(3) * 64L + (random.nextBoolean() ? random.nextInt(1 << 20) : 0);
            assertThat(names.of(series, s -> "name " + s)).isEqualTo("name " + series);
        });
    }

    @Test
    void aNameIsPutTogetherOnceWhileItIsRemembered() {
        Names<Integer> names = new Names<>();
        int[] made = new int[1];
        for (int asked = 0; asked < 1_000; asked++) {
            names.of(asked % 100, series -> "name " + made[0]++);
        }
        assertThat(made[0]).isEqualTo(100);
    }
}
