package dev.weir.local;

import org.jspecify.annotations.Nullable;

/** Refused before anything started: usage, settings, playbook, a missing file. The message says what, where and the mend. */
public final class Refused extends RuntimeException {
    public Refused(String message) {
        super(message);
    }

    public Refused(@Nullable String message, Throwable cause) {
        super(message == null ? cause.toString() : message, cause);
    }
}
