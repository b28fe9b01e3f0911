package dev.weir.cycletime;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.machine.Cell;
import dev.weir.machine.Hash;
import dev.weir.machine.Json;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Values;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Money;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Rate;
import dev.weir.playbook.Stage;
import dev.weir.playbook.Stages;
import dev.weir.playbook.Windows;
import dev.weir.playbook.WorkingTime;
import dev.weir.stats.Buckets;
import dev.weir.stats.LogBuckets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the changes and activities of one deal mean: how it stands and stood, which stage visits it made, what they add to
 * flow, cohort and waterfall, and when it stood still. The rules are those of {@link DealLife} and {@link Standstill}.
 */
public final class DealMachine implements Machine<DealChange, DealChange> {
    private final Map<String, Stages> pipelines = new HashMap<>();
    /** Of each stage in its place, by pipeline. */
    private final Map<String, List<List<Standstill.Limit>>> limits = new HashMap<>();

    private final @Nullable String onlyPipeline;
    private final Groups groups = new Groups();
    private final Windows windows;
    private final Money money;
    private final WorkingTime workingTime;
    private final Duration workingDay;
    private final DealHistory history;
    private final Dealings dealings;
    private final Glances glances;

    public DealMachine(Playbook playbook) {
        for (Pipeline pipeline : playbook.pipelines()) {
            pipelines.put(pipeline.name(), new Stages(pipeline));
            limits.put(
                    pipeline.name(),
                    pipeline.stages().stream()
                            .map(stage -> Standstill.Limit.of(stage, playbook.zone()))
                            .toList());
        }
        onlyPipeline =
                playbook.pipelines().size() == 1 ? playbook.pipelines().get(0).name() : null;
        windows = Windows.of(playbook);
        money = Money.of(playbook);
        workingTime = WorkingTime.of(playbook);
        workingDay = playbook.calendar().workingDay();
        history = new DealHistory(playbook, pipelines);
        dealings = new Dealings(playbook, pipelines);
        glances = new Glances(playbook, pipelines);
    }

    @Override
    public String id(DealChange fact) {
        return fact.eventId();
    }

    @Override
    public long time(DealChange fact) {
        return fact.occurredAt().toEpochMilli();
    }

    @Override
    public DealChange prefer(DealChange kept, DealChange newcomer) {
        return newcomer.canonical().compareTo(kept.canonical()) < 0 ? newcomer : kept;
    }

    @Override
    public void say(String key, List<DealChange> facts, Step<DealChange> step) {
        List<DealChange> activities = only(facts, true);
        List<DealChange> changes = activities.isEmpty() ? facts : only(facts, false);
        if (changes.isEmpty()) {
            return; // there were meetings, but no one has said what the deal is
        }
        DealLife life = new DealLife(changes.get(0).dealId(), changes, pipelines, onlyPipeline);
        List<Standstill> standstills = new ArrayList<>();
        for (int i = 0; i < life.stays.size(); i++) {
            DealLife.Stay stay = life.stays.get(i);
            Stages stages = pipelines.get(stay.pipeline());
            Visit visit = visit(life, stay, i + 1, stages, step);
            step.state(visit, () -> tell(visit, step));
            if (stages != null) {
                for (Standstill still : Standstill.of(visit, limits(visit), activities, workingTime, step)) {
                    standstills.add(still);
                    signal(life, visit, still, stages, step);
                }
            }
        }
        dealRow(life, standstills, activities, step);
        history.say(life, standstills, step);
        dealings.say(life, step);
        glances.say(life, step);
    }

    private static List<DealChange> only(List<DealChange> facts, boolean activities) {
        List<DealChange> only = new ArrayList<>();
        for (DealChange fact : facts) {
            if (fact.isActivity() == activities) {
                only.add(fact);
            }
        }
        return only;
    }

    private List<Standstill.Limit> limits(Visit visit) {
        List<List<Standstill.Limit>> ofStages = limits.getOrDefault(visit.pipeline(), List.of());
        return visit.part() < ofStages.size() ? ofStages.get(visit.part()) : List.of();
    }

    private Visit visit(DealLife life, DealLife.Stay stay, int number, @Nullable Stages stages, Step<DealChange> step) {
        Stage stage = stages == null ? null : stages.at(stay.place());
        boolean mature = stage != null
                && step.due(stay.enteredAt() + stage.maturesAfter().toMillis());
        return new Visit(
                life.deal.id,
                number,
                stay.pipeline(),
                stay.place(),
                stages == null || stay.place() == Stages.UNKNOWN
                        ? stay.place() == Stages.BEFORE
                                ? "(before history)"
                                : "(unknown: " + Objects.requireNonNullElse(stay.stage(), "") + ")"
                        : stages.word(stay.place()),
                stay.anchor(),
                stay.enteredAt(),
                stay.exitedAt(),
                stay.exit(),
                mature,
                stay.ownerId(),
                stay.accountId(),
                money.reporting(stay.amount(), stay.currency(), stay.enteredAt()),
                stay.values());
    }

    private void signal(DealLife life, Visit visit, Standstill still, Stages stages, Step<DealChange> step) {
        Map<String, Object> evidence = new TreeMap<>();
        evidence.put("stage", visit.stage());
        evidence.put("deal_id", visit.dealId());
        evidence.put("entered_at", Values.time(visit.enteredAt()));
        evidence.put("stalled_after_seconds", still.limit().length().toSeconds());
        if (still.limit().inWorkingTime()) {
            evidence.put("allowed", still.limit().words(workingDay));
        }
        if (still.limit().learned()) {
            evidence.put("learned", true);
        }
        if (still.afterActivity()) {
            evidence.put("last_activity_at", Values.time(still.quietSince()));
        }
        Signal signal = new Signal(
                Hash.of(Signal.STALLED, stages.pipeline.definition(), visit.dealId(), still.anchor()),
                Signal.STALLED,
                visit.pipeline() + "/" + visit.dealId(),
                null,
                null,
                null,
                life.deal.ownerId,
                Instant.ofEpochMilli(still.stalledAt()),
                still.until() == null ? null : Instant.ofEpochMilli(still.until()),
                null,
                Json.object(evidence),
                stages.pipeline.definition(),
                false);
        step.row(Signal.TABLE, signal.row(step.asOf()));
    }

    private void dealRow(
            DealLife life, List<Standstill> standstills, List<DealChange> activities, Step<DealChange> step) {
        Standstill last = standstills.isEmpty() ? null : standstills.get(standstills.size() - 1);
        Long stalledSince = last == null || last.until() != null ? null : Long.valueOf(last.stalledAt());
        Long lastActivityAt = activities.isEmpty()
                ? null
                : Long.valueOf(
                        activities.get(activities.size() - 1).occurredAt().toEpochMilli());
        String pipeline = Objects.requireNonNullElse(life.deal.pipeline, "(unknown)");
        Stages stages = pipelines.get(pipeline);
        long rateDay = life.closedAt != null ? life.closedAt : newestRateDay(step);
        step.row(
                DealTables.DEAL,
                Row.of(
                        DealTables.DEAL,
                        stages == null ? "" : stages.pipeline.definition(),
                        step.asOf(),
                        life.deal.id,
                        pipeline,
                        Stages.word(stages, life.deal.stage),
                        life.status,
                        life.deal.dealType,
                        Values.money(life.deal.amount),
                        life.deal.currency,
                        Values.money(money.reporting(life.deal.amount, life.deal.currency, rateDay)),
                        life.deal.ownerId,
                        life.deal.accountId,
                        Values.time(life.createdAt),
                        Values.time(life.closedAt),
                        life.deal.expectedClose,
                        Long.toString(life.pushCount),
                        Values.time(stalledSince),
                        Values.time(lastActivityAt)));
    }

    /** The newest day on which rates changed, up to T: an open deal is worth what it is worth now. */
    private long newestRateDay(Step<DealChange> step) {
        long newest = Long.MIN_VALUE / 2;
        for (Rate rate : money.rates()) {
            long from = money.from(rate);
            if (step.due(from)) {
                newest = Math.max(newest, from);
            }
        }
        return Math.max(newest, 0);
    }

    private void tell(Visit visit, Step<DealChange> step) {
        Stages stages = pipelines.get(visit.pipeline());
        visitRow(visit, stages, step);
        if (stages == null) {
            return;
        }
        Pipeline pipeline = stages.pipeline;
        addUp(visit, pipeline, "(total)", "(total)", step);
        for (int i = 0; i < visit.values().size(); i++) {
            addUp(visit, pipeline, pipeline.breakdowns().get(i), visit.values().get(i), step);
        }
    }

    private void addUp(Visit visit, Pipeline pipeline, String breakdown, String value, Step<DealChange> step) {
        for (Grain grain : pipeline.windows()) {
            addUp(visit, pipeline, grain, breakdown, value, step);
        }
        addUp(visit, pipeline, Grain.ALL, breakdown, value, step);
    }

    private void addUp(
            Visit visit, Pipeline pipeline, Grain grain, String breakdown, String value, Step<DealChange> step) {
        long window = windows.start(grain, visit.enteredAt());
        String flow = groups.of(FlowTally.KIND, pipeline, grain, breakdown, value);
        flowEntry(flow, window, visit, step);
        if (visit.exitedAt() != null && visit.exit() != null) {
            long left = windows.start(grain, visit.exitedAt());
            flowExit(flow, left, visit, visit.exitedAt(), visit.exit(), step);
            queueExit(flow, grain, window, left, visit.part(), visit.exitedAt(), step);
        }
        cohort(groups.of(CohortTally.KIND, pipeline, grain, window, breakdown, value), visit, step);
    }

    private static void flowEntry(String group, long window, Visit visit, Step<DealChange> step) {
        step.sum(group, Cell.of(window / 1000, visit.part(), FlowTally.ENTERED), 1);
        step.sum(group, Cell.of(window / 1000, visit.part(), FlowTally.ENTRY_OFFSETS), visit.enteredAt() - window);
    }

    private static void flowExit(
            String group, long window, Visit visit, long exitedAt, Exit exit, Step<DealChange> step) {
        int part = visit.part();
        long dwell = exitedAt - visit.enteredAt();
        int bucket = LogBuckets.bucket(dwell);
        step.sum(group, Cell.of(window / 1000, part, FlowTally.EXITED), 1);
        step.sum(group, Cell.of(window / 1000, part, FlowTally.EXIT_OFFSETS), exitedAt - window);
        step.sum(group, Cell.of(window / 1000, part, FlowTally.kind(exit)), 1);
        step.sum(group, Cell.of(window / 1000, part, Buckets.count(bucket)), 1);
        step.sum(group, Cell.of(window / 1000, part, Buckets.sum(bucket)), dwell);
    }

    /** What tells whether a stage serves its deals in turn, and whether in batches. */
    private void queueExit(
            String group, Grain grain, long entered, long left, int part, long exitedAt, Step<DealChange> step) {
        if (grain != Grain.ALL) {
            long before = windows.between(grain, entered, left);
            step.sum(group, Cell.of(left / 1000, part, FlowTally.fromBefore(before)), 1);
        }
        if (grain == Grain.WEEK) {
            long hour = (exitedAt - left) / CohortTally.HOUR;
            step.sum(group, Cell.of(left / 1000, part, FlowTally.inHour(hour)), 1);
        }
    }

    private static void cohort(String group, Visit visit, Step<DealChange> step) {
        int part = visit.part();
        step.sum(group, Cell.of(CohortTally.COUNTS, part, CohortTally.ENTERED), 1);
        if (visit.mature()) {
            step.sum(group, Cell.of(CohortTally.COUNTS, part, CohortTally.MATURE_ENTERED), 1);
        }
        if (visit.exitedAt() == null || visit.exit() == null) {
            long hour = Math.floorDiv(visit.enteredAt(), CohortTally.HOUR);
            step.sum(group, Cell.of(CohortTally.open(hour), part, CohortTally.OPEN), 1);
            step.sum(
                    group,
                    Cell.of(CohortTally.open(hour), part, CohortTally.OPEN_OFFSETS),
                    visit.enteredAt() - hour * CohortTally.HOUR);
            return;
        }
        int outcome = CohortTally.outcome(visit.exit());
        if (visit.mature() && outcome >= 0) {
            step.sum(group, Cell.of(CohortTally.COUNTS, part, outcome), 1);
        }
        long dwell = visit.exitedAt() - visit.enteredAt();
        int bucket = LogBuckets.bucket(dwell);
        long major = visit.exit().removed() ? CohortTally.CENSORED : CohortTally.COUNTS;
        step.sum(group, Cell.of(major, part, Buckets.count(bucket)), 1);
        step.sum(group, Cell.of(major, part, Buckets.sum(bucket)), dwell);
        if (!visit.exit().removed()) {
            step.sum(group, Cell.of(CohortTally.way(visit.exit()), part, Buckets.count(bucket)), 1);
        }
    }

    private void visitRow(Visit visit, @Nullable Stages stages, Step<DealChange> step) {
        Map<String, Object> breakdowns = new TreeMap<>();
        if (stages != null) {
            for (int i = 0; i < visit.values().size(); i++) {
                breakdowns.put(
                        stages.pipeline.breakdowns().get(i), visit.values().get(i));
            }
        }
        Long exitedAt = visit.exitedAt();
        step.row(
                DealTables.STAGE_VISIT,
                Row.of(
                        DealTables.STAGE_VISIT,
                        stages == null ? "" : stages.pipeline.definition(),
                        step.asOf(),
                        visit.dealId(),
                        Long.toString(visit.number()),
                        visit.pipeline(),
                        visit.stage(),
                        Values.time(visit.enteredAt()),
                        Values.time(exitedAt),
                        visit.exit() == null ? null : visit.exit().word(),
                        exitedAt == null ? null : Values.seconds(exitedAt - visit.enteredAt()),
                        exitedAt == null ? null : Values.seconds(workingTime.between(visit.enteredAt(), exitedAt)),
                        visit.ownerId(),
                        visit.accountId(),
                        Values.money(visit.amountReporting()),
                        Json.object(breakdowns)));
    }
}
