package dev.weir.relay;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A receiver did not take what it was sent; the message says why, without any secret. It is sent again. */
final class NotDelivered extends Exception {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Duration retryAfter;

    NotDelivered(String why) {
        this(why, (Duration) null);
    }

    NotDelivered(String why, Throwable cause) {
        super(why, cause);
        this.retryAfter = null;
    }

    /**
     * @param retryAfter how long the receiver asks to be left alone
     */
    NotDelivered(String why, @Nullable Duration retryAfter) {
        super(why);
        this.retryAfter = retryAfter;
    }

    @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
