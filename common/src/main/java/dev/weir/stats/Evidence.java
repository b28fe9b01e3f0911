package dev.weir.stats;

import java.util.Locale;

/** How much a figure stands on, as rows carry it: none, thin or enough. */
public enum Evidence {
    /** Nothing was seen. */
    NONE,
    /** Too few to rely on. */
    THIN,
    /** As many as the figure needs. */
    ENOUGH;

    /** Values a median needs. */
    public static final int MEDIAN_NEEDS = 6;
    /** Values a ninth decile needs. */
    public static final int NINTH_DECILE_NEEDS = 36;
    /** Trials a rate of a window needs; below it, look at a wider window. */
    public static final int RATE_NEEDS = 10;

    /**
     * The grade of a figure.
     *
     * @param n how many it stands on
     * @param needs how many it needs, such as {@link #MEDIAN_NEEDS}
     */
    public static Evidence of(double n, double needs) {
        if (n <= 0) {
            return NONE;
        }
        return n < needs ? THIN : ENOUGH;
    }

    /** The word in the warehouse. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
