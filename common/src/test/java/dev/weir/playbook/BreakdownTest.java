package dev.weir.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BreakdownTest {
    @Test
    void aPairIsNamedByBoth() {
        assertThat(Breakdown.of("channel").name()).isEqualTo("channel");
        assertThat(Breakdown.of("channel", "properties.R&D").name()).isEqualTo("channel & properties.R&&D");
    }

    @Test
    void noTwoPairsAreWrittenTheSame() {
        Seeds.hold(10_000, random -> {
            List<String> one = List.of(text(random), text(random));
            List<String> other = List.of(text(random), text(random));
            assertThat(Breakdown.pair(one.get(0), one.get(1)).equals(Breakdown.pair(other.get(0), other.get(1))))
                    .isEqualTo(one.equals(other));
        });
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append("& a".charAt(random.nextInt(3)));
        }
        return text.toString();
    }
}
