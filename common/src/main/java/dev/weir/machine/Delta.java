package dev.weir.machine;

/**
 * Differences to add to one tally.
 *
 * <p>The fields are public and there is an empty constructor for the serializer; nothing changes them after that.
 */
public final class Delta {
    /** Which tally: its kind first, then whatever names it, joined by {@link Keys#join}. */
    public String group;
    /** What to add. */
    public Sums sums;

    public Delta() {
        this("", new Sums());
    }

    public Delta(String group, Sums sums) {
        this.group = group;
        this.sums = sums;
    }

    @Override
    public String toString() {
        return group + sums;
    }
}
