package dev.weir.local;

/** Something of the local system did not come up, or did not stay up; the message names it, why, and its log. */
public final class Failure extends RuntimeException {
    public Failure(String message) {
        super(message);
    }

    public Failure(String message, Throwable cause) {
        super(message, cause);
    }
}
