package dev.weir.machine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds the ledger that one job keeps of one partition against the records that are in it.
 *
 * <p>A job reads a partition in order, so what it read of a bucket is the first so many of its records, and the sum of their
 * hashes is known beforehand: the check needs no list of what was read. What has gone from the topic can no longer be
 * counted; there the ledger alone says whether each offset was read while it lasted.
 */
public final class LedgerCheck {
    private static final int BUCKET = (int) LedgerTally.BUCKET;

    private LedgerCheck() {}

    /**
     * What a ledger row says of a bucket.
     *
     * @param letters how many dead letters of the bucket there are, those of expired records too
     */
    public record Account(
            long read,
            long accepted,
            long duplicate,
            long filtered,
            long deadLettered,
            long expired,
            long control,
            long checksum,
            long letters) {
        public static final Account EMPTY = new Account(0, 0, 0, 0, 0, 0, 0, 0, 0);

        /** Records that were read and have no fate; below zero when some have two. */
        public long residue() {
            return read - accepted - duplicate - filtered - deadLettered - expired - control;
        }

        public Account plus(Account other) {
            return new Account(
                    read + other.read,
                    accepted + other.accepted,
                    duplicate + other.duplicate,
                    filtered + other.filtered,
                    deadLettered + other.deadLettered,
                    expired + other.expired,
                    control + other.control,
                    checksum + other.checksum,
                    letters + other.letters);
        }
    }

    /**
     * What is in a partition, as a reader of committed records sees it.
     *
     * @param begin the first offset that can still be there; what lay before it was deleted
     * @param records by bucket, bit {@code i} for offset {@code bucket * 1,000 + i}
     */
    public record Held(long begin, NavigableMap<Long, BitSet> records) {
        public Held(long begin) {
            this(begin, new TreeMap<>());
        }

        public void add(long offset) {
            records.computeIfAbsent(offset / BUCKET, bucket -> new BitSet(BUCKET))
                    .set((int) (offset % BUCKET));
        }

        /** How many records there are. */
        public long count() {
            return records.values().stream().mapToLong(BitSet::cardinality).sum();
        }

        /** Whether every offset from its first record to its last is a record: no transaction ended and nothing was compacted. */
        boolean isDense() {
            if (records.isEmpty()) {
                return true;
            }
            long first = records.firstKey() * BUCKET
                    + records.firstEntry().getValue().nextSetBit(0);
            long last =
                    records.lastKey() * BUCKET + records.lastEntry().getValue().length() - 1;
            return count() == last - first + 1;
        }
    }

    /** What is not as it should be. */
    public enum Kind {
        /** Read, and without a fate or with two. */
        UNBALANCED,
        /** In the ledger as dead-lettered or expired, and not among the dead letters, or the other way round. */
        LETTERS,
        /** In the topic after the last that was read. */
        BEHIND,
        /** In the topic before the last that was read, and not read. */
        SKIPPED,
        /** No longer in the topic, and not read while it was there. */
        LOST,
        /** Read, and not in the topic, though nothing was deleted there. */
        SURPLUS,
        /** As many were read as the topic holds, but not the same. */
        DIFFERENT
    }

    /** How many records of a bucket are not as they should be. */
    public record Finding(Kind kind, long bucket, long records) {}

    /**
     * Every finding of a partition, by bucket.
     *
     * @param accounts what the ledger says, by bucket
     * @param plain false where records are known to be written in transactions: their ends take offsets too, so a hole says
     *     nothing, and of what has gone only whole buckets are missed
     */
    public static List<Finding> of(NavigableMap<Long, Account> accounts, Held held, boolean plain) {
        long first = Long.MAX_VALUE;
        long last = -1;
        for (var account : accounts.entrySet()) {
            if (account.getValue().read() > 0) {
                first = Math.min(first, account.getKey());
                last = Math.max(last, account.getKey());
            }
        }
        boolean dense = plain && held.isDense();
        List<Finding> findings = new ArrayList<>();
        for (long bucket : buckets(accounts, held, first)) {
            Account account = accounts.getOrDefault(bucket, Account.EMPTY);
            add(findings, Kind.UNBALANCED, bucket, account.residue());
            add(findings, Kind.LETTERS, bucket, account.deadLettered() + account.expired() - account.letters());
            Bucket one = new Bucket(bucket, held, account);
            if (one.gone == 0) {
                one.compare(bucket >= last, findings);
            } else if (bucket >= first) {
                one.compareRest(bucket == first, bucket >= last, dense, findings);
            } else {
                add(findings, Kind.BEHIND, bucket, one.offsets.length);
            }
        }
        return findings;
    }

    /** All from the first that was read to the end, so that none between is forgotten. */
    private static Iterable<Long> buckets(NavigableMap<Long, Account> accounts, Held held, long first) {
        TreeMap<Long, Boolean> buckets = new TreeMap<>();
        accounts.keySet().forEach(bucket -> buckets.put(bucket, true));
        held.records().keySet().forEach(bucket -> buckets.put(bucket, true));
        for (long bucket = first; bucket < (held.begin() + BUCKET - 1) / BUCKET; bucket++) {
            buckets.put(bucket, true);
        }
        return buckets.keySet();
    }

    private static void add(List<Finding> findings, Kind kind, long bucket, long records) {
        if (records != 0) {
            findings.add(new Finding(kind, bucket, records));
        }
    }

    /** One bucket: what the topic holds of it, what has gone, what was read. */
    private static final class Bucket {
        final long number;
        final Account account;
        /** Offsets from its begin that have been deleted. */
        final int gone;
        /** The records that are there. */
        final long[] offsets;
        /** The sum of the hashes of the first so many of them. */
        final long[] sums;

        Bucket(long number, Held held, Account account) {
            this.number = number;
            this.account = account;
            this.gone = (int) Math.min(BUCKET, Math.max(0, held.begin() - number * BUCKET));
            this.offsets = held.records().getOrDefault(number, new BitSet()).stream()
                    .mapToLong(bit -> number * BUCKET + bit)
                    .toArray();
            this.sums = new long[offsets.length + 1];
            for (int i = 0; i < offsets.length; i++) {
                sums[i + 1] = sums[i] + LedgerTally.mix(offsets[i]);
            }
        }

        void compare(boolean atEnd, List<Finding> findings) {
            long read = account.read();
            if (read > offsets.length) {
                add(findings, Kind.SURPLUS, number, read - offsets.length);
            } else if (account.checksum() != sums[(int) Math.max(0, read)]) {
                add(findings, Kind.DIFFERENT, number, Math.max(1, offsets.length - read));
            } else {
                add(findings, atEnd ? Kind.BEHIND : Kind.SKIPPED, number, offsets.length - read);
            }
        }

        /** Of a bucket whose begin has gone. */
        void compareRest(boolean isFirst, boolean atEnd, boolean dense, List<Finding> findings) {
            long read = account.read();
            long after = Math.min(offsets.length, read);
            long before = Math.min(gone, read - after);
            long missed = gone == BUCKET && read == 0 ? BUCKET : 0;
            if (dense) {
                Reading reading = reading(isFirst);
                if (reading != null) {
                    after = reading.after;
                    before = read - after;
                    // Where reading began with what is there, nothing tells how much of the rest there was to read.
                    missed = isFirst && before == 0 ? 0 : gone - reading.from - before;
                } else if (!isFirst) {
                    missed = gone - before;
                }
            }
            add(findings, Kind.LOST, number, missed);
            add(findings, atEnd ? Kind.BEHIND : Kind.SKIPPED, number, offsets.length - after);
            add(findings, Kind.SURPLUS, number, read - before - after);
        }

        /** A run of deleted offsets from the given one on, then the first so many of those that are there. */
        private record Reading(int from, long after) {}

        /**
         * The reading that gives the checksum, null where none does: it begins with the bucket or, in the first one, where
         * reading began.
         */
        private @Nullable Reading reading(boolean isFirst) {
            long[] deleted = new long[gone + 1];
            for (int i = 0; i < gone; i++) {
                deleted[i + 1] = deleted[i] + LedgerTally.mix(number * BUCKET + i);
            }
            for (long after = Math.min(offsets.length, account.read()); after >= 0; after--) {
                long before = account.read() - after;
                for (int from = 0; from + before <= gone && (from == 0 || isFirst); from++) {
                    long sum = deleted[(int) (from + before)] - deleted[from] + sums[(int) after];
                    if (sum == account.checksum()) {
                        return new Reading(from, after);
                    }
                }
            }
            return null;
        }
    }
}
