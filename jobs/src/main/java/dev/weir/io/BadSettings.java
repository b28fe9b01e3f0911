package dev.weir.io;

import java.util.List;

/** Settings that cannot be used: one {@code file:line: what is wrong, and the mend} a line. */
public final class BadSettings extends RuntimeException {
    BadSettings(List<String> faults) {
        super(String.join("\n", faults));
    }
}
