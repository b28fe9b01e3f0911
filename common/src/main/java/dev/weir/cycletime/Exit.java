package dev.weir.cycletime;

import java.util.Locale;

/** How a visit ends. */
enum Exit {
    /** To a later stage in the playbook's order; skips count. */
    ADVANCED,
    /** To an earlier stage. */
    RETURNED,
    WON,
    LOST,
    MERGED,
    MOVED_PIPELINE,
    DELETED;

    /** The word in the warehouse. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the deal left for a reason that says nothing about the stage. */
    boolean removed() {
        return this == MERGED || this == MOVED_PIPELINE || this == DELETED;
    }
}
