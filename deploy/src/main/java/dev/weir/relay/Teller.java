package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.io.AlertFeed.Place;
import dev.weir.io.DeliveryLog.Told;
import dev.weir.machine.Hash;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Speaks to one receiver. */
interface Teller extends AutoCloseable {
    /**
     * Something to tell.
     *
     * @param before what was told before; null when nothing was
     * @param longest the deals that wait longest there, as it is when it is told
     */
    record Message(Alert alert, Place place, @Nullable Told before, List<Longest.Deal> longest) {
        Message(Alert alert, Place place, @Nullable Told before) {
            this(alert, place, before, List.of());
        }

        /**
         * The same for the same words about the same alert, however often they are sent; another one for any others. Where a
         * record stands is known again after any crash, how often something was tried is not.
         */
        String key() {
            return Hash.of(
                    alert.alertId(), place.topic(), Integer.toString(place.partition()), Long.toString(place.offset()));
        }

        /** Greater for what was said later of an alert. */
        long revision() {
            return place.offset();
        }

        Change change() {
            return Change.between(before == null ? null : before.alert(), alert);
        }
    }

    /**
     * Tells it, once or, when it cannot be known whether the receiver took it, once more later.
     *
     * @return how the receiver calls it; empty where it has no name
     */
    String tell(Message message, Instant now) throws NotDelivered;

    /** Whether details are told too; else news only. */
    default boolean hearsDetails() {
        return true;
    }

    /** How often what stands is told again; zero for never. */
    default Duration repeat() {
        return Duration.ZERO;
    }

    /** Tells again what stands. */
    default void repeat(List<Alert> standing, Instant now) throws NotDelivered {}

    @Override
    default void close() {}
}
