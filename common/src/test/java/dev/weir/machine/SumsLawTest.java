package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SumsLawTest {

    @Test
    void plusIsAssociative() {
        Seeds.hold(random -> {
            Sums a = draw(random);
            Sums b = draw(random);
            Sums c = draw(random);
            assertThat(plus(plus(a, b), c)).isEqualTo(plus(a, plus(b, c)));
        });
    }

    @Test
    void plusIsCommutative() {
        Seeds.hold(random -> {
            Sums a = draw(random);
            Sums b = draw(random);
            assertThat(plus(a, b)).isEqualTo(plus(b, a));
        });
    }

    @Test
    void minusUndoesPlusAndZeroChangesNothing() {
        Seeds.hold(random -> {
            Sums a = draw(random);
            Sums b = draw(random);
            Sums back = plus(a, b);
            back.minus(b);
            assertThat(back).isEqualTo(a).hasSameHashCodeAs(a);
            assertThat(plus(a, new Sums())).isEqualTo(a);
            back.minus(a);
            assertThat(back.isZero()).isTrue();
            assertThat(back.size).isZero();
        });
    }

    @Test
    void theOrderOfMergingNeverChangesAByte() {
        Seeds.hold(random -> {
            List<Sums> parts = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                parts.add(draw(random));
            }
            Sums straight = merge(parts);
            Collections.shuffle(parts, random);
            // A tree: some parts are summed before they are sent on, as a local pre-sum does.
            int cut = random.nextInt(parts.size() + 1);
            Sums tree = plus(merge(parts.subList(cut, parts.size())), merge(parts.subList(0, cut)));
            assertThat(tree.copy().cells).isEqualTo(straight.copy().cells);
            assertThat(tree.copy().amounts).isEqualTo(straight.copy().amounts);
        });
    }

    @Test
    void gatheringManyVectorsEndsInTheSameBytesAsAddingThem() {
        Seeds.hold(random -> {
            List<Sums> parts = new ArrayList<>();
            Gathering gathering = new Gathering();
            for (int i = random.nextInt(40); i >= 0; i--) {
                Sums part = draw(random);
                parts.add(part);
                gathering.plus(part);
                if (random.nextInt(4) == 0) {
                    Sums back = new Sums();
                    back.minus(part);
                    parts.add(back);
                    gathering.plus(back);
                }
            }
            Sums straight = merge(parts).copy();
            assertThat(gathering.sums().cells).isEqualTo(straight.cells);
            assertThat(gathering.sums().amounts).isEqualTo(straight.amounts);
        });
    }

    @Test
    void sumsAgreeWithAMapThatAddsOneAmountAtATime() {
        Seeds.hold(random -> {
            Sums sums = new Sums();
            TreeMap<Long, Long> naive = new TreeMap<>();
            for (int step = random.nextInt(20); step >= 0; step--) {
                if (random.nextBoolean()) {
                    long cell = cell(random);
                    long amount = amount(random);
                    sums.add(cell, amount);
                    naive.merge(cell, amount, Long::sum);
                } else {
                    Sums other = draw(random);
                    boolean plus = random.nextBoolean();
                    if (plus) {
                        sums.plus(other);
                    } else {
                        sums.minus(other);
                    }
                    for (int i = 0; i < other.size; i++) {
                        naive.merge(other.cells[i], plus ? other.amounts[i] : -other.amounts[i], Long::sum);
                    }
                }
                naive.values().removeIf(amount -> amount == 0);
                assertSame(sums, naive);
                long probe = cell(random);
                assertThat(sums.get(probe)).isEqualTo(naive.getOrDefault(probe, 0L));
                assertThat(sums.from(probe)).isEqualTo(naive.headMap(probe).size());
            }
        });
    }

    @Test
    void addingASumToItselfDoublesItAndSubtractingItLeavesNothing() {
        Seeds.hold(random -> {
            Sums a = draw(random);
            Sums twice = plus(a, a);
            Sums self = a.copy();
            self.plus(self);
            assertThat(self).isEqualTo(twice);
            self.minus(self);
            assertThat(self.isZero()).isTrue();
        });
    }

    @Test
    void aCopyKnowsNothingOfWhatComesLater() {
        Seeds.hold(random -> {
            Sums a = draw(random);
            Sums copy = a.copy();
            String before = copy.toString();
            a.plus(draw(random));
            a.clear();
            a.add(Cell.of(1, 2, 3), 4);
            assertThat(copy).hasToString(before);
        });
    }

    private static void assertSame(Sums sums, Map<Long, Long> naive) {
        assertThat(Arrays.copyOf(sums.cells, sums.size))
                .isEqualTo(naive.keySet().stream().mapToLong(cell -> cell).toArray());
        assertThat(Arrays.copyOf(sums.amounts, sums.size))
                .isEqualTo(naive.values().stream().mapToLong(amount -> amount).toArray());
    }

    private static Sums merge(List<Sums> parts) {
        Sums sum = new Sums();
        parts.forEach(sum::plus);
        return sum;
    }

    private static Sums plus(Sums a, Sums b) {
        Sums sum = a.copy();
        sum.plus(b);
        return sum;
    }

    /** Few cells and small amounts, so that many meet and cancel; sizes on both sides of the switch to a merge. */
    private static Sums draw(Random random) {
        Sums sums = new Sums();
        for (int i = random.nextInt(16); i > 0; i--) {
            sums.add(cell(random), amount(random));
        }
        return sums;
    }

    private static long cell(Random random) {
        return Cell.of(random.nextInt(5) - 2, random.nextInt(2), random.nextInt(2));
    }

    private static long amount(Random random) {
        return random.nextInt(20) == 0 ? random.nextLong() : random.nextInt(7) - 3;
    }
}
