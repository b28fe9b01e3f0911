package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GatheringsTest {

    @Test
    void whatCountsInManyGroupsIsAddedUpAtEachStepOnItsWay() {
        Gatherings gatherings = new Gatherings();
        gatherings.plus("a", sums(1));
        gatherings.plus("b", sums(2));
        gatherings.plus("a", sums(4));
        gatherings.plus("c", sums(8));
        gatherings.plus("c", sums(-8));
        Map<String, String> left = new TreeMap<>();
        Map<String, Integer> spread = new TreeMap<>();
        gatherings.drain(
                (group, sums, out) -> {
                    spread.merge(group, 1, Integer::sum);
                    switch (group) {
                        case "a", "b" -> {
                            out.accept("both", sums);
                            out.accept(group + "'s end", sums);
                        }
                        case "both" -> out.accept("end", sums);
                        default -> out.accept(group, sums);
                    }
                },
                (group, sums) -> assertThat(left.put(group, sums.toString())).isNull());
        assertThat(left)
                .containsExactlyEntriesOf(
                        new TreeMap<>(Map.of("a's end", text(5), "b's end", text(2), "end", text(7))));
        assertThat(spread).containsEntry("both", 1).doesNotContainKey("c");
        assertThat(gatherings.drain()).isEmpty();
        assertThat(gatherings.room()).isZero();
    }

    private static Sums sums(long amount) {
        Sums sums = new Sums();
        sums.add(Cell.of(1, 2, 3), amount);
        return sums;
    }

    private static String text(long amount) {
        return sums(amount).toString();
    }
}
