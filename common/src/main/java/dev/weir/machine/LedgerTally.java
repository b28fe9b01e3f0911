package dev.weir.machine;

import static dev.weir.machine.Column.Type.BIGINT;
import static dev.weir.machine.Column.Type.TEXT;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The account of every record a job read: read = accepted + duplicate + filtered + dead-lettered + expired + control, per
 * topic, partition and bucket of 1,000 offsets.
 */
public final class LedgerTally implements Tally {
    /** First part of a ledger group. */
    public static final String KIND = "ledger";
    /** Offsets in a bucket. */
    public static final long BUCKET = 1_000;

    private static final long BUCKETS_A_GROUP = 64;

    /** What became of a record, with the measure that counts it. */
    public enum Fate {
        READ(0),
        ACCEPTED(1),
        DUPLICATE(2),
        FILTERED(3),
        DEAD_LETTERED(4),
        EXPIRED(5),
        CONTROL(6);

        final int measure;

        Fate(int measure) {
            this.measure = measure;
        }
    }

    /** Not a fate: the sum of hashes of what was read, wrapping, so that two readings can be compared. */
    static final int CHECKSUM = 7;

    /** Not a fate: how many of the duplicates had another content than the event that was known. */
    private static final int CONFLICT = 8;

    private static final int MEASURES = 9;

    public static final Table TABLE = Table.named("ledger")
            .key(TEXT, "job", "topic")
            .key(BIGINT, "partition", "bucket")
            .with(
                    BIGINT,
                    "read",
                    "accepted",
                    "duplicate",
                    "filtered",
                    "dead_lettered",
                    "expired",
                    "control",
                    "checksum",
                    "conflict")
            .build();

    /** The group that counts a record read at this position. */
    public static String group(String job, Position position) {
        return Keys.join(
                KIND, job, position.topic(), Integer.toString(position.partition()), Long.toString(span(position)));
    }

    /** Which span of buckets, of one partition, a group covers. */
    public static long span(Position position) {
        return position.offset() / BUCKET / BUCKETS_A_GROUP;
    }

    /** Counts one record. One that was read also adds its hash to the checksum. */
    public static void count(Sums sums, Position position, Fate fate) {
        long bucket = position.offset() / BUCKET;
        sums.add(Cell.of(bucket, 0, fate.measure), 1);
        if (fate == Fate.READ) {
            sums.add(Cell.of(bucket, 0, CHECKSUM), mix(position.offset()));
        }
    }

    /** Counts a record whose event was known with another content; beside its fate. */
    public static void conflict(Sums sums, Position position) {
        sums.add(Cell.of(position.offset() / BUCKET, 0, CONFLICT), 1);
    }

    /** Spreads an offset over 64 bits (the finalizer of SplitMix64, Steele, Lea and Flood 2014). */
    static long mix(long offset) {
        long z = offset + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    @Override
    public long rows(String group, Sums sums, long asOf, Consumer<Row> out) {
        List<String> name = Keys.split(group);
        for (int i = 0; i < sums.size; ) {
            long bucket = Cell.major(sums.cells[i]);
            @Nullable String[] values = new @Nullable String[4 + MEASURES];
            values[0] = name.get(1);
            values[1] = name.get(2);
            values[2] = name.get(3);
            values[3] = Long.toString(bucket);
            for (int c = 0; c < MEASURES; c++) {
                values[4 + c] = "0";
            }
            for (; i < sums.size && Cell.major(sums.cells[i]) == bucket; i++) {
                values[4 + Cell.measure(sums.cells[i])] = Long.toString(sums.amounts[i]);
            }
            out.accept(new Row(TABLE.name(), values, "", false, asOf));
        }
        return NEVER;
    }
}
