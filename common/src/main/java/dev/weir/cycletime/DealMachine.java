package dev.weir.cycletime;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.machine.Cell;
import dev.weir.machine.Change;
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
import java.math.BigDecimal;
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

    // What statements are named by: all that is in the key of their rows.
    private record VisitName(String pipeline, int number) {}

    private record SignalName(String pipeline, String anchor) {}

    private record DealName(String pipeline) {}

    /** How a deal stands. */
    private record Standing(
            String id,
            String pipeline,
            String stage,
            String status,
            @Nullable String dealType,
            @Nullable BigDecimal amount,
            @Nullable String currency,
            @Nullable BigDecimal amountReporting,
            @Nullable String ownerId,
            @Nullable String accountId,
            long createdAt,
            @Nullable Long closedAt,
            @Nullable String expectedClose,
            int pushCount,
            @Nullable Long stalledSince,
            @Nullable Long lastActivityAt) {}

    /** That a deal stood still, and where. */
    private record Stalled(
            String dealId,
            String stage,
            long enteredAt,
            @Nullable String ownerId,
            Standstill still) {}

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
        say(facts, null, step);
    }

    @Override
    public void say(String key, List<DealChange> facts, Change<DealChange> change, Step<DealChange> step) {
        say(facts, change, step);
    }

    /** What had ended before a change, visits and chapters, is left out: it stays as it was said. */
    private void say(List<DealChange> facts, @Nullable Change<DealChange> change, Step<DealChange> step) {
        long settled = change == null ? Long.MIN_VALUE : settled(change);
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
            long maturesAt = maturesAt(stay, stages);
            Visit visit = visit(life, stay, i + 1, stages, step.due(maturesAt));
            if (stay.exitedAt() == null || stay.exitedAt() > settled || (change != null && change.brings(maturesAt))) {
                step.state(
                        new VisitName(visit.pipeline(), visit.number()),
                        visit,
                        (before, after) -> tell(before, after, step));
            }
            if (stages != null) {
                for (Standstill still : Standstill.of(visit, limits(visit), activities, workingTime, step)) {
                    standstills.add(still);
                    step.state(
                            new SignalName(visit.pipeline(), still.anchor()),
                            new Stalled(visit.dealId(), visit.stage(), visit.enteredAt(), life.deal.ownerId, still),
                            (before, after) -> signal(stages.pipeline, after != null ? after : before, step));
                }
            }
        }
        deal(life, standstills, activities, step);
        history.say(life, standstills, settled, step);
        dealings.say(life, step);
        glances.say(life, step);
    }

    /** Up to when facts are as they were, and nothing becomes due. */
    private static long settled(Change<DealChange> change) {
        return Math.min(change.from(), Math.min(before(change.goes()), before(change.comes())));
    }

    private static long before(@Nullable DealChange fact) {
        return fact == null ? Long.MAX_VALUE : fact.occurredAt().toEpochMilli() - 1;
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

    /** {@link Step#NEVER} where the playbook does not know the stage. */
    private static long maturesAt(DealLife.Stay stay, @Nullable Stages stages) {
        Stage stage = stages == null ? null : stages.at(stay.place());
        return stage == null
                ? Step.NEVER
                : stay.enteredAt() + stage.maturesAfter().toMillis();
    }

    private Visit visit(DealLife life, DealLife.Stay stay, int number, @Nullable Stages stages, boolean mature) {
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

    private void signal(Pipeline pipeline, @Nullable Stalled stalled, Step<DealChange> step) {
        if (stalled == null) {
            return;
        }
        Standstill still = stalled.still;
        Map<String, Object> evidence = new TreeMap<>();
        evidence.put("stage", stalled.stage);
        evidence.put("deal_id", stalled.dealId);
        evidence.put("entered_at", Values.time(stalled.enteredAt));
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
                Hash.of(Signal.STALLED, pipeline.definition(), stalled.dealId, still.anchor()),
                Signal.STALLED,
                pipeline.name() + "/" + stalled.dealId,
                null,
                null,
                null,
                stalled.ownerId,
                Instant.ofEpochMilli(still.stalledAt()),
                still.until() == null ? null : Instant.ofEpochMilli(still.until()),
                null,
                Json.object(evidence),
                pipeline.definition(),
                false);
        step.row(Signal.TABLE, signal.row(step.asOf()));
    }

    private void deal(DealLife life, List<Standstill> standstills, List<DealChange> activities, Step<DealChange> step) {
        Standstill last = standstills.isEmpty() ? null : standstills.get(standstills.size() - 1);
        Long stalledSince = last == null || last.until() != null ? null : Long.valueOf(last.stalledAt());
        Long lastActivityAt = activities.isEmpty()
                ? null
                : Long.valueOf(
                        activities.get(activities.size() - 1).occurredAt().toEpochMilli());
        String pipeline = Objects.requireNonNullElse(life.deal.pipeline, "(unknown)");
        long rateDay = life.closedAt != null ? life.closedAt : newestRateDay(step);
        step.state(
                new DealName(pipeline),
                new Standing(
                        life.deal.id,
                        pipeline,
                        Stages.word(pipelines.get(pipeline), life.deal.stage),
                        life.status,
                        life.deal.dealType,
                        life.deal.amount,
                        life.deal.currency,
                        money.reporting(life.deal.amount, life.deal.currency, rateDay),
                        life.deal.ownerId,
                        life.deal.accountId,
                        life.createdAt,
                        life.closedAt,
                        life.deal.expectedClose,
                        life.pushCount,
                        stalledSince,
                        lastActivityAt),
                (before, after) -> row(after != null ? after : before, step));
    }

    private void row(@Nullable Standing deal, Step<DealChange> step) {
        if (deal == null) {
            return;
        }
        Stages stages = pipelines.get(deal.pipeline);
        step.row(
                DealTables.DEAL,
                Row.of(
                        DealTables.DEAL,
                        stages == null ? "" : stages.pipeline.definition(),
                        step.asOf(),
                        deal.id,
                        deal.pipeline,
                        deal.stage,
                        deal.status,
                        deal.dealType,
                        Values.money(deal.amount),
                        deal.currency,
                        Values.money(deal.amountReporting),
                        deal.ownerId,
                        deal.accountId,
                        Values.time(deal.createdAt),
                        Values.time(deal.closedAt),
                        deal.expectedClose,
                        Long.toString(deal.pushCount),
                        Values.time(deal.stalledSince),
                        Values.time(deal.lastActivityAt)));
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

    private void tell(@Nullable Visit before, @Nullable Visit after, Step<DealChange> step) {
        if (before == null || after == null) {
            Visit visit = Objects.requireNonNull(after != null ? after : before);
            visitRow(visit, step);
            addUp(visit, 1, step); // which takes it back where it is the one before
            return;
        }
        if (!before.tellsTheSame(after)) {
            visitRow(after, step);
        }
        if (before.standsBeside(after)) {
            addUp(before, after, step);
        } else {
            addUp(before, -1, step);
            addUp(after, 1, step);
        }
    }

    /** The groups of one grain, breakdown and value in which a visit counts. */
    private interface Adding {
        void add(String flow, String cohort, Grain grain, long window);
    }

    private void everywhere(Visit visit, Adding adding) {
        Stages stages = pipelines.get(visit.pipeline());
        if (stages == null) {
            return;
        }
        Pipeline pipeline = stages.pipeline;
        for (Grain grain : pipeline.windows()) {
            everywhere(visit, pipeline, grain, adding);
        }
        everywhere(visit, pipeline, Grain.ALL, adding);
    }

    private void everywhere(Visit visit, Pipeline pipeline, Grain grain, Adding adding) {
        long window = windows.start(grain, visit.enteredAt());
        for (int i = -1; i < visit.values().size(); i++) {
            String breakdown = i < 0 ? "(total)" : pipeline.breakdowns().get(i);
            String value = i < 0 ? "(total)" : visit.values().get(i);
            adding.add(
                    groups.of(FlowTally.KIND, pipeline, grain, breakdown, value),
                    groups.of(CohortTally.KIND, pipeline, grain, window, breakdown, value),
                    grain,
                    window);
        }
    }

    private void addUp(Visit visit, int times, Step<DealChange> step) {
        everywhere(visit, (flow, cohort, grain, window) -> {
            flowEntry(flow, window, visit, times, step);
            exit(flow, grain, window, visit, times, step);
            cohort(cohort, visit, times, step);
        });
    }

    /** What leads from one to the other where both began alike. */
    private void addUp(Visit before, Visit after, Step<DealChange> step) {
        boolean left = !Objects.equals(before.exitedAt(), after.exitedAt()) || before.exit() != after.exit();
        if (!left && before.mature() == after.mature()) {
            return;
        }
        everywhere(after, (flow, cohort, grain, window) -> {
            if (left) {
                exit(flow, grain, window, before, -1, step);
                exit(flow, grain, window, after, 1, step);
            }
            cohort(cohort, before, -1, step);
            cohort(cohort, after, 1, step);
        });
    }

    private static void flowEntry(String group, long window, Visit visit, int times, Step<DealChange> step) {
        step.sum(group, Cell.of(window / 1000, visit.part(), FlowTally.ENTERED), times);
        step.sum(
                group,
                Cell.of(window / 1000, visit.part(), FlowTally.ENTRY_OFFSETS),
                times * (visit.enteredAt() - window));
    }

    private void exit(String flow, Grain grain, long window, Visit visit, int times, Step<DealChange> step) {
        if (visit.exitedAt() != null && visit.exit() != null) {
            long left = windows.start(grain, visit.exitedAt());
            flowExit(flow, left, visit, visit.exitedAt(), visit.exit(), times, step);
            queueExit(flow, grain, window, left, visit.part(), visit.exitedAt(), times, step);
        }
    }

    private static void flowExit(
            String group, long window, Visit visit, long exitedAt, Exit exit, int times, Step<DealChange> step) {
        int part = visit.part();
        long dwell = exitedAt - visit.enteredAt();
        int bucket = LogBuckets.bucket(dwell);
        step.sum(group, Cell.of(window / 1000, part, FlowTally.EXITED), times);
        step.sum(group, Cell.of(window / 1000, part, FlowTally.EXIT_OFFSETS), times * (exitedAt - window));
        step.sum(group, Cell.of(window / 1000, part, FlowTally.kind(exit)), times);
        step.sum(group, Cell.of(window / 1000, part, Buckets.count(bucket)), times);
        step.sum(group, Cell.of(window / 1000, part, Buckets.sum(bucket)), times * dwell);
    }

    /** What tells whether a stage serves its deals in turn, and whether in batches. */
    private void queueExit(
            String group,
            Grain grain,
            long entered,
            long left,
            int part,
            long exitedAt,
            int times,
            Step<DealChange> step) {
        if (grain != Grain.ALL) {
            long before = windows.between(grain, entered, left);
            step.sum(group, Cell.of(left / 1000, part, FlowTally.fromBefore(before)), times);
        }
        if (grain == Grain.WEEK) {
            long hour = (exitedAt - left) / CohortTally.HOUR;
            step.sum(group, Cell.of(left / 1000, part, FlowTally.inHour(hour)), times);
        }
    }

    private static void cohort(String group, Visit visit, int times, Step<DealChange> step) {
        int part = visit.part();
        step.sum(group, Cell.of(CohortTally.COUNTS, part, CohortTally.ENTERED), times);
        if (visit.mature()) {
            step.sum(group, Cell.of(CohortTally.COUNTS, part, CohortTally.MATURE_ENTERED), times);
        }
        if (visit.exitedAt() == null || visit.exit() == null) {
            long hour = Math.floorDiv(visit.enteredAt(), CohortTally.HOUR);
            step.sum(group, Cell.of(CohortTally.open(hour), part, CohortTally.OPEN), times);
            step.sum(
                    group,
                    Cell.of(CohortTally.open(hour), part, CohortTally.OPEN_OFFSETS),
                    times * (visit.enteredAt() - hour * CohortTally.HOUR));
            return;
        }
        int outcome = CohortTally.outcome(visit.exit());
        if (visit.mature() && outcome >= 0) {
            step.sum(group, Cell.of(CohortTally.COUNTS, part, outcome), times);
        }
        long dwell = visit.exitedAt() - visit.enteredAt();
        int bucket = LogBuckets.bucket(dwell);
        long major = visit.exit().removed() ? CohortTally.CENSORED : CohortTally.COUNTS;
        step.sum(group, Cell.of(major, part, Buckets.count(bucket)), times);
        step.sum(group, Cell.of(major, part, Buckets.sum(bucket)), times * dwell);
        if (!visit.exit().removed()) {
            step.sum(group, Cell.of(CohortTally.way(visit.exit()), part, Buckets.count(bucket)), times);
        }
    }

    private void visitRow(Visit visit, Step<DealChange> step) {
        Stages stages = pipelines.get(visit.pipeline());
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
