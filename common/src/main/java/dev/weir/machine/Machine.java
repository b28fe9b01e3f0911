package dev.weir.machine;

import java.io.Serializable;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the facts of one key mean.
 *
 * <p>A machine owns one key: a person, a deal, a metric series, an incident. Whoever runs it keeps the key's facts, sorted
 * by time and id and each once, and asks the machine what they say. The answer is a pure function of those facts and of
 * one time T: the same facts in any order of arrival, doubled, late, withdrawn and given again, end in the same answer. The
 * machine holds no state, reads no clock, draws no random number.
 *
 * <p>When a fact comes or goes, {@link Step#advance} asks twice, before and after, and publishes the difference only. So
 * every number corrects itself and no rule needs a case for late facts.
 *
 * <p><b>Order law.</b> Any permutation and any duplication of the same differences ends in the same sayings.
 *
 * <p><b>Wake law.</b> Time may only bring what the facts already decide: a saying that waits for a deadline is guarded by
 * {@link Step#due} and stamped with that deadline, never with "now". Then it does not matter whether a timer or the next
 * fact brings it.
 *
 * @param <F> the facts it keeps; value equality
 * @param <O> the facts it sends on to other machines; value equality
 */
public interface Machine<F, O> extends Serializable {

    /** What makes two facts one: the event's id. */
    String id(F fact);

    /** When the fact happened, in epoch milliseconds. */
    long time(F fact);

    /**
     * Which of two facts with one id and different contents counts. It must not depend on their order; only a stream whose
     * records replace each other in order may prefer {@code newcomer} as such.
     */
    F prefer(F kept, F newcomer);

    /**
     * Says everything that these facts mean as of {@link Step#asOf}.
     *
     * @param facts sorted by time, then id; never empty. Of those that speak for themselves only the ones that change
     */
    void say(String key, List<F> facts, Step<O> step);

    /**
     * Says what a change may alter of what these facts mean. It may leave out what this change cannot alter, if it leaves
     * it out before and after alike and calls {@link Step#leavesOut}; what waits for a deadline {@code change} does not bring was asked of {@link Step#due}
     * when it was said, so only a change that moves no fact must ask for every deadline again.
     */
    default void say(String key, List<F> facts, Change<F> change, Step<O> step) {
        say(key, facts, step);
    }

    /**
     * Of a key's facts those that {@link #say} needs for what a change may alter. By itself those that decide about others and,
     * of those that speak for themselves, only the one that changes.
     *
     * @param here the one of the change's facts that is among these; null where none is
     */
    default List<F> concerned(Facts<F> facts, Change<F> change, @Nullable F here) {
        return facts.concerned(change, here);
    }

    /**
     * Whether {@link #tell} knows what a change alters without being asked before and after. It must then say the same as the
     * difference of the two sayings.
     *
     * @param facts those that were there before
     * @param comes what comes after them all; null where only time moves on
     */
    default boolean tells(Facts<F> facts, @Nullable F comes) {
        return false;
    }

    /**
     * Tells what a change alters: facts that have come, each after all before it, and time that moves on.
     *
     * @param facts as they are now, with those that came
     * @param from where those that came begin; at the end where only time moves on
     * @param due whether every deadline must be asked for again; else only those of what came
     */
    default void tell(String key, Facts<F> facts, int from, boolean due, Change<F> change, Step<O> step) {
        throw new UnsupportedOperationException("asked before and after");
    }

    /** Whether a fact speaks for itself: no other depends on it, and it depends on none that speaks for itself. */
    default boolean alone(F fact) {
        return false;
    }

    /**
     * Whether most facts are seldom looked at, so that they are better kept as bytes: they take less memory, a checkpoint
     * copies them, and each look makes an object anew.
     */
    default boolean seldomLooks() {
        return false;
    }

    /**
     * Whether a fact concerns every key, as a limit that was learned from all of them. It is a fact of none; whoever runs the
     * machine tells every key anew by the one that knows it.
     */
    default boolean common(F fact) {
        return false;
    }

    /**
     * The same machine where these common facts are known, instead of those it knew. Of what happened before a common fact it
     * says the same with and without it, so that a key without a fact from that time on need not be told anew.
     *
     * @param common sorted by time, then id, each once
     */
    default Machine<F, O> knowing(List<F> common) {
        return this;
    }

    /** How many words {@link #mark} has. */
    default int marks() {
        return 0;
    }

    /** What the machine wants to know of a fact without looking at it; {@link Facts} keeps it beside. */
    default long mark(F fact, int word) {
        throw new UnsupportedOperationException("no marks");
    }

    /**
     * Tells to which groups belongs what was summed in one. By itself a group is its own; a machine whose sums count alike in
     * many groups may sum them in one of its own making, and tell here, once for all that was added up, where they count: at
     * once, or in another of its making, which is then added up and spread in turn.
     */
    default void spread(String group, Sums sums, BiConsumer<String, Sums> out) {
        out.accept(group, sums);
    }

    /**
     * The version of what it says: higher where it says otherwise of the same facts than state may remember. A key of before
     * says what it said in its {@link Step#version} when it takes it back.
     */
    default int version() {
        return 0;
    }

    /** Whether keys of an older {@link #version} must say themselves anew when a job goes on; else when they change. */
    default boolean saysAnew() {
        return false;
    }

    /** Whether a key may be sealed when nothing was heard of it for long, see {@link Horizon}; not where it serves others. */
    default boolean seals() {
        return true;
    }

    /** Most facts of one key; over it the earliest are kept and the key is marked truncated. */
    default int limit() {
        return 10_000;
    }
}
