package dev.weir.alert;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Delivery} hears of: an alert that the desk raised, or what a person said. One of both is there.
 *
 * @param id unique among the facts of a key
 * @param at when it happened
 */
public record DeskFact(
        String id,
        Instant at,
        @Nullable Alert alert,
        @Nullable DeskEntry entry) {

    public static DeskFact of(Alert alert) {
        return new DeskFact("a:" + alert.alertId(), alert.startedAt(), alert, null);
    }

    public static DeskFact of(DeskEntry entry) {
        return new DeskFact("e:" + entry.entryId(), entry.occurredAt(), null, entry);
    }
}
