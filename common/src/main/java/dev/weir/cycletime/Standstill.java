package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.machine.Step;
import dev.weir.playbook.WorkingTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A time in which a deal stood still: neither a stage change nor a two-way activity for strictly longer than its stage allows.
 * All times are epoch milliseconds.
 *
 * @param anchor id of the event after which nothing happened: the visit's first, or an activity
 * @param quietSince when that was
 * @param afterActivity whether it was an activity
 * @param stalledAt when the limit was reached; at exactly that instant the deal is not stalled yet
 * @param until when it moved or was active again; null while it stands still
 */
record Standstill(
        String anchor,
        long quietSince,
        boolean afterActivity,
        long stalledAt,
        @Nullable Long until) {

    /**
     * How long a deal may stand still.
     *
     * @param inWorkingTime whether it is working time of the calendar
     */
    record Limit(Duration length, boolean inWorkingTime) {

        /** For people: so many business days or hours. */
        String words(Duration workingDay) {
            long days = length.toMillis() / workingDay.toMillis();
            return length.equals(workingDay.multipliedBy(days))
                    ? days + " business day" + (days == 1 ? "" : "s")
                    : length.toHours() + " business hours";
        }

        /** The last instant at which it is not exceeded: working time may pause between reaching and exceeding it. */
        private long reached(long quietSince, WorkingTime time) {
            return inWorkingTime ? time.after(quietSince, length.toMillis() + 1) - 1 : quietSince + length.toMillis();
        }
    }

    /**
     * The standstills of one visit up to T, in order.
     *
     * @param activities of the deal, in order of time
     */
    static List<Standstill> of(
            Visit visit, Limit limit, List<DealChange> activities, WorkingTime time, Step<DealChange> step) {
        List<Standstill> all = new ArrayList<>();
        Long exitedAt = visit.exitedAt();
        String anchor = visit.anchor();
        long quietSince = visit.enteredAt();
        for (DealChange activity : activities.subList(after(activities, quietSince), activities.size())) {
            long at = activity.occurredAt().toEpochMilli();
            if (exitedAt != null && at >= exitedAt) {
                break;
            }
            add(all, visit, anchor, quietSince, at, limit, time, step);
            anchor = activity.eventId();
            quietSince = at;
        }
        add(all, visit, anchor, quietSince, exitedAt, limit, time, step);
        return all;
    }

    private static void add(
            List<Standstill> all,
            Visit visit,
            String anchor,
            long quietSince,
            @Nullable Long until,
            Limit limit,
            WorkingTime time,
            Step<DealChange> step) {
        long stalledAt = limit.reached(quietSince, time);
        if (stalledAt < Step.NEVER - 1 && (until == null || until > stalledAt) && step.due(stalledAt + 1)) {
            all.add(new Standstill(anchor, quietSince, !anchor.equals(visit.anchor()), stalledAt, until));
        }
    }

    /** Index of the first activity after an instant. */
    private static int after(List<DealChange> activities, long instant) {
        int low = 0;
        int high = activities.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (activities.get(middle).occurredAt().toEpochMilli() <= instant) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
