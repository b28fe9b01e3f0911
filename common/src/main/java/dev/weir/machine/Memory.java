package dev.weir.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one key: its facts, and up to which time its deadlines have been said.
 *
 * <p>The fields are public and there is an empty constructor for the serializer.
 */
public final class Memory<F> {
    /** Sorted by (time, id), each id once. */
    public List<F> facts = new ArrayList<>();
    /**
     * Deadlines up to here have been said. It only advances, also over a restart, when the watermark starts again from the
     * beginning of time.
     */
    public long saidUpTo = Long.MIN_VALUE;
    /**
     * The earliest deadline that is not yet said, {@link Step#NEVER} where none is. A timer for an earlier moment is one whose
     * deadline later facts took away. Before the first telling, as in state from before this field was, any timer may count.
     */
    public long wake = Long.MIN_VALUE;
    /** Sent facts whose id has another that counts, each as often as it came: one takes its place when that one leaves. */
    public List<F> beside = new ArrayList<>();
    /** Facts that left on one way before they came on another. */
    public List<F> owed = new ArrayList<>();
    /** Whether facts were left out because the key has more than its limit. */
    public boolean truncated;
    /** The frontier: up to when the key was known when it was sealed. {@link Long#MIN_VALUE} while it is not. */
    public long sealedUpTo = Long.MIN_VALUE;

    // Where facts are found without looking at each, which lies somewhere in memory: of each its time and the hash of
    // its id.
    // Made when it is needed, never kept.
    private long[] times = {};
    private int[] hashes = {};
    private int indexed;

    /** How often it was taken up to be changed. */
    private int changes;

    private @Nullable Written written;

    /** Its bytes, and after which change they were. */
    private record Written(int changes, byte[] bytes) {}

    public Memory() {}

    /**
     * Where the fact with this id is or, as in a binary search, would be: {@code -place - 1}.
     *
     * @param time when it happened, if it is there
     */
    int find(Machine<F, ?> machine, long time, String id) {
        index(machine);
        int at = Arrays.binarySearch(times, 0, indexed, time);
        if (at < 0) {
            return at;
        }
        while (at > 0 && times[at - 1] == time) {
            at--;
        }
        for (; at < indexed && times[at] == time; at++) {
            int order = machine.id(facts.get(at)).compareTo(id);
            if (order >= 0) {
                return order == 0 ? at : -at - 1;
            }
        }
        return -at - 1;
    }

    /** Where the fact with this id is, whenever it happened; -1 where there is none. */
    int find(Machine<F, ?> machine, String id) {
        index(machine);
        int hash = id.hashCode();
        for (int i = indexed - 1; i >= 0; i--) {
            if (hashes[i] == hash && machine.id(facts.get(i)).equals(id)) {
                return i;
            }
        }
        return -1;
    }

    void add(Machine<F, ?> machine, int at, F fact) {
        index(machine);
        facts.add(at, fact);
        if (indexed == times.length) {
            times = Arrays.copyOf(times, Math.max(4, 2 * indexed));
            hashes = Arrays.copyOf(hashes, times.length);
        }
        System.arraycopy(times, at, times, at + 1, indexed - at);
        System.arraycopy(hashes, at, hashes, at + 1, indexed - at);
        times[at] = machine.time(fact);
        hashes[at] = machine.id(fact).hashCode();
        indexed++;
    }

    void remove(int at) {
        facts.remove(at);
        indexed--;
        System.arraycopy(times, at + 1, times, at, indexed - at);
        System.arraycopy(hashes, at + 1, hashes, at, indexed - at);
    }

    private void index(Machine<F, ?> machine) {
        if (indexed == facts.size()) {
            return;
        }
        indexed = facts.size();
        times = new long[indexed + 1];
        hashes = new int[indexed + 1];
        for (int i = 0; i < indexed; i++) {
            times[i] = machine.time(facts.get(i));
            hashes[i] = machine.id(facts.get(i)).hashCode();
        }
    }

    /** Whoever may change it says so before. */
    public void changes() {
        changes++;
    }

    /** Its bytes as they were written last, if it has not changed since; else null. Not part of what is kept. */
    public byte @Nullable [] written() {
        Written last = written;
        return last == null || last.changes != changes ? null : last.bytes;
    }

    /** Remembers its bytes; they may be written by another thread than that which changes it next. */
    public void written(byte[] bytes) {
        written = new Written(changes, bytes);
    }

    /** Forgets the facts; what they said stays. */
    public void seal(long upTo) {
        facts.clear();
        indexed = 0;
        beside.clear();
        owed.clear();
        sealedUpTo = Math.max(sealedUpTo, upTo);
    }

    public boolean isSealed() {
        return sealedUpTo != Long.MIN_VALUE;
    }

    public boolean isEmpty() {
        return facts.isEmpty() && beside.isEmpty() && owed.isEmpty() && !isSealed();
    }
}
