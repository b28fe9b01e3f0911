package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.machine.Step;
import dev.weir.playbook.LearnedLimit;
import dev.weir.playbook.Stage;
import dev.weir.playbook.Stages;
import dev.weir.playbook.WorkingTime;
import java.io.Serializable;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
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
 * @param limit that it exceeded
 */
record Standstill(
        String anchor,
        long quietSince,
        boolean afterActivity,
        long stalledAt,
        @Nullable Long until,
        Limit limit) {

    /**
     * How long a deal may stand still.
     *
     * @param from for deals that fall quiet from then on
     * @param inWorkingTime whether it is working time of the calendar
     * @param learned whether no one set it
     */
    record Limit(long from, Duration length, boolean inWorkingTime, boolean learned) implements Serializable {

        /**
         * Those of each stage of a pipeline, in its place; none where deals may stand still for ever.
         *
         * @param published for any stage of any pipeline, in the order of their times
         */
        static List<List<Limit>> of(Stages stages, ZoneId zone, List<DealChange> published) {
            List<List<Limit>> all = new ArrayList<>();
            for (Stage stage : stages.pipeline.stages()) {
                all.add(
                        stage.stalledAfter() == null
                                ? learned(stages, stage, zone, published)
                                : List.of(
                                        new Limit(Long.MIN_VALUE, stage.stalledAfter(), stage.inWorkingTime(), false)));
            }
            return List.copyOf(all);
        }

        /** In the order of their times; of one instant the playbook's is the last. */
        private static List<Limit> learned(Stages stages, Stage stage, ZoneId zone, List<DealChange> published) {
            List<Limit> limits = new ArrayList<>();
            for (DealChange limit : published) {
                if (stages.pipeline.name().equals(limit.pipeline())
                        && limit.stage() != null
                        && stage.equals(stages.at(stages.place(limit.stage())))) {
                    limits.add(new Limit(
                            limit.occurredAt().toEpochMilli(), StageLimits.length(limit.properties()), false, true));
                }
            }
            for (LearnedLimit learned : stage.learned()) {
                long from = learned.from().atStartOfDay(zone).toInstant().toEpochMilli();
                limits.add(new Limit(from, learned.limit(), false, true));
            }
            limits.sort(Comparator.comparingLong(Limit::from));
            return List.copyOf(limits);
        }

        private static @Nullable Limit at(List<Limit> limits, long quietSince) {
            Limit newest = null;
            for (Limit limit : limits) {
                newest = limit.from <= quietSince ? limit : newest;
            }
            return newest;
        }

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
     * The standstills of one stay up to T, in order.
     *
     * @param limits of its stage, in order
     * @param activities of the deal, in order of time
     */
    static List<Standstill> of(
            DealLife.Stay stay,
            List<Limit> limits,
            List<DealChange> activities,
            WorkingTime time,
            Step<DealChange> step) {
        if (limits.isEmpty()) {
            return List.of();
        }
        List<Standstill> all = new ArrayList<>(0);
        Long exitedAt = stay.exitedAt();
        String anchor = stay.anchor();
        long quietSince = stay.enteredAt();
        for (int i = after(activities, quietSince); i < activities.size(); i++) {
            DealChange activity = activities.get(i);
            long at = activity.occurredAt().toEpochMilli();
            if (exitedAt != null && at >= exitedAt) {
                break;
            }
            add(all, stay, anchor, quietSince, at, limits, time, step);
            anchor = activity.eventId();
            quietSince = at;
        }
        add(all, stay, anchor, quietSince, exitedAt, limits, time, step);
        return all;
    }

    private static void add(
            List<Standstill> all,
            DealLife.Stay stay,
            String anchor,
            long quietSince,
            @Nullable Long until,
            List<Limit> limits,
            WorkingTime time,
            Step<DealChange> step) {
        Limit limit = Limit.at(limits, quietSince);
        if (limit == null) {
            return;
        }
        long stalledAt = limit.reached(quietSince, time);
        if (stalledAt < Step.NEVER - 1 && (until == null || until > stalledAt) && step.due(stalledAt + 1)) {
            all.add(new Standstill(anchor, quietSince, !anchor.equals(stay.anchor()), stalledAt, until, limit));
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
