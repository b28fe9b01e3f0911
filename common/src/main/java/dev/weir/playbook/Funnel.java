package dev.weir.playbook;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * A way from a first to a last step, counted per person or account.
 *
 * @param definition hash of this funnel and of the zone, twelve hex digits
 * @param entity whose attempts are counted
 * @param steps 2 to 20, in order
 * @param exclude an event that holds one of these between the first and the last step removes the attempt
 * @param within from the first step to the last, at most
 * @param breakdowns fields, and pairs of fields, by whose value rows are split
 * @param breakdownFrom whose value counts: that of the event that opened the attempt, or that of its last step
 * @param windows grains beside {@link Grain#ALL}, which every funnel has
 * @param attempts whether every attempt is said as a row of its own
 */
public record Funnel(
        String name,
        String definition,
        Entity entity,
        List<FunnelStep> steps,
        Order order,
        List<String> exclude,
        Duration within,
        List<Breakdown> breakdowns,
        From breakdownFrom,
        List<Grain> windows,
        boolean attempts)
        implements Serializable {

    /** Whose attempts are counted. */
    public enum Entity {
        PERSON,
        ACCOUNT
    }

    /** How the steps may follow each other. */
    public enum Order {
        /** Other events may lie between. */
        ORDERED,
        /** No other event that this funnel matches may lie between. */
        STRICT,
        /** Every step within the window, in any order. */
        ANY
    }

    /** Which event gives the breakdown values. */
    public enum From {
        FIRST,
        LAST
    }
}
