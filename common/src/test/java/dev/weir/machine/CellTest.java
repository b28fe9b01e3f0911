package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.testing.Seeds;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CellTest {
    private static final long MAJORS = 1L << 39;

    private record Parts(long major, int part, int measure) {}

    @Test
    void aCellGivesBackItsParts() {
        Seeds.hold(random -> {
            Parts parts = draw(random);
            long cell = Cell.of(parts.major, parts.part, parts.measure);
            assertThat(new Parts(Cell.major(cell), Cell.part(cell), Cell.measure(cell)))
                    .isEqualTo(parts);
        });
    }

    @Test
    void cellsSortByMajorThenPartThenMeasure() {
        Comparator<Parts> byParts = Comparator.comparingLong(Parts::major)
                .thenComparing(Parts::part)
                .thenComparing(Parts::measure);
        Seeds.hold(random -> {
            Parts a = draw(random);
            Parts b = random.nextBoolean() ? draw(random) : new Parts(a.major, random.nextInt(256), a.measure);
            assertThat(Integer.signum(
                            Long.compare(Cell.of(a.major, a.part, a.measure), Cell.of(b.major, b.part, b.measure))))
                    .isEqualTo(Integer.signum(byParts.compare(a, b)));
        });
    }

    @Test
    void aPartOutOfRangeIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.of(MAJORS, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.of(-MAJORS - 1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.of(0, 256, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.of(0, -1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.of(0, 0, 65_536));
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.of(0, 0, -1));
    }

    private static Parts draw(Random random) {
        long major =
                switch (random.nextInt(4)) {
                    case 0 -> -MAJORS;
                    case 1 -> MAJORS - 1;
                    case 2 -> random.nextInt(9) - 4;
                    default -> random.nextLong(-MAJORS, MAJORS);
                };
        int part = random.nextBoolean() ? random.nextInt(Cell.PARTS) : Cell.PARTS - 1;
        int measure = random.nextBoolean() ? random.nextInt(Cell.MEASURES) : Cell.MEASURES - 1;
        return new Parts(major, part, measure);
    }
}
