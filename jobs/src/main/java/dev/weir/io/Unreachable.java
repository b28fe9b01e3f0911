package dev.weir.io;

/** The brokers do not answer, or will not do what is needed; the message says what, where and the mend. */
public final class Unreachable extends Exception {
    Unreachable(String message, Throwable cause) {
        super(message, cause);
    }
}
