package dev.weir.machine;

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

    /** Whether a deadline becomes due. */
    public boolean brings(long deadline) {
        return from < deadline && deadline <= to;
    }
}
