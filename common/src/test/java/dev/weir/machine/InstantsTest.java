package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class InstantsTest {
    private static final long DAY = 86_400_000L;

    @Test
    void everyDayOfEightHundredYearsIsWrittenAsJavaWritesIt() {
        for (long day = -150_000; day < 150_000; day++) {
            same(day * DAY);
        }
    }

    @Test
    void anyInstantIsWrittenAsJavaWritesIt() {
        Seeds.hold(random -> {
            same(random.nextLong() >> random.nextInt(20, 60));
            same(random.nextLong(-2_000_000, 2_000_000) * 1000);
            same(random.nextLong(-63_000_000_000_000L, 260_000_000_000_000L));
        });
    }

    private static void same(long epochMillis) {
        assertThat(Instants.text(epochMillis))
                .isEqualTo(Instant.ofEpochMilli(epochMillis).toString());
    }
}
