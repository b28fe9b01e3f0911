package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Position;
import dev.weir.machine.Sums;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts records in the ledger. Records come bucket after bucket, so what became of those of one bucket leaves as one delta:
 * when its place is needed, or when all are released, which whoever counts does before each barrier and at the end of input.
 */
final class LedgerCounts {
    /** Most buckets that are held: several partitions are read at a time, and their records overtake each other. */
    private static final int LIMIT = 64;

    private final LedgerGroups groups;
    private final Consumer<Delta> out;
    private final @Nullable Bucket[] held = new @Nullable Bucket[LIMIT];

    private record Bucket(String topic, int partition, long number, Delta counts) {
        boolean holds(Position position) {
            return number == position.offset() / LedgerTally.BUCKET
                    && partition == position.partition()
                    && topic.equals(position.topic());
        }
    }

    LedgerCounts(String job, Consumer<Delta> out) {
        this.groups = new LedgerGroups(job);
        this.out = out;
    }

    /** Counts one record. */
    void count(Position position, LedgerTally.Fate fate) {
        LedgerTally.count(sums(position), position, fate);
    }

    /** Counts a record whose event was known with another content; beside its fate. */
    void conflict(Position position) {
        LedgerTally.conflict(sums(position), position);
    }

    /** Says all that is held. */
    void release() {
        for (Bucket bucket : held) {
            if (bucket != null) {
                out.accept(bucket.counts);
            }
        }
        Arrays.fill(held, null);
    }

    private Sums sums(Position position) {
        long number = position.offset() / LedgerTally.BUCKET;
        int place = (int) (number + 7L * position.partition()) & (LIMIT - 1);
        Bucket there = held[place];
        if (there == null || !there.holds(position)) {
            if (there != null) {
                out.accept(there.counts);
            }
            there = new Bucket(
                    position.topic(), position.partition(), number, new Delta(groups.group(position), new Sums()));
            held[place] = there;
        }
        return there.counts.sums;
    }
}
