package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeysTest {
    /** The separator, the escape, and what surrounds them. */
    private static final String ALPHABET = "\u001f\u001b\u001c\u001aa/\u0000İı\uD83D";

    @Test
    void aKeyGivesBackItsParts() {
        Seeds.hold(random -> {
            List<String> parts = draw(random);
            assertThat(Keys.split(Keys.join(parts.toArray(String[]::new)))).isEqualTo(parts);
        });
    }

    @Test
    void noTwoListsOfPartsShareAKey() {
        Seeds.hold(random -> {
            List<String> a = draw(random);
            List<String> b = draw(random);
            assertThat(Keys.join(a.toArray(String[]::new)).equals(Keys.join(b.toArray(String[]::new))))
                    .isEqualTo(a.equals(b));
        });
    }

    @Test
    void aKeyOfTwoPartsIsTheSameHoweverTheyAreGiven() {
        Seeds.hold(random -> {
            String first = text(random);
            String second = text(random);
            assertThat(Keys.join(first, second)).isEqualTo(Keys.join(new String[] {first, second}));
        });
    }

    private static List<String> draw(Random random) {
        return IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(part -> text(random))
                .toList();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(ALPHABET.charAt(random.nextInt(random.nextBoolean() ? 2 : ALPHABET.length())));
        }
        return text.toString();
    }
}
