package dev.weir.machine;

import java.util.ArrayList;
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
    private final Map<String, Pair<Row>> rows = new LinkedHashMap<>();
    private final Map<Sent, Pair<O>> facts = new LinkedHashMap<>();
    private final Map<Object, Stated> statements = new LinkedHashMap<>();
    private final Map<Object, Named> named = new LinkedHashMap<>();
    private @Nullable String lastGroup;
    private @Nullable Sums lastSums;
    private boolean now;
    private boolean truncated;
    private long asOf;
    private long wake = NEVER;
    private boolean leftOut;
    private int version;

    /** To whom a fact is given, and under which id. */
    private record Sent(String owner, String id) {}

    private static class Pair<T> {
        @Nullable T before;

        @Nullable T after;

        boolean replaces;

        /** What replaces another is not counted: it may come without the other's leaving. */
        Difference<T> difference(Sent sent, boolean comes, T fact) {
            Difference<T> difference = Difference.sent(sent.owner, comes, fact);
            difference.sent = !replaces;
            return difference;
        }
    }

    /** How often a statement is made now less how often it was made before, and how it is told. */
    private static final class Stated {
        int net;
        final Runnable telling;

        Stated(Runnable telling) {
            this.telling = telling;
        }
    }

    /** What was said under a name, and what is said under it now. */
    private static final class Named extends Pair<Object> {
        Telling<Object> telling;

        Named(Telling<Object> telling) {
            this.telling = telling;
        }
    }

    /** How the difference between two statements of one name is told. */
    @FunctionalInterface
    public interface Telling<T> {
        /**
         * Tells what one of the two says, where there is but one; it counts as taken back where that is {@code before}. Of
         * two, tells the rows of {@code after}, and in sums what leads from {@code before} to it.
         */
        void tell(@Nullable T before, @Nullable T after);
    }

    /** What became of a difference. */
    public enum Outcome {
        /** The fact is new. */
        ACCEPTED,
        /** The same fact is there already. */
        DUPLICATE,
        /** A fact with this id and another content was there already; one of the two stays, whichever came first. */
        CONFLICT
    }

    /**
     * Applies one difference to a key and collects what it changes.
     *
     * @param memory the key's facts; changed in place
     * @param watermark the present watermark; deadlines up to it are due
     */
    public <F> Outcome advance(
            Machine<F, O> machine, String key, Memory<F> memory, Difference<F> difference, long watermark) {
        F fact = Objects.requireNonNull(difference.fact);
        Facts<F> facts = memory.facts(machine);
        int at = facts.find(machine.time(fact), machine.id(fact));
        int same = at >= 0 ? at : facts.find(machine.id(fact));
        F kept = same >= 0 ? facts.get(same) : null;
        if (!difference.comes) {
            leave(machine, key, memory, fact, kept, watermark);
            return Outcome.ACCEPTED;
        }
        if (difference.sent && memory.owed.remove(fact)) {
            return Outcome.DUPLICATE;
        }
        if (kept == null) {
            replace(machine, key, memory, null, fact, watermark);
            return Outcome.ACCEPTED;
        }
        boolean stays = kept.equals(fact) || machine.prefer(kept, fact).equals(kept);
        if (difference.sent) {
            keepBeside(machine, memory, stays ? fact : kept);
        }
        if (!stays) {
            replace(machine, key, memory, kept, fact, watermark);
        }
        return kept.equals(fact) ? Outcome.DUPLICATE : Outcome.CONFLICT;
    }

    /** The same for a fact that no machine sent. */
    public <F> Outcome advance(
            Machine<F, O> machine, String key, Memory<F> memory, boolean comes, F fact, long watermark) {
        return advance(machine, key, memory, new Difference<>(key, comes, fact, null), watermark);
    }

    /** What leaves is the fact itself, not whatever else has its id. */
    private <F> void leave(
            Machine<F, O> machine, String key, Memory<F> memory, F fact, @Nullable F kept, long watermark) {
        if (memory.beside.remove(fact)) {
            return;
        }
        if (kept == null || !kept.equals(fact)) {
            if (!memory.truncated && memory.owed.size() < machine.limit()) {
                memory.owe(fact);
            }
            return;
        }
        F next = null;
        for (F other : memory.beside) {
            if (machine.id(other).equals(machine.id(fact))) {
                next = next == null ? other : machine.prefer(next, other);
            }
        }
        if (next != null) {
            memory.beside.remove(next);
        }
        replace(machine, key, memory, kept, next, watermark);
    }

    private static <F> void keepBeside(Machine<F, ?> machine, Memory<F> memory, F fact) {
        if (memory.beside.size() < machine.limit()) {
            memory.keepBeside(fact);
        } else {
            memory.truncated = true;
        }
    }

    /** Puts a fact into the place of another, either of which may be none, and collects what that changes. */
    private <F> void replace(
            Machine<F, O> machine, String key, Memory<F> memory, @Nullable F goes, @Nullable F comes, long watermark) {
        if (memory.facts.isEmpty()) {
            memory.wake = NEVER; // nothing waits where there is nothing
        }
        boolean full = goes == null && memory.facts.size() >= machine.limit();
        Change<F> change = full || isOlder(machine, memory) ? null : change(memory, goes, comes, watermark);
        retellBefore(machine, key, memory, change);
        if (goes != null) {
            Facts<F> facts = memory.facts(machine);
            facts.remove(facts.find(machine.time(goes), machine.id(goes)));
        }
        if (comes != null) {
            insert(machine, memory, comes);
        }
        retellAfter(machine, key, memory, change, watermark);
    }

    /**
     * Keeps what a difference brings without telling what it changes, where that can be told later: a fact that happened after
     * all others, of which the machine can tell. Before anything else is done with the key it must be told by {@link #catchUp}.
     *
     * @return whether it is of that kind; if not, nothing was done
     */
    public <F> boolean follow(Machine<F, O> machine, Memory<F> memory, Difference<F> difference) {
        Facts<F> facts = memory.facts(machine);
        F fact = Objects.requireNonNull(difference.fact);
        int size = facts.size();
        boolean follows = difference.comes
                && size < machine.limit()
                && (size == 0 || facts.time(size - 1) < machine.time(fact))
                && (!difference.sent || memory.owed.isEmpty())
                && machine.tells(facts, fact)
                && !isOlder(machine, memory)
                && facts.find(machine.id(fact)) < 0;
        if (follows) {
            if (size == 0) {
                memory.wake = NEVER; // nothing waits where there is nothing
                memory.version = machine.version();
            }
            facts.add(fact);
            memory.untold++;
        }
        return follows;
    }

    /** Collects what facts that followed change, together, and says the deadlines up to {@code time} that are not yet said. */
    public <F> void catchUp(Machine<F, O> machine, String key, Memory<F> memory, long time) {
        Facts<F> facts = memory.facts(machine);
        Change<F> change = change(memory, null, null, time);
        long known = memory.wake;
        boolean due = known <= change.to() || memory.untold == 0;
        now = true;
        version = machine.version();
        truncated = memory.truncated;
        memory.saidUpTo = change.to();
        asOf = change.to();
        wake = NEVER;
        if (!facts.isEmpty()) {
            machine.tell(key, facts, facts.size() - memory.untold, due, change, this);
        }
        memory.untold = 0;
        memory.wake = due ? wake : Math.min(known, wake);
    }

    /** Whether what a key said it said in another version. */
    private static boolean isOlder(Machine<?, ?> machine, Memory<?> memory) {
        return memory.version < machine.version() && !memory.facts.isEmpty();
    }

    private static <F> Change<F> change(Memory<F> memory, @Nullable F goes, @Nullable F comes, long time) {
        return new Change<>(goes, comes, memory.saidUpTo, Math.max(memory.saidUpTo, time));
    }

    /** Says the deadlines up to {@code time} that are not yet said. */
    public <F> void wake(Machine<F, O> machine, String key, Memory<F> memory, long time) {
        boolean older = isOlder(machine, memory);
        Change<F> change = older ? null : change(memory, null, null, time);
        if (change != null && machine.tells(memory.facts(machine), null)) {
            catchUp(machine, key, memory, time);
            return;
        }
        retellBefore(machine, key, memory, change);
        retellAfter(machine, key, memory, change, time);
    }

    /** Tells a key anew where its machine knows other common facts than before. */
    public <F> void learn(Machine<F, O> before, Machine<F, O> after, String key, Memory<F> memory, long watermark) {
        retellBefore(before, key, memory, null);
        retellAfter(after, key, memory, null, watermark);
    }

    /** Says what a key of an older version means in the present one; false where it is of this one. */
    public <F> boolean sayAnew(Machine<F, O> machine, String key, Memory<F> memory) {
        boolean older = isOlder(machine, memory);
        if (older) {
            wake(machine, key, memory, memory.saidUpTo);
        }
        return older;
    }

    private <F> void retellBefore(Machine<F, O> machine, String key, Memory<F> memory, @Nullable Change<F> change) {
        now = false;
        version = isOlder(machine, memory) ? memory.version : machine.version();
        asOf = memory.saidUpTo;
        say(machine, key, memory, change);
    }

    private <F> void retellAfter(
            Machine<F, O> machine, String key, Memory<F> memory, @Nullable Change<F> change, long time) {
        now = true;
        version = machine.version();
        memory.version = version;
        long known = memory.wake;
        memory.saidUpTo = Math.max(memory.saidUpTo, time);
        asOf = memory.saidUpTo;
        wake = NEVER;
        leftOut = false;
        say(machine, key, memory, change);
        memory.wake = leftOut ? Math.min(known, wake) : wake;
        tellChangedStatements();
    }

    /** Says all of it where the change is not known: where a fact makes another leave a key that is full. */
    private <F> void say(Machine<F, O> machine, String key, Memory<F> memory, @Nullable Change<F> change) {
        truncated = memory.truncated;
        Facts<F> facts = memory.facts(machine);
        if (facts.isEmpty()) {
            return;
        }
        if (change == null) {
            machine.say(key, facts, this);
            return;
        }
        List<F> concerned = machine.concerned(facts, change, now ? change.comes() : change.goes());
        if (!concerned.isEmpty()) {
            machine.say(key, concerned, change, this);
        }
    }

    private void tellChangedStatements() {
        for (Stated stated : statements.values()) {
            now = stated.net > 0;
            for (int times = Math.abs(stated.net); times > 0; times--) {
                stated.telling.run();
            }
        }
        statements.clear();
        for (Named statement : named.values()) {
            if (!Objects.equals(statement.before, statement.after)) {
                now = statement.after != null;
                statement.telling.tell(statement.before, statement.after);
            }
        }
        named.clear();
    }

    private static <F> void insert(Machine<F, ?> machine, Memory<F> memory, F fact) {
        Facts<F> facts = memory.facts(machine);
        int at = facts.find(machine.time(fact), machine.id(fact));
        facts.add(at >= 0 ? at : -at - 1, fact);
        if (facts.size() > machine.limit()) {
            facts.remove(facts.size() - 1);
            memory.truncated = true;
        }
    }

    // What a machine calls.

    /** The time T as of which the machine speaks: deadlines up to it are due. Epoch milliseconds. */
    public long asOf() {
        return asOf;
    }

    /** The {@link Machine#version} in which it says what it says: what was said before may have been said in an older one. */
    public int version() {
        return version;
    }

    /** Whether the key has more facts than it may keep, so that the latest are missing. */
    public boolean truncated() {
        return truncated;
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

    /** Says that deadlines asked for earlier may stand, since what this change cannot alter is left out. */
    public void leavesOut() {
        leftOut = true;
    }

    /**
     * Makes a statement: a value (a visit, an attempt) that is told in sums and rows by {@code telling}. Statements made
     * before and now cancel out unseen, so only those that changed cost their telling. What it tells must depend on the
     * statement alone, and it may not ask {@link #due}: what is due belongs into the statement.
     */
    public void state(Object statement, Runnable telling) {
        statements.computeIfAbsent(statement, s -> new Stated(telling)).net += now ? 1 : -1;
    }

    /**
     * Makes a statement under a name that is the machine's own for it, such as its number: of what was said under it before
     * and what is said now only the difference costs its telling. As for {@link #state}, the telling depends on the
     * statements alone.
     */
    @SuppressWarnings("unchecked")
    public <T> void state(Object name, T statement, Telling<T> telling) {
        Named said = named.computeIfAbsent(name, n -> new Named((Telling<Object>) telling));
        if (now) {
            said.after = statement;
        } else {
            said.before = statement;
        }
    }

    /** The same of two statements that the machine knows to differ, told at once. */
    public <T> void tell(@Nullable T before, @Nullable T after, Telling<T> telling) {
        now = after != null;
        telling.tell(before, after);
        now = true;
    }

    /** Adds to one cell of a tally. */
    public void sum(String group, long cell, long amount) {
        Sums into = lastSums;
        if (into == null || !group.equals(lastGroup)) {
            into = sums.computeIfAbsent(group, g -> new Sums());
            lastGroup = group;
            lastSums = into;
        }
        into.add(cell, now ? amount : -amount);
    }

    /** Says a row. A machine says each key of a table at most once. */
    public void row(Table table, Row row) {
        Pair<Row> change = rows.computeIfAbsent(row.key(table), k -> new Pair<>());
        if (now) {
            change.after = row;
        } else {
            change.before = row;
        }
    }

    /** Gives a fact to another key. */
    public void fact(String owner, String id, O fact) {
        give(owner, id, fact);
    }

    /**
     * Gives a fact to another key whose machine prefers the newest of one id: a new content takes the place of the old one
     * there, which does not leave before.
     */
    public void replacing(String owner, String id, O fact) {
        give(owner, id, fact).replaces = true;
    }

    private Pair<O> give(String owner, String id, O fact) {
        Pair<O> change = facts.computeIfAbsent(new Sent(owner, id), sent -> new Pair<>());
        if (now) {
            change.after = fact;
        } else {
            change.before = fact;
        }
        return change;
    }

    // What whoever runs the machine reads.

    /** What to add to which tally; each vector is the receiver's to keep. */
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
        facts.forEach((sent, change) -> {
            boolean replaced = change.replaces && change.after != null;
            if (change.before != null && !replaced && !Objects.equals(change.before, change.after)) {
                differences.add(change.difference(sent, false, change.before));
            }
        });
        facts.forEach((sent, change) -> {
            if (change.after != null && !Objects.equals(change.before, change.after)) {
                differences.add(change.difference(sent, true, change.after));
            }
        });
        return differences;
    }

    /** Forgets everything, for the next key. */
    public void clear() {
        sums.clear();
        rows.clear();
        facts.clear();
        lastGroup = null;
        lastSums = null;
        wake = NEVER;
    }
}
