package dev.weir.conversion;

import dev.weir.machine.Belonging;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A point on the way to a conversion: a touch, or the conversion itself; or what a merge says of whom a win asks. Exactly one of the
 * three is there.
 *
 * @param id unique at the key that keeps it
 * @param at epoch milliseconds
 * @param belongsTo the key to which this one was merged
 */
public record JourneyPoint(
        String id,
        long at,
        @Nullable Touch touch,
        @Nullable Conversion conversion,
        @Nullable String belongsTo) {

    /** What {@link dev.weir.machine.Merges} says, for the key it concerns; null for a refusal. */
    public static @Nullable JourneyPoint told(Belonging told) {
        return told.refused().isEmpty() && !told.root().equals(told.of())
                ? new JourneyPoint("", Long.MIN_VALUE, null, null, told.root())
                : null;
    }

    static JourneyPoint of(Touch touch) {
        return new JourneyPoint("t:" + touch.eventId(), touch.at(), touch, null, null);
    }

    static JourneyPoint of(Conversion conversion) {
        return new JourneyPoint(
                conversion.isOfDeal() ? "c:" + conversion.dealId() : "a:" + conversion.id(),
                conversion.at(),
                null,
                conversion,
                null);
    }

    /** The touch as a conversion keeps it: one for each way it came, so that one way may end and another stay. */
    static JourneyPoint by(String owner, Touch touch) {
        return new JourneyPoint("t:" + touch.eventId() + "/" + owner, touch.at(), touch.asGiven(), null, null);
    }

    /** Of two payloads of one id the lesser text counts. */
    static JourneyPoint prefer(JourneyPoint kept, JourneyPoint newcomer) {
        return newcomer.toString().compareTo(kept.toString()) < 0 ? newcomer : kept;
    }

    Conversion aConversion() {
        return Objects.requireNonNull(conversion);
    }

    Touch aTouch() {
        return Objects.requireNonNull(touch);
    }
}
