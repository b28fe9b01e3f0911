package dev.weir.playbook;

import java.io.Serializable;
import java.util.Locale;

/**
 * A rhythm the business knows a metric to have, so that the watch expects it.
 *
 * @param metric the kind of series, the first word of a metric's name: {@code win_rate}, {@code conversion} or {@code dwell}
 */
public record Season(String metric, Cycle cycle) implements Serializable {

    /** What repeats. */
    public enum Cycle {
        /** The three months of a fiscal quarter differ, as where deals are closed toward its end. */
        MONTH_OF_QUARTER;

        /** The word in playbooks. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
