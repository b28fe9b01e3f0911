package dev.weir.conversion;

import dev.weir.playbook.Funnel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
    /** An attempt before it is known whether it is mature. */
    record Path(long startedAt, List<Long> reachedAt, List<String> values) {}

    private final FunnelPlan plan;
    private final List<Observation> facts;
    private final List<Path> paths = new ArrayList<>();

    // The open attempt.
    private boolean open;
    private long startedAt;
    private long[] reachedAt;
    private int last;
    private int reached;
    private boolean stuck;
    private @Nullable Observation opener;
    private @Nullable Observation latest;

    Walk(FunnelPlan plan, List<Observation> facts) {
        this.plan = plan;
        this.facts = facts;
        this.reachedAt = new long[plan.size()];
    }

    List<Path> paths() {
        for (int from = 0; from < facts.size(); ) {
            long at = facts.get(from).at;
            int to = from + 1;
            while (to < facts.size() && facts.get(to).at == at) {
                to++;
            }
            instant(at, from, to);
            from = to;
        }
        if (open) {
            close();
        }
        return paths;
    }

    private void instant(long at, int from, int to) {
        if (open && at > startedAt + plan.withinMillis) {
            close();
        }
        boolean[] used = to - from == 1 ? new boolean[1] : new boolean[to - from];
        if (!open) {
            int first = find(0, from, to, used);
            if (first < 0) {
                return;
            }
            open(at, first, used, from);
        }
        advance(at, from, to, used);
        if (complete()) {
            close();
        } else if (at > startedAt && excluded(from, to)) {
            open = false;
        } else if (plan.funnel.order() == Funnel.Order.STRICT) {
            stuck |= leftOver(from, to, used);
        }
    }

    private void open(long at, int fact, boolean[] used, int from) {
        open = true;
        startedAt = at;
        Arrays.fill(reachedAt, -1);
        reachedAt[0] = at;
        last = 0;
        reached = 1;
        stuck = false;
        opener = facts.get(fact);
        latest = opener;
        used[fact - from] = true;
    }

    private void advance(long at, int from, int to, boolean[] used) {
        boolean progress = !stuck;
        while (progress) {
            progress = plan.funnel.order() == Funnel.Order.ANY
                    ? anyStep(at, from, to, used)
                    : nextStep(at, from, to, used);
        }
    }

    /** Reaches the next step, passing over optional ones that no event of this instant serves. */
    private boolean nextStep(long at, int from, int to, boolean[] used) {
        for (int step = last + 1; step < plan.size(); step++) {
            if (at - reachedAt[last] <= plan.stepWithinMillis[step]) {
                int fact = find(step, from, to, used);
                if (fact >= 0) {
                    reach(step, at, fact, used, from);
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

    private boolean anyStep(long at, int from, int to, boolean[] used) {
        for (int step = 1; step < plan.size(); step++) {
            if (reachedAt[step] < 0) {
                int fact = find(step, from, to, used);
                if (fact >= 0) {
                    reach(step, at, fact, used, from);
                    return true;
                }
            }
        }
        return false;
    }

    private void reach(int step, long at, int fact, boolean[] used, int from) {
        reachedAt[step] = at;
        reached++;
        latest = facts.get(fact);
        used[fact - from] = true;
    }

    /** The event with the lowest id of this instant that serves the step and no other. */
    private int find(int step, int from, int to, boolean[] used) {
        for (int i = from; i < to; i++) {
            if (!used[i - from] && plan.isStep(facts.get(i), step)) {
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
            if (plan.excludes(facts.get(i))) {
                return true;
            }
        }
        return false;
    }

    private boolean leftOver(int from, int to, boolean[] used) {
        for (int i = from; i < to; i++) {
            if (!used[i - from] && plan.matches(facts.get(i))) {
                return true;
            }
        }
        return false;
    }

    private void close() {
        open = false;
        List<Long> times = new ArrayList<>(plan.size());
        for (long time : reachedAt) {
            times.add(time);
        }
        if (plan.funnel.order() == Funnel.Order.ANY) {
            times.removeIf(time -> time < 0);
            Collections.sort(times);
            while (times.size() < plan.size()) {
                times.add(-1L);
            }
        }
        paths.add(new Path(startedAt, times, values()));
    }

    private List<String> values() {
        Observation source = plan.funnel.breakdownFrom() == Funnel.From.FIRST ? opener : latest;
        List<String> values = new ArrayList<>(plan.fields.length);
        for (int field : plan.fields) {
            String value = source == null ? null : source.values[field];
            values.add(Objects.requireNonNullElse(value, "(unknown)"));
        }
        return values;
    }
}
