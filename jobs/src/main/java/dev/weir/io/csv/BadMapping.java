package dev.weir.io.csv;

/** A mapping that cannot be used: the message names file, line, what is wrong and the mend. */
public final class BadMapping extends RuntimeException {
    public BadMapping(String message) {
        super(message);
    }
}
