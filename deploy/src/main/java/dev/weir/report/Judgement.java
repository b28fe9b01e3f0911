package dev.weir.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.playbook.Change;
import dev.weir.stats.Estimate;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a series after a change, less what became of a segment that was not changed.
 *
 * <p>Before: whole weeks that ended by the day of the change, eight at most. After: whole weeks that began on it or later, up to
 * the week of the report. Within each the weeks are put together, so weeks with many cases count for more. Shares are compared
 * by their difference, lengths and counts by their ratio. Nobody drew who was changed: whatever else differs between the
 * segments, or happened at that time, is in the number too.
 *
 * @param before of the segment, null without cases
 * @param againstBefore of the segment that was not changed, null without one
 * @param effect the difference, of a ratio its logarithm
 */
record Judgement(
        boolean isShare,
        int weeksBefore,
        int weeksAfter,
        @Nullable Side before,
        @Nullable Side after,
        @Nullable Side againstBefore,
        @Nullable Side againstAfter,
        @Nullable Estimate effect) {
    /** Cases put together: successes of trials, or events in an exposure. */
    record Side(double events, double exposure) {
        double rate() {
            return events / exposure;
        }
    }

    /** Of the points of one review. */
    static Judgement of(Change change, Template.Review review, LocalDate monday, List<? extends JsonNode> points) {
        List<? extends JsonNode> mine = points.stream()
                .filter(point -> Rows.text(point, "metric").equals(review.metric())
                        && Rows.text(point, "breakdown").equals(review.breakdown()))
                .toList();
        boolean share = mine.stream().anyMatch(point -> Rows.text(point, "kind").equals("rate"));
        boolean countable =
                mine.stream().noneMatch(point -> Rows.text(point, "kind").equals("value"));
        Side before = side(mine, review.value(), change.date(), monday, true);
        Side after = side(mine, review.value(), change.date(), monday, false);
        Side thereBefore = review.against() == null ? null : side(mine, review.against(), change.date(), monday, true);
        Side thereAfter = review.against() == null ? null : side(mine, review.against(), change.date(), monday, false);
        Estimate effect = null;
        if (countable && before != null && after != null) {
            Estimate moved = estimate(after, share).minus(estimate(before, share));
            if (review.against() == null) {
                effect = moved;
            } else if (thereBefore != null && thereAfter != null) {
                effect = moved.minus(estimate(thereAfter, share).minus(estimate(thereBefore, share)));
            }
        }
        return new Judgement(
                share,
                weeks(mine, review.value(), change.date(), monday, true),
                weeks(mine, review.value(), change.date(), monday, false),
                before,
                after,
                thereBefore,
                thereAfter,
                effect);
    }

    private static Estimate estimate(Side side, boolean share) {
        return share ? Estimate.share(side.events, side.exposure) : Estimate.logRate(side.events, side.exposure);
    }

    private static boolean belongs(JsonNode point, String value, LocalDate changed, LocalDate monday, boolean before) {
        LocalDate week = Rows.day(point, "week");
        return Rows.text(point, "value").equals(value)
                && !week.isAfter(monday)
                && (before ? !week.plusWeeks(1).isAfter(changed) : !week.isBefore(changed));
    }

    private static int weeks(
            List<? extends JsonNode> points, String value, LocalDate changed, LocalDate monday, boolean before) {
        return (int) points.stream()
                .filter(point -> belongs(point, value, changed, monday, before))
                .count();
    }

    private static @Nullable Side side(
            List<? extends JsonNode> points, String value, LocalDate changed, LocalDate monday, boolean before) {
        double events = 0;
        double exposure = 0;
        for (JsonNode point : points) {
            if (belongs(point, value, changed, monday, before)) {
                events += point.path("numerator").asDouble();
                exposure += point.path("denominator").asDouble();
            }
        }
        return exposure > 0 ? new Side(events, exposure) : null;
    }

    /** In a word, and what that means. */
    String verdict() {
        if (effect == null) {
            return "cannot be told: cases are missing on one side";
        } else if (!effect.isClear()) {
            return "cannot be told from no change";
        }
        return effect.value() > 0 ? "rose" : "fell";
    }
}
