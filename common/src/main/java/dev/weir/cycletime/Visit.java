package dev.weir.cycletime;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stay of a deal in a stage, from entry to exit.
 *
 * @param number from 1 per deal
 * @param pipeline as the deal says; may be one the playbook does not know
 * @param part the stage's place in the playbook's order, {@link Stages#UNKNOWN} or {@link Stages#BEFORE}
 * @param stage for people: its name, {@code (before history)} or {@code (unknown: id)}
 * @param anchor id of the event with which the visit began
 * @param enteredAt epoch milliseconds
 * @param exitedAt epoch milliseconds; null while it lasts
 * @param exit how it ended; null while it lasts
 * @param mature whether {@code matures_after} has passed since entry
 * @param values of the pipeline's breakdown fields at entry
 */
record Visit(
        String dealId,
        int number,
        String pipeline,
        int part,
        String stage,
        String anchor,
        long enteredAt,
        @Nullable Long exitedAt,
        @Nullable Exit exit,
        boolean mature,
        @Nullable String ownerId,
        @Nullable String accountId,
        @Nullable BigDecimal amountReporting,
        List<String> values) {

    /** Whether both are counted in the same windows, in the same stage and under the same values. */
    boolean standsBeside(Visit other) {
        return enteredAt == other.enteredAt
                && part == other.part
                && pipeline.equals(other.pipeline)
                && values.equals(other.values);
    }

    /** Whether the rows of both are alike: maturity changes none. */
    boolean tellsTheSame(Visit other) {
        return mature == other.mature ? equals(other) : ofMaturity(other.mature).equals(other);
    }

    private Visit ofMaturity(boolean now) {
        return new Visit(
                dealId,
                number,
                pipeline,
                part,
                stage,
                anchor,
                enteredAt,
                exitedAt,
                exit,
                now,
                ownerId,
                accountId,
                amountReporting,
                values);
    }
}
