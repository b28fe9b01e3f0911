package dev.weir.conversion;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A point on the way to a won deal: a touch, or the win itself. Exactly one of the two is there.
 *
 * @param id unique at the key that keeps it
 * @param at epoch milliseconds
 */
public record JourneyPoint(
        String id, long at, @Nullable Touch touch, @Nullable Conversion conversion) {

    static JourneyPoint of(Touch touch) {
        return new JourneyPoint("t:" + touch.eventId(), touch.at(), touch, null);
    }

    static JourneyPoint of(Conversion conversion) {
        return new JourneyPoint("c:" + conversion.dealId(), conversion.at(), null, conversion);
    }

    /** The touch as a deal keeps it: one for each way it came, so that one way may end and another stay. */
    static JourneyPoint by(String owner, Touch touch) {
        return new JourneyPoint("t:" + touch.eventId() + "/" + owner, touch.at(), touch.asGiven(), null);
    }

    /** Of two payloads of one id the lesser text counts. */
    static JourneyPoint prefer(JourneyPoint kept, JourneyPoint newcomer) {
        return newcomer.toString().compareTo(kept.toString()) < 0 ? newcomer : kept;
    }

    Touch aTouch() {
        return Objects.requireNonNull(touch);
    }
}
