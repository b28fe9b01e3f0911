package dev.weir.conversion;

import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Names;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import dev.weir.stats.LogBuckets;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What attempts add to their funnels. Those that began on one day with the same values are summed together, and so are those
 * of funnels that are broken down by the same fields, each funnel in parts of its own: there are few such groups, and what an
 * event means for ten funnels mostly lies in one. Into which windows and breakdowns that goes is told once for all of them, see
 * {@link #spread}.
 */
final class AttemptSums implements Serializable {
    // First parts of the groups that are spread: first to each breakdown, then to windows.
    private static final String OPENING = "opening";
    private static final String ENTRY = "entry";

    private final List<FunnelPlan> plans;
    private final Windows windows;
    private final List<Together> together = new ArrayList<>();
    /** Of each funnel with whom it is summed. */
    private final int[] with;
    /** Of each funnel the part in which its first step is summed. */
    private final int[] firstPart;

    private final Names<Opening> names = new Names<>();

    /** Funnels that are broken down by the same fields, as many as have parts beside each other. */
    private static final class Together implements Serializable {
        final List<Integer> funnels = new ArrayList<>();
        int parts;
    }

    /** Attempts that count in the same groups, of every grain and breakdown, but for their funnel. */
    private record Opening(int together, long day, @Nullable String[] values) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Opening o
                    && together == o.together
                    && day == o.day
                    && Arrays.equals(values, o.values);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * together + Long.hashCode(day)) + Arrays.hashCode(values);
        }

        String name() {
            return Keys.join(Stream.concat(
                            Stream.of(OPENING, Integer.toString(together), Long.toString(day)),
                            Stream.of(values).map(value -> Objects.requireNonNullElse(value, "")))
                    .toArray(String[]::new));
        }
    }

    AttemptSums(List<FunnelPlan> plans, Windows windows) {
        this.plans = plans;
        this.windows = windows;
        with = new int[plans.size()];
        firstPart = new int[plans.size()];
        for (int f = 0; f < plans.size(); f++) {
            with[f] = together(plans.get(f));
            Together others = together.get(with[f]);
            firstPart[f] = others.parts;
            others.funnels.add(f);
            others.parts += plans.get(f).size();
        }
    }

    /** The first with the same fields where there is room for this one. */
    private int together(FunnelPlan plan) {
        for (int t = 0; t < together.size(); t++) {
            Together others = together.get(t);
            if (plans.get(others.funnels.get(0)).isSplitAs(plan) && others.parts + plan.size() <= Cell.PARTS) {
                return t;
            }
        }
        together.add(new Together());
        return together.size() - 1;
    }

    /** Adds an attempt, or takes it away where {@code times} is -1. */
    void add(Attempt attempt, int times, Step<Observation> step) {
        String group = group(attempt);
        for (int s = 0; s < attempt.reachedAt().length; s++) {
            add(group, attempt, s, times, step);
        }
    }

    /** Adds what leads from one to the other of two that stand beside each other: of each step what differs. */
    void add(Attempt before, Attempt after, Step<Observation> step) {
        String group = group(after);
        for (int s = 0; s < after.reachedAt().length; s++) {
            if (before.reachedAt()[s] != after.reachedAt()[s]) {
                add(group, before, s, -1, step);
                add(group, after, s, 1, step);
            } else if (before.mature() != after.mature() && after.reached(s)) {
                addAge(group, before, s, -1, step);
                addAge(group, after, s, 1, step);
            }
        }
    }

    private void add(String group, Attempt attempt, int s, int times, Step<Observation> step) {
        if (!attempt.reached(s)) {
            return;
        }
        int part = firstPart[attempt.funnel()] + s;
        step.sum(group, Cell.of(0, part, FunnelTally.REACHED), times);
        addAge(group, attempt, s, times, step);
        if (s > 0) {
            long took = attempt.reachedAt()[s] - attempt.startedAt();
            int bucket = LogBuckets.bucket(took);
            step.sum(group, Cell.of(0, part, Buckets.count(bucket)), times);
            step.sum(group, Cell.of(0, part, Buckets.sum(bucket)), times * took);
        }
    }

    /** The mature are counted, the young by when they started. */
    private void addAge(String group, Attempt attempt, int s, int times, Step<Observation> step) {
        int part = firstPart[attempt.funnel()] + s;
        long cell = attempt.mature()
                ? Cell.of(0, part, FunnelTally.MATURE_REACHED)
                : Cell.of(attempt.cohort(), part, FunnelTally.YOUNG);
        step.sum(group, cell, times);
    }

    /** The one group in which an attempt is summed. */
    private String group(Attempt attempt) {
        long day = windows.start(Grain.DAY, attempt.startedAt());
        @Nullable String[] values = plans.get(attempt.funnel()).split(attempt.source());
        return names.of(new Opening(with[attempt.funnel()], day, values), Opening::name);
    }

    /** Tells where sums count: under the value of each breakdown, and that in the windows in which the attempts began. */
    void spread(String group, Sums sums, BiConsumer<String, Sums> out) {
        List<String> name = Keys.split(group);
        switch (name.get(0)) {
            case OPENING -> spreadByValue(name, sums, out);
            case ENTRY -> spreadInWindows(name, sums, out);
            default -> out.accept(group, sums);
        }
    }

    private void spreadByValue(List<String> opening, Sums sums, BiConsumer<String, Sums> out) {
        FunnelPlan plan =
                plans.get(together.get(Integer.parseInt(opening.get(1))).funnels.get(0));
        List<String> values = plan.values(opening.subList(3, opening.size()));
        out.accept(Keys.join(ENTRY, opening.get(1), opening.get(2), "(total)", "(total)"), sums);
        for (int b = 0; b < plan.breakdowns.length; b++) {
            out.accept(Keys.join(ENTRY, opening.get(1), opening.get(2), plan.breakdowns[b], values.get(b)), sums);
        }
    }

    private void spreadInWindows(List<String> entry, Sums sums, BiConsumer<String, Sums> out) {
        Together of = together.get(Integer.parseInt(entry.get(1)));
        Sums[] each = each(of, sums);
        for (int i = 0; i < each.length; i++) {
            if (!each[i].isZero()) {
                spread(plans.get(of.funnels.get(i)).funnel, entry, each[i], out);
            }
        }
    }

    /** The sums of each funnel, in the parts that are its steps. */
    private Sums[] each(Together of, Sums sums) {
        int[] whose = new int[of.parts];
        Sums[] each = new Sums[of.funnels.size()];
        for (int i = 0; i < each.length; i++) {
            int first = firstPart[of.funnels.get(i)];
            Arrays.fill(whose, first, first + plans.get(of.funnels.get(i)).size(), i);
            each[i] = new Sums();
        }
        for (int i = 0; i < sums.size; i++) {
            long cell = sums.cells[i];
            int funnel = whose[Cell.part(cell)];
            int step = Cell.part(cell) - firstPart[of.funnels.get(funnel)];
            each[funnel].add(Cell.of(Cell.major(cell), step, Cell.measure(cell)), sums.amounts[i]);
        }
        return each;
    }

    private void spread(Funnel funnel, List<String> entry, Sums sums, BiConsumer<String, Sums> out) {
        long day = Long.parseLong(entry.get(2));
        Sums history = sums.copy();
        for (Grain grain : funnel.windows()) {
            long window = windows.start(grain, day);
            out.accept(group(funnel, grain, window, entry), sums);
            if (window >= 0) {
                long entered = sums.get(Cell.of(0, 0, FunnelTally.REACHED));
                history.add(
                        Cell.of(FunnelTally.window(window), FunnelTally.part(grain), FunnelTally.ENTERED_IN), entered);
            }
        }
        out.accept(group(funnel, Grain.ALL, Windows.BEGINNING, entry), history);
    }

    private static String group(Funnel funnel, Grain grain, long window, List<String> entry) {
        return FunnelTally.group(funnel, grain, Long.toString(window), entry.get(3), entry.get(4));
    }
}
