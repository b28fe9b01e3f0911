package dev.weir.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one key: its facts, and up to which time its deadlines have been said.
 *
 * <p>The fields are public and there is an empty constructor for the serializer.
 */
public final class Memory<F> {
    /** Sorted by (time, id), each id once. */
    public List<F> facts;
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
    public List<F> beside = Collections.emptyList();
    /** Facts that left on one way before they came on another. */
    public List<F> owed = Collections.emptyList();
    /** Whether facts were left out because the key has more than its limit. */
    public boolean truncated;
    /** The frontier: up to when the key was known when it was sealed. {@link Long#MIN_VALUE} while it is not. */
    public long sealedUpTo = Long.MIN_VALUE;

    /** In which {@link Machine#version} it was last told what the facts mean. */
    public int version;

    /** How many of its last facts are not yet told. Not part of what is kept: they are told before. */
    int untold;

    /** How often it was taken up to be changed. */
    private int changes;

    private @Nullable Written written;

    /** Its bytes, and after which change they were. */
    private record Written(int changes, byte[] bytes) {}

    public Memory() {
        this(new ArrayList<>());
    }

    private Memory(List<F> facts) {
        this.facts = facts;
    }

    /** The facts with what tells them apart, which is made when it is needed, and never kept. */
    public Facts<F> facts(Machine<F, ?> machine) {
        if (facts instanceof Facts<F> known) {
            return known;
        }
        Facts<F> made = Facts.of(machine, facts);
        facts = made;
        return made;
    }

    /** Whether facts followed of which is not yet told what they change, see {@link Step#follow}. */
    public boolean isUntold() {
        return untold > 0;
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

    /**
     * The same, which may change without this.
     *
     * @param copied a list of facts that may
     */
    public Memory<F> copy(UnaryOperator<List<F>> copied) {
        Memory<F> copy = new Memory<>(copied.apply(facts));
        copy.saidUpTo = saidUpTo;
        copy.wake = wake;
        copy.beside = beside.isEmpty() ? Collections.emptyList() : copied.apply(beside);
        copy.owed = owed.isEmpty() ? Collections.emptyList() : copied.apply(owed);
        copy.truncated = truncated;
        copy.sealedUpTo = sealedUpTo;
        copy.version = version;
        return copy;
    }

    /** Keeps a fact beside the one that counts. */
    void keepBeside(F fact) {
        beside = with(beside, fact);
    }

    /** Keeps a fact that left before it came. */
    void owe(F fact) {
        owed = with(owed, fact);
    }

    /** Few keys ever have one: to the others belongs no list of their own. */
    private static <F> List<F> with(List<F> facts, F fact) {
        List<F> all = facts.isEmpty() ? new ArrayList<>() : facts;
        all.add(fact);
        return all;
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
