package dev.weir.cycletime;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of a deal's history in which nothing that its row says changed: how it stood from one instant to the next. Chapters
 * follow each other without gap or overlap, from the deal's creation on.
 *
 * @param from epoch milliseconds
 * @param to epoch milliseconds; null for the last
 * @param stage for people
 * @param stalledSince when its stage's limit was reached; null when it does not stand still
 * @param pot what it is to the pipeline
 * @param before what it was to the pipeline before; null for the first
 */
record Chapter(
        String dealId,
        long from,
        @Nullable Long to,
        String stage,
        @Nullable String dealType,
        @Nullable BigDecimal amount,
        @Nullable String currency,
        @Nullable String ownerId,
        @Nullable String accountId,
        long createdAt,
        @Nullable Long closedAt,
        int pushCount,
        @Nullable Long stalledSince,
        Pot pot,
        @Nullable Pot before) {

    /**
     * What a deal is to its pipeline.
     *
     * @param status open, won, lost, deleted or merged
     * @param amount in the reporting currency, at the rate of the day on which it was said, of a closed deal at that of the close
     * @param expectedClose ISO date; null where no one said
     */
    record Pot(
            String pipeline,
            String status,
            @Nullable BigDecimal amount,
            @Nullable String expectedClose) {}

    /** Whether both are the same to the pipeline. */
    boolean countsLike(Chapter other) {
        return from == other.from
                && Objects.equals(to, other.to)
                && pot.equals(other.pot)
                && Objects.equals(before, other.before);
    }

    /** The same parted where a standstill begins or ends. */
    List<Chapter> parted(List<Standstill> standstills) {
        if (standstills.isEmpty()) {
            return List.of(this);
        }
        List<Chapter> parts = new ArrayList<>();
        long end = to == null ? Long.MAX_VALUE : to;
        long at = from;
        for (Standstill still : standstills) {
            long begins = still.stalledAt() + 1;
            long ends = still.until() == null ? Long.MAX_VALUE : still.until();
            if (ends <= at || begins >= Math.min(end, ends)) {
                continue;
            }
            if (begins > at) {
                parts.add(part(parts, at, begins, null));
                at = begins;
            }
            parts.add(part(parts, at, Math.min(ends, end), still.stalledAt()));
            at = Math.min(ends, end);
        }
        if (at < end) {
            parts.add(part(parts, at, end, null));
        }
        return parts;
    }

    private Chapter part(List<Chapter> parts, long begins, long ends, @Nullable Long stalled) {
        return new Chapter(
                dealId,
                begins,
                ends == Long.MAX_VALUE ? null : Long.valueOf(ends),
                stage,
                dealType,
                amount,
                currency,
                ownerId,
                accountId,
                createdAt,
                closedAt,
                pushCount,
                stalled,
                pot,
                parts.isEmpty() ? before : pot);
    }
}
