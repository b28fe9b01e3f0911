package dev.weir.faults;

import java.util.List;
import java.util.Locale;

/**
 * What became of one run.
 *
 * @param seconds of the whole run
 * @param caughtUp seconds from the system being whole again to every check holding
 * @param broken what does not hold; empty when it survived
 */
record Verdict(Fault fault, long seed, long seconds, long caughtUp, List<String> broken) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%-4s seed %d  %s  %d s, caught up in %d s  %s",
                fault.row(),
                seed,
                broken.isEmpty() ? "survived" : "BROKEN  ",
                seconds,
                caughtUp,
                fault.what());
    }
}
