package dev.weir.conversion;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One way of a person or account into a funnel.
 *
 * <p>Two are equal when they say the same, whatever the ids of the events behind them.
 *
 * @param funnel which of the playbook's
 * @param number from 1 per person and funnel
 * @param startedAt when step 1 opened it, epoch milliseconds
 * @param cohort those who started at about the same time, see {@link FunnelTally#cohort}
 * @param reachedAt when each step was reached, -1 for one that was not; for {@code any} in the order of time
 * @param mature whether the funnel's {@code within} has passed since the start, complete or not
 * @param truncated whether the person has more events than are kept, so that the latest may be missing here
 * @param opener the event that opened it
 * @param source the event that gives the values it is broken down by
 */
record Attempt(
        int funnel,
        int number,
        long startedAt,
        long cohort,
        long[] reachedAt,
        boolean mature,
        boolean truncated,
        Observation opener,
        Observation source) {

    /** The same before it was mature. */
    Attempt young() {
        return new Attempt(funnel, number, startedAt, cohort, reachedAt, false, truncated, opener, source);
    }

    boolean reached(int step) {
        return reachedAt[step] >= 0;
    }

    /** How many steps were reached, or, where steps follow an order, the number of the last that was. */
    int lastReached() {
        int last = reachedAt.length;
        while (reachedAt[last - 1] < 0) {
            last--;
        }
        return last;
    }

    /** When the last step of the funnel was reached; null when it was not. */
    @Nullable Long completedAt() {
        long last = reachedAt[reachedAt.length - 1];
        return last < 0 ? null : last;
    }

    /** Whether both are counted in the same windows and under the same values. */
    boolean standsBeside(Attempt other) {
        return startedAt == other.startedAt && Arrays.equals(source.values, other.source.values);
    }

    /** Whether the rows of both are alike: time alone changes none. */
    boolean tellsTheSame(Attempt other) {
        return standsBeside(other)
                && truncated == other.truncated
                && Arrays.equals(reachedAt, other.reachedAt)
                && Arrays.equals(opener.values, other.opener.values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attempt a
                && funnel == a.funnel
                && number == a.number
                && mature == a.mature
                && tellsTheSame(a);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * funnel + number) + Long.hashCode(startedAt);
    }

    @Override
    public String toString() {
        return funnel + "#" + number + Arrays.toString(reachedAt);
    }
}
