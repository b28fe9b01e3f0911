package dev.weir.playbook;

import java.io.Serializable;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something the business changed, by whom, what it should bring, and when to look back.
 *
 * @param touches names of the funnels and pipelines whose series it may move, or of one step or stage, as
 *     {@code sales/proposal}; empty for all
 */
public record Change(
        LocalDate date,
        String what,
        @Nullable String who,
        @Nullable String expects,
        @Nullable LocalDate review,
        List<String> touches)
        implements Serializable {

    /** Whether it may move series of a funnel, pipeline, step or stage. */
    public boolean mayMove(String subject) {
        return touches.isEmpty()
                || touches.stream().anyMatch(touched -> subject.equals(touched) || subject.startsWith(touched + "/"));
    }
}
