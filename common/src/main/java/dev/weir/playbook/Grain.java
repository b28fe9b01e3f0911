package dev.weir.playbook;

import java.util.Locale;

/** How long a window is. {@link #ALL} is the whole history in one row that is never complete. */
public enum Grain {
    DAY,
    WEEK,
    MONTH,
    QUARTER,
    ALL;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The word in playbooks and tables. */
    public String word() {
        return word;
    }
}
