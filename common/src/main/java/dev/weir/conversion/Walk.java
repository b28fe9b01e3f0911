package dev.weir.conversion;

import dev.weir.machine.Facts;
import dev.weir.playbook.Funnel;
import java.util.Arrays;

/**
 * The attempts of one person or account at one funnel, by nine rules.
 *
 * <ol>
 *   <li>The first step-1 event opens an attempt; at one instant the lowest event id opens it.
 *   <li>A step is reached at the earliest qualifying event not before the step before it, within the funnel's limit since
 *       the start and the step's own since the step before. An optional step that is not reached is passed over.
 *   <li>Other events may lie between. {@code strict} forbids them among the events this funnel matches: one that is not the
 *       next step ends the progress. {@code any} takes the steps in any order; step k then counts attempts with at least k
 *       of them.
 *   <li>An exclusion after the start and before the attempt closes (by completion or at its deadline) removes it and frees
 *       the events after the exclusion.
 *   <li>One event serves at most one step.
 *   <li>While an attempt is open, further step-1 events join it.
 *   <li>It closes when complete or when its limit has passed.
 *   <li>The next step-1 event after that opens a new attempt; an instant touches one attempt only.
 *   <li>It belongs to the window of its start; its values are those of the event that opened it, or of its last step.
 * </ol>
 *
 * <p>One instant is a set: steps count in step order whatever the ids of their events. The greedy choice is never revisited.
 */
final class Walk {
    private final FunnelPlan plan;
    private final long[] reachedAt;
    private Facts<Observation> facts;
    /** The facts up to here are walked. */
    private int end;

    private int next;
    private boolean[] used = new boolean[1];

    // The attempt that is open, or that closed last.
    private boolean open;
    private long startedAt;
    private long closedAt;
    private int last;
    private int reached;
    private boolean stuck;
    private int opener;
    private int latest;

    Walk(FunnelPlan plan, Facts<Observation> facts) {
        this.plan = plan;
        this.facts = facts;
        this.end = facts.size();
        this.reachedAt = new long[plan.size()];
    }

    /** Begins again, with other facts and of those only the ones before a place. */
    void begin(Facts<Observation> again, int before) {
        facts = again;
        end = before;
        next = 0;
        open = false;
        reached = 0;
    }

    /** Lets the facts that were left count too; none shares its instant with one before. */
    void goesOn() {
        end = facts.size();
    }

    /** Goes on until an attempt closes, complete or at its limit; false when there is none any more. */
    boolean next() {
        return closes() || (open && close(startedAt + plan.withinMillis));
    }

    /** The same, but the attempt that is open in the end stays so. */
    boolean closes() {
        while (next < end) {
            long at = facts.time(next);
            if (open && at > startedAt + plan.withinMillis) {
                return close(startedAt + plan.withinMillis);
            }
            int from = next++;
            while (next < end && facts.time(next) == at) {
                next++;
            }
            if (next - from == 1 && !plan.matches(facts, from)) {
                continue;
            }
            if (instant(at, from, next)) {
                return close(at);
            }
        }
        return false;
    }

    /** Whether an attempt is open. */
    boolean isOpen() {
        return open;
    }

    /** How many steps of it are reached. */
    int reached() {
        return reached;
    }

    private boolean close(long at) {
        open = false;
        closedAt = at;
        return true;
    }

    /** When step 1 opened it. */
    long startedAt() {
        return startedAt;
    }

    /** When it was complete, or its limit: no event after that has a part in it. */
    long closedAt() {
        return closedAt;
    }

    /** When each step was reached, -1 where it was not; for {@code any}, when one, two, three steps were. */
    long[] reachedAt() {
        long[] times = reachedAt.clone();
        if (plan.funnel.order() == Funnel.Order.ANY) {
            // Unsigned: what was not reached comes last.
            for (int i = 1; i < times.length; i++) {
                for (int j = i; j > 0 && Long.compareUnsigned(times[j - 1], times[j]) > 0; j--) {
                    long later = times[j - 1];
                    times[j - 1] = times[j];
                    times[j] = later;
                }
            }
        }
        return times;
    }

    /** The event that opened it. */
    Observation opener() {
        return facts.get(opener);
    }

    /** The event whose values it is broken down by. */
    Observation source() {
        return facts.get(plan.funnel.breakdownFrom() == Funnel.From.FIRST ? opener : latest);
    }

    /** Lets the events of one instant count; true when they complete an attempt. */
    private boolean instant(long at, int from, int to) {
        if (to - from == 1) {
            used[0] = false;
        } else {
            used = new boolean[to - from];
        }
        if (!open) {
            int first = find(0, from, to);
            if (first < 0) {
                return false;
            }
            open(at, first, from);
        }
        advance(at, from, to);
        if (complete()) {
            return true;
        }
        if (at > startedAt && excluded(from, to)) {
            open = false;
        } else if (plan.funnel.order() == Funnel.Order.STRICT) {
            stuck |= leftOver(from, to);
        }
        return false;
    }

    private void open(long at, int fact, int from) {
        open = true;
        startedAt = at;
        Arrays.fill(reachedAt, -1);
        reachedAt[0] = at;
        last = 0;
        reached = 1;
        stuck = false;
        opener = fact;
        latest = opener;
        used[fact - from] = true;
    }

    private void advance(long at, int from, int to) {
        boolean progress = !stuck;
        while (progress) {
            progress = plan.funnel.order() == Funnel.Order.ANY ? anyStep(at, from, to) : nextStep(at, from, to);
        }
    }

    /** Reaches the next step, passing over optional ones that no event of this instant serves. */
    private boolean nextStep(long at, int from, int to) {
        for (int step = last + 1; step < plan.size(); step++) {
            if (at - reachedAt[last] <= plan.stepWithinMillis[step]) {
                int fact = find(step, from, to);
                if (fact >= 0) {
                    reach(step, at, fact, from);
                    last = step;
                    return true;
                }
            }
            if (!plan.optional[step]) {
                return false;
            }
        }
        return false;
    }

    private boolean anyStep(long at, int from, int to) {
        for (int step = 1; step < plan.size(); step++) {
            if (reachedAt[step] < 0) {
                int fact = find(step, from, to);
                if (fact >= 0) {
                    reach(step, at, fact, from);
                    return true;
                }
            }
        }
        return false;
    }

    private void reach(int step, long at, int fact, int from) {
        reachedAt[step] = at;
        reached++;
        latest = fact;
        used[fact - from] = true;
    }

    /** The event with the lowest id of this instant that serves the step and no other. */
    private int find(int step, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!used[i - from] && plan.isStep(facts, i, step)) {
                return i;
            }
        }
        return -1;
    }

    private boolean complete() {
        return plan.funnel.order() == Funnel.Order.ANY ? reached == plan.size() : last == plan.size() - 1;
    }

    private boolean excluded(int from, int to) {
        for (int i = from; i < to; i++) {
            if (plan.excludes(facts, i)) {
                return true;
            }
        }
        return false;
    }

    private boolean leftOver(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!used[i - from] && plan.matches(facts, i)) {
                return true;
            }
        }
        return false;
    }
}
