package dev.weir.anomaly;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Difference;
import dev.weir.machine.Keys;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to say why a rate moved: the points of one window, who asks for them, what they are told, and the signal that
 * asked. Exactly one of the four is there.
 *
 * @param id unique at the key that keeps it
 * @param at epoch milliseconds
 */
public record Clue(
        String id,
        long at,
        @Nullable MetricPoint point,
        @Nullable Question question,
        @Nullable Answer answer,
        @Nullable Signal signal) {

    /**
     * A signal asks what the values of its series had in a window.
     *
     * @param now whether it is a window in which the rate was off, not one before
     */
    public record Question(String signalId, boolean now) {}

    /** What the values of each breakdown had in one window; none where nobody came. */
    public record Answer(boolean now, List<Share> shares) {}

    /** What one value of a breakdown had in a window. */
    public record Share(String breakdown, String value, double successes, double trials) {}

    /** A point that may tell why the whole of its series moved; null of any other. */
    public static @Nullable Clue of(MetricPoint point) {
        if (!point.kind().equals(MetricPoint.RATE) || point.breakdown().equals(SeriesMachine.TOTAL)) {
            return null;
        }
        long at = point.windowStart().toEpochMilli();
        return new Clue("p:" + Keys.join(point.breakdown(), point.value()), at, point, null, null, null);
    }

    public static Clue of(Signal signal) {
        return new Clue("s", signal.startedAt().toEpochMilli(), null, null, null, signal);
    }

    static Clue question(String signalId, Instant window, boolean now) {
        return new Clue("q:" + signalId, window.toEpochMilli(), null, new Question(signalId, now), null, null);
    }

    static Clue answer(long window, Answer answer) {
        return new Clue("a:" + window, window, null, null, answer, null);
    }

    /** Where the points of a window are kept together, whatever they are broken down by. */
    static String window(MetricPoint point) {
        return Keys.join(
                point.definition(),
                point.metric(),
                point.grain(),
                Long.toString(point.windowStart().toEpochMilli()));
    }

    /** Where it belongs: what was sent, where it was sent to; a point to its window, a signal to itself. */
    public static String key(Difference<Clue> clue) {
        Clue fact = Objects.requireNonNull(clue.fact);
        return fact.point != null ? window(fact.point) : fact.signal != null ? fact.signal.signalId() : clue.key;
    }
}
