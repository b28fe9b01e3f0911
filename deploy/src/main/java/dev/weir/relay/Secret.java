package dev.weir.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a secret stands, not the secret: it is read where it is used, so a changed one counts at the next delivery.
 *
 * @param reference {@code env:NAME} of a variable or {@code file:/path} of a file that holds just the value
 */
record Secret(String reference) {
    static final String FORM = "env:NAME or file:/path";

    static boolean isReference(String text) {
        return text.matches("env:[A-Za-z_][A-Za-z0-9_]*|file:/.+");
    }

    /** The value as it is now. */
    String read() throws NotDelivered {
        String value;
        if (reference.startsWith("env:")) {
            value = System.getenv(reference.substring(4));
        } else {
            try {
                value = Files.readString(Path.of(reference.substring(5)));
            } catch (IOException failure) {
                throw new NotDelivered("cannot read the secret " + reference, failure);
            }
        }
        if (value == null || value.isBlank()) {
            throw new NotDelivered("the secret " + reference + " is not set, or empty");
        }
        return value.strip();
    }
}
