package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.alert.Digest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What there is to tell of an alert, given what was told before. */
enum Change {
    /** It says what was told, or was taken back before anybody heard of it. */
    NONE,
    /** Figures have moved, or someone has taken it on: worth a correction, no interruption. */
    DETAIL,
    /** It is new, is another thing than it was, is worse or better, is over, or was never so. */
    NEWS;

    static Change between(@Nullable Alert told, Alert now) {
        if (told == null) {
            return isTakenBack(now) ? NONE : NEWS;
        }
        if (told.equals(now)) {
            return NONE;
        }
        if (isTakenBack(told) != isTakenBack(now)) {
            return NEWS;
        }
        if (now.kind().equals(Digest.KIND)) {
            return DETAIL; // of yesterday's deals the next digest tells
        }
        boolean same = stands(told) == stands(now)
                && told.severity().equals(now.severity())
                && told.subject().equals(now.subject())
                && Objects.equals(told.team(), now.team())
                && Objects.equals(told.breakdown(), now.breakdown())
                && Objects.equals(told.value(), now.value());
        return same ? DETAIL : NEWS;
    }

    /** Whether it goes on. */
    static boolean stands(Alert alert) {
        return !isTakenBack(alert) && !alert.status().equals(Alert.RESOLVED);
    }

    /** Whether later facts show that it was not so. */
    static boolean isTakenBack(Alert alert) {
        return alert.deleted() || alert.status().equals(Alert.RETRACTED);
    }
}
