package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Names;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import dev.weir.stats.LogBuckets;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * What visits add to flow and cohort. Those that began on one day with the same values are summed together, by the days on
 * which they ended; into which windows of each grain and breakdown that goes follows from the days, and is told once for all
 * of them, see {@link #spread}.
 */
final class VisitSums implements Serializable {
    // First parts of the groups that are spread.
    private static final String FLOWS = "visit-flows";
    private static final String COHORTS = "visit-cohorts";

    private final Windows windows;
    private final Map<String, List<Counted>> counted = new HashMap<>();
    private final Names<Opening> flows = new Names<>();
    private final Names<Opening> cohorts = new Names<>();

    /** Where the visits of a pipeline count: in one grain by each of its fields, all together first. */
    private record Counted(Grain grain, List<Groups> flow, List<Groups> cohort) implements Serializable {}

    /** Visits that count in the same windows and values, but for when they end. */
    private record Opening(String pipeline, long day, List<String> values) {
        String name(String kind) {
            List<String> parts = new ArrayList<>(List.of(kind, pipeline, Long.toString(day)));
            parts.addAll(values);
            return Keys.join(parts.toArray(String[]::new));
        }
    }

    VisitSums(Playbook playbook) {
        windows = Windows.of(playbook);
        for (Pipeline pipeline : playbook.pipelines()) {
            List<Counted> all = new ArrayList<>();
            for (Grain grain : Groups.grains(pipeline)) {
                all.add(new Counted(
                        grain,
                        Groups.of(FlowTally.KIND, pipeline, grain, pipeline.breakdowns()),
                        Groups.of(CohortTally.KIND, pipeline, grain, pipeline.breakdowns())));
            }
            counted.put(pipeline.name(), all);
        }
    }

    /** Adds a visit, or takes it away where {@code times} is -1. */
    void add(Visit visit, int times, Step<DealChange> step) {
        if (counted.containsKey(visit.pipeline())) {
            Opening opening = opening(visit);
            String flow = flow(opening);
            long day = opening.day / 1000;
            step.sum(flow, Cell.of(day, visit.part(), FlowTally.ENTERED), times);
            step.sum(
                    flow,
                    Cell.of(day, visit.part(), FlowTally.ENTRY_OFFSETS),
                    times * (visit.enteredAt() - opening.day));
            exit(flow, visit, times, step);
            String cohort = cohort(opening);
            step.sum(cohort, Cell.of(CohortTally.COUNTS, visit.part(), CohortTally.ENTERED), times);
            fate(cohort, visit, times, step);
        }
    }

    /** Adds what leads from one to the other where both began alike. */
    void add(Visit before, Visit after, Step<DealChange> step) {
        boolean left = !Objects.equals(before.exitedAt(), after.exitedAt()) || before.exit() != after.exit();
        if ((!left && before.mature() == after.mature()) || !counted.containsKey(after.pipeline())) {
            return;
        }
        Opening opening = opening(after);
        String cohort = cohort(opening);
        if (left) {
            String flow = flow(opening);
            exit(flow, before, -1, step);
            exit(flow, after, 1, step);
            fate(cohort, before, -1, step);
            fate(cohort, after, 1, step);
        } else {
            maturity(cohort, before, -1, step);
            maturity(cohort, after, 1, step);
        }
    }

    private Opening opening(Visit visit) {
        return new Opening(visit.pipeline(), windows.start(Grain.DAY, visit.enteredAt()), visit.values());
    }

    private String flow(Opening opening) {
        return flows.of(opening, o -> o.name(FLOWS));
    }

    private String cohort(Opening opening) {
        return cohorts.of(opening, o -> o.name(COHORTS));
    }

    private void exit(String flow, Visit visit, int times, Step<DealChange> step) {
        if (visit.exitedAt() == null || visit.exit() == null) {
            return;
        }
        long at = visit.exitedAt();
        long day = windows.start(Grain.DAY, at);
        int part = visit.part();
        long dwell = at - visit.enteredAt();
        int bucket = LogBuckets.bucket(dwell);
        long hour = (at - windows.start(Grain.WEEK, at)) / CohortTally.HOUR;
        step.sum(flow, Cell.of(day / 1000, part, FlowTally.EXITED), times);
        step.sum(flow, Cell.of(day / 1000, part, FlowTally.EXIT_OFFSETS), times * (at - day));
        step.sum(flow, Cell.of(day / 1000, part, FlowTally.kind(visit.exit())), times);
        step.sum(flow, Cell.of(day / 1000, part, Buckets.count(bucket)), times);
        step.sum(flow, Cell.of(day / 1000, part, Buckets.sum(bucket)), times * dwell);
        step.sum(flow, Cell.of(day / 1000, part, FlowTally.inHour(hour)), times);
    }

    /** What became of a visit, or that it lasts. */
    private static void fate(String cohort, Visit visit, int times, Step<DealChange> step) {
        int part = visit.part();
        maturity(cohort, visit, times, step);
        if (visit.exitedAt() == null || visit.exit() == null) {
            long hour = Math.floorDiv(visit.enteredAt(), CohortTally.HOUR);
            step.sum(cohort, Cell.of(CohortTally.open(hour), part, CohortTally.OPEN), times);
            step.sum(
                    cohort,
                    Cell.of(CohortTally.open(hour), part, CohortTally.OPEN_OFFSETS),
                    times * (visit.enteredAt() - hour * CohortTally.HOUR));
            return;
        }
        long dwell = visit.exitedAt() - visit.enteredAt();
        int bucket = LogBuckets.bucket(dwell);
        long major = visit.exit().removed() ? CohortTally.CENSORED : CohortTally.COUNTS;
        step.sum(cohort, Cell.of(major, part, Buckets.count(bucket)), times);
        step.sum(cohort, Cell.of(major, part, Buckets.sum(bucket)), times * dwell);
        if (!visit.exit().removed()) {
            step.sum(cohort, Cell.of(CohortTally.way(visit.exit()), part, Buckets.count(bucket)), times);
        }
    }

    private static void maturity(String cohort, Visit visit, int times, Step<DealChange> step) {
        if (visit.mature()) {
            step.sum(cohort, Cell.of(CohortTally.COUNTS, visit.part(), CohortTally.MATURE_ENTERED), times);
            int outcome = visit.exit() == null ? -1 : CohortTally.outcome(visit.exit());
            if (outcome >= 0) {
                step.sum(cohort, Cell.of(CohortTally.COUNTS, visit.part(), outcome), times);
            }
        }
    }

    /** Tells where sums count; false where they are not of visits. */
    boolean spread(String group, Sums sums, BiConsumer<String, Sums> out) {
        if (!group.startsWith(FLOWS) && !group.startsWith(COHORTS)) {
            return false;
        }
        List<String> opening = Keys.split(group);
        long day = Long.parseLong(opening.get(2));
        List<String> values = opening.subList(3, opening.size());
        boolean flow = opening.get(0).equals(FLOWS);
        for (Counted where : counted.getOrDefault(opening.get(1), List.of())) {
            long window = windows.start(where.grain, day);
            Sums inWindows = flow ? inWindows(where.grain, window, sums) : sums;
            for (int i = 0; i <= values.size(); i++) {
                String value = i == 0 ? Groups.TOTAL : values.get(i - 1);
                String to =
                        flow ? where.flow.get(i).of(value) : where.cohort.get(i).of(window, value);
                out.accept(to, inWindows);
            }
        }
        return true;
    }

    /**
     * What is summed by days in the windows of a grain.
     *
     * @param entered the window in which these visits began
     */
    private Sums inWindows(Grain grain, long entered, Sums byDay) {
        Sums sums = new Sums();
        for (int i = 0; i < byDay.size; i++) {
            long day = Cell.major(byDay.cells[i]) * 1000;
            int part = Cell.part(byDay.cells[i]);
            int measure = Cell.measure(byDay.cells[i]);
            long amount = byDay.amounts[i];
            long window = windows.start(grain, day);
            if (measure < FlowTally.inHour(0) || grain == Grain.WEEK) {
                sums.add(Cell.of(window / 1000, part, measure), amount);
            }
            if (measure == FlowTally.ENTERED) {
                sums.add(Cell.of(window / 1000, part, FlowTally.ENTRY_OFFSETS), amount * (day - window));
            } else if (measure == FlowTally.EXITED) {
                sums.add(Cell.of(window / 1000, part, FlowTally.EXIT_OFFSETS), amount * (day - window));
                if (grain != Grain.ALL) {
                    long before = windows.between(grain, entered, window);
                    sums.add(Cell.of(window / 1000, part, FlowTally.fromBefore(before)), amount);
                }
            }
        }
        return sums;
    }
}
