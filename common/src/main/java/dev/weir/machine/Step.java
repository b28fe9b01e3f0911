package dev.weir.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The difference between what a key said before and what it says now.
 *
 * <p>A machine says three kinds of things: amounts to add to tallies ({@link #sum}), rows ({@link #row}), and facts for
 * other machines ({@link #fact}). A step collects what was said before with the opposite sign and what is said now, so
 * what did not change cancels out and only the difference is left.
 *
 * @param <O> the facts sent on to other machines
 */
public final class Step<O> {
    /** No deadline is pending. */
    public static final long NEVER = Long.MAX_VALUE;

    private final Map<String, Sums> sums = new LinkedHashMap<>();
    private final Map<String, Change<Row>> rows = new LinkedHashMap<>();
    private final Map<String, Change<O>> facts = new LinkedHashMap<>();
    private final Map<Object, Stated> statements = new LinkedHashMap<>();
    private boolean now;
    private long asOf;
    private long wake = NEVER;

    private static final class Change<T> {
        @Nullable T before;

        @Nullable T after;
    }

    /** How often a statement is made now less how often it was made before, and how it is told. */
    private static final class Stated {
        int net;
        final Runnable telling;

        Stated(Runnable telling) {
            this.telling = telling;
        }
    }

    /** What became of a difference. */
    public enum Outcome {
        /** The fact is new, or takes the place of another with its id. */
        ACCEPTED,
        /** A fact with this id is there already, and stays. */
        DUPLICATE
    }

    /**
     * Applies one difference to a key and collects what it changes.
     *
     * @param memory the key's facts; changed in place
     * @param watermark the present watermark; deadlines up to it are due
     */
    public <F> Outcome advance(
            Machine<F, O> machine, String key, Memory<F> memory, boolean comes, F fact, long watermark) {
        int at = Collections.binarySearch(memory.facts, fact, order(machine));
        int same = at >= 0 ? at : indexOfId(machine, memory.facts, machine.id(fact));
        if (comes) {
            F kept = same >= 0 ? memory.facts.get(same) : null;
            if (kept != null && (kept.equals(fact) || machine.prefer(kept, fact).equals(kept))) {
                return Outcome.DUPLICATE;
            }
            retellBefore(machine, key, memory);
            if (kept != null) {
                memory.facts.remove(same);
            }
            insert(machine, memory, fact);
            retellAfter(machine, key, memory, watermark);
            return kept == null ? Outcome.ACCEPTED : Outcome.DUPLICATE;
        }
        if (same >= 0) {
            retellBefore(machine, key, memory);
            memory.facts.remove(same);
            retellAfter(machine, key, memory, watermark);
        }
        return Outcome.ACCEPTED;
    }

    /** Says the deadlines up to {@code time} that are not yet said. */
    public <F> void wake(Machine<F, O> machine, String key, Memory<F> memory, long time) {
        retellBefore(machine, key, memory);
        retellAfter(machine, key, memory, time);
    }

    private <F> void retellBefore(Machine<F, O> machine, String key, Memory<F> memory) {
        now = false;
        asOf = memory.saidUpTo;
        if (!memory.isEmpty()) {
            machine.say(key, memory.facts, this);
        }
    }

    private <F> void retellAfter(Machine<F, O> machine, String key, Memory<F> memory, long time) {
        now = true;
        memory.saidUpTo = Math.max(memory.saidUpTo, time);
        asOf = memory.saidUpTo;
        wake = NEVER;
        if (!memory.isEmpty()) {
            machine.say(key, memory.facts, this);
        }
        tellChangedStatements();
    }

    private void tellChangedStatements() {
        for (Stated stated : statements.values()) {
            now = stated.net > 0;
            for (int times = Math.abs(stated.net); times > 0; times--) {
                stated.telling.run();
            }
        }
        statements.clear();
    }

    private static <F> void insert(Machine<F, ?> machine, Memory<F> memory, F fact) {
        int at = Collections.binarySearch(memory.facts, fact, order(machine));
        memory.facts.add(at >= 0 ? at : -at - 1, fact);
        if (memory.facts.size() > machine.limit()) {
            memory.facts.remove(memory.facts.size() - 1);
            memory.truncated = true;
        }
    }

    private static <F> int indexOfId(Machine<F, ?> machine, List<F> facts, String id) {
        for (int i = facts.size() - 1; i >= 0; i--) {
            if (machine.id(facts.get(i)).equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private static <F> Comparator<F> order(Machine<F, ?> machine) {
        return (a, b) -> {
            int byTime = Long.compare(machine.time(a), machine.time(b));
            return byTime != 0 ? byTime : machine.id(a).compareTo(machine.id(b));
        };
    }

    // What a machine calls.

    /** The time T as of which the machine speaks: deadlines up to it are due. Epoch milliseconds. */
    public long asOf() {
        return asOf;
    }

    /**
     * Whether a deadline has passed. If not, the key is woken when it does. A deadline may stand for "strictly after": then
     * pass the first millisecond that counts.
     */
    public boolean due(long deadline) {
        if (deadline <= asOf) {
            return true;
        }
        if (now) {
            wake = Math.min(wake, deadline);
        }
        return false;
    }

    /**
     * Makes a statement: a value (a visit, an attempt) that is told in sums and rows by {@code telling}. Statements made
     * before and now cancel out unseen, so only those that changed cost their telling. What it tells must depend on the
     * statement alone, and it may not ask {@link #due}: what is due belongs into the statement.
     */
    public void state(Object statement, Runnable telling) {
        statements.computeIfAbsent(statement, s -> new Stated(telling)).net += now ? 1 : -1;
    }

    /** Adds to one cell of a tally. */
    public void sum(String group, long cell, long amount) {
        sums.computeIfAbsent(group, g -> new Sums()).add(cell, now ? amount : -amount);
    }

    /** Says a row. A machine says each key of a table at most once. */
    public void row(Table table, Row row) {
        Change<Row> change = rows.computeIfAbsent(row.key(table), k -> new Change<>());
        if (now) {
            change.after = row;
        } else {
            change.before = row;
        }
    }

    /** Gives a fact to another key. */
    public void fact(String owner, String id, O fact) {
        Change<O> change = facts.computeIfAbsent(Keys.join(owner, id), k -> new Change<>());
        if (now) {
            change.after = fact;
        } else {
            change.before = fact;
        }
    }

    // What whoever runs the machine reads.

    /** The earliest deadline that is not yet due, or {@link #NEVER}. */
    public long nextWake() {
        return wake;
    }

    /** What to add to which tally. */
    public void sums(BiConsumer<String, Sums> out) {
        sums.forEach((group, difference) -> {
            if (!difference.isZero()) {
                out.accept(group, difference);
            }
        });
    }

    /** Rows that are new or changed, and rows that are no longer said, marked deleted. */
    public void rows(Consumer<Row> out) {
        rows.forEach((key, change) -> {
            Row before = change.before;
            Row after = change.after;
            if (after == null && before != null) {
                out.accept(before.asDeleted(asOf));
            } else if (after != null && (before == null || !before.saysTheSameAs(after))) {
                out.accept(after.at(asOf));
            }
        });
    }

    /** Facts that leave an owner, then facts that come to one. */
    public List<Difference<O>> facts() {
        List<Difference<O>> differences = new ArrayList<>();
        facts.forEach((key, change) -> {
            if (change.before != null && !Objects.equals(change.before, change.after)) {
                differences.add(new Difference<>(Keys.split(key).get(0), false, change.before, null));
            }
        });
        facts.forEach((key, change) -> {
            if (change.after != null && !Objects.equals(change.before, change.after)) {
                differences.add(new Difference<>(Keys.split(key).get(0), true, change.after, null));
            }
        });
        return differences;
    }

    /** Forgets everything, for the next key. */
    public void clear() {
        sums.clear();
        rows.clear();
        facts.clear();
        wake = NEVER;
    }
}
