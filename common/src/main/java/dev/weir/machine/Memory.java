package dev.weir.machine;

import java.util.ArrayList;
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

    /** In which {@link Machine#version} it was last told what the facts mean. */
    public int version;

    /** How often it was taken up to be changed. */
    private int changes;

    private @Nullable Written written;

    /** Its bytes, and after which change they were. */
    private record Written(int changes, byte[] bytes) {}

    public Memory() {}

    /** The facts with what tells them apart, which is made when it is needed, and never kept. */
    public Facts<F> facts(Machine<F, ?> machine) {
        if (facts instanceof Facts<F> known) {
            return known;
        }
        Facts<F> made = new Facts<>(machine, facts);
        facts = made;
        return made;
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
