package dev.weir.playbook;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a pipeline where a deal waits, or, with an outcome, the end of the way.
 *
 * @param id how the CRM names it, if not by name
 * @param aliases further names under which events speak of it
 * @param label for people; the name when the playbook gives none
 * @param stalledAfter a deal that neither moved nor was active for strictly longer is stalled; null: no such rule
 * @param requires fields a deal must have to stay here
 * @param outcome null for a stage with visits; won or lost closes the deal
 * @param maturesAfter how long after entry a visit counts in mature cohort figures
 * @param inWorkingTime whether {@code stalledAfter} is working time by the calendar
 * @param learned limits for where {@code stalledAfter} is null, in the order of their days
 * @param retired whether deals no longer come here; it keeps its place and its name for those that did
 */
public record Stage(
        String name,
        @Nullable String id,
        List<String> aliases,
        String label,
        @Nullable Duration stalledAfter,
        List<String> requires,
        @Nullable Outcome outcome,
        Duration maturesAfter,
        boolean inWorkingTime,
        List<LearnedLimit> learned,
        boolean retired)
        implements Serializable {

    /** How a deal ends. */
    public enum Outcome {
        WON,
        LOST
    }
}
