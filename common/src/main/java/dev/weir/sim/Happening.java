package dev.weir.sim;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One event of any of the four kinds: exactly one of them is there. */
public record Happening(
        Instant occurredAt,
        String eventId,
        @Nullable Engagement engagement,
        @Nullable DealChange deal,
        @Nullable Feedback feedback,
        @Nullable EntityChange entity) {

    /** The order in which a company's events come. */
    public static final Comparator<Happening> ORDER =
            Comparator.comparing(Happening::occurredAt).thenComparing(Happening::eventId);

    /** The event, of whichever kind it is. */
    public Object event() {
        if (engagement != null) {
            return engagement;
        } else if (deal != null) {
            return deal;
        }
        return feedback != null ? feedback : Objects.requireNonNull(entity);
    }

    public static Happening of(Engagement event) {
        return new Happening(event.occurredAt(), event.eventId(), event, null, null, null);
    }

    public static Happening of(DealChange event) {
        return new Happening(event.occurredAt(), event.eventId(), null, event, null, null);
    }

    public static Happening of(Feedback event) {
        return new Happening(event.occurredAt(), event.eventId(), null, null, event, null);
    }

    public static Happening of(EntityChange event) {
        return new Happening(event.occurredAt(), event.eventId(), null, null, null, event);
    }
}
