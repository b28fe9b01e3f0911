package dev.weir.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a key in one step: a fact goes, a fact comes, time moves on.
 *
 * @param goes the fact that is no longer there, or null
 * @param comes the fact that is there from now on, or null; with {@code goes} it takes that fact's place
 * @param from deadlines up to here were due before
 * @param to deadlines up to here are due now
 */
public record Change<F>(@Nullable F goes, @Nullable F comes, long from, long to) {

    /**
     * What a machine needs to say of these facts where most speak for themselves: of those only the one that goes or comes,
     * and all that decide about others. All of them, where one of the two decides about others.
     *
     * <p>The one that goes is looked for as itself, and so is the one that comes: a record compares its last field first, so to
     * ask whether two facts of a key are equal is to compare nearly all that they have in common, for each fact of the key.
     *
     * @param alone whether a fact speaks for itself: no other depends on it, and it depends on none that speaks for itself
     */
    public List<F> concerned(List<F> facts, Predicate<F> alone) {
        if ((goes != null && !alone.test(goes)) || (comes != null && !alone.test(comes))) {
            return facts;
        }
        List<F> concerned = new ArrayList<>();
        for (F fact : facts) {
            if (fact == goes || fact == comes || !alone.test(fact)) {
                concerned.add(fact);
            }
        }
        return concerned;
    }

    /** Whether a deadline becomes due. */
    public boolean brings(long deadline) {
        return from < deadline && deadline <= to;
    }
}
