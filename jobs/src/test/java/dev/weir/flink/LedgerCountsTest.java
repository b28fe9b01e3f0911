package dev.weir.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Delta;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.LedgerTally.Fate;
import dev.weir.machine.Position;
import dev.weir.machine.Sums;
import dev.weir.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LedgerCountsTest {
    private static final List<Fate> FATES = List.of(Fate.values());

    @Test
    void whatWasReleasedIsWhatWasCountedHoweverManyBucketsThereAre() {
        Seeds.hold(100, random -> {
            List<Delta> out = new ArrayList<>();
            LedgerCounts counts = new LedgerCounts("job", out::add);
            Map<String, Sums> expected = new TreeMap<>();
            int buckets = 1 + random.nextInt(300);
            for (int i = 0; i < 500; i++) {
                Position position = new Position(
                        "topic" + random.nextInt(2),
                        random.nextInt(3),
                        random.nextInt(buckets) * LedgerTally.BUCKET + random.nextInt(3));
                Fate fate = FATES.get(random.nextInt(FATES.size()));
                Sums sums = expected.computeIfAbsent(LedgerTally.group("job", position), group -> new Sums());
                LedgerTally.count(sums, position, fate);
                counts.count(position, fate);
                if (random.nextInt(10) == 0) {
                    LedgerTally.conflict(sums, position);
                    counts.conflict(position);
                }
                if (random.nextInt(100) == 0) {
                    counts.release();
                }
            }
            counts.release();
            counts.release();
            Map<String, Sums> released = new TreeMap<>();
            out.forEach(delta ->
                    released.computeIfAbsent(delta.group, group -> new Sums()).plus(delta.sums));
            assertThat(released).isEqualTo(expected);
        });
    }
}
