package dev.weir.cycletime;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.machine.Change;
import dev.weir.machine.Hash;
import dev.weir.machine.Json;
import dev.weir.machine.Machine;
import dev.weir.machine.Names;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.machine.Values;
import dev.weir.playbook.Money;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import dev.weir.playbook.Stages;
import dev.weir.playbook.WorkingTime;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the changes and activities of one deal mean: how it stands and stood, which stage visits it made, what they add to
 * flow, cohort and waterfall, and when it stood still. The rules are those of {@link DealLife} and {@link Standstill}.
 */
public final class DealMachine implements Machine<DealChange, DealChange> {
    private final Map<String, Stages> pipelines = new HashMap<>();
    /** Of each stage in its place, by pipeline: how long deals may stand still. */
    private final Map<String, List<List<Standstill.Limit>>> limits = new HashMap<>();

    private final ZoneId zone;
    private final @Nullable String onlyPipeline;
    private final VisitSums sums;
    private final Money money;
    private final WorkingTime workingTime;
    private final Duration workingDay;
    private final DealHistory history;
    private final Dealings dealings;
    private final Glances glances;
    /** Starts of the days on which rates change, in epoch milliseconds. */
    private final long[] rateDays;

    private record Segment(String pipeline, List<String> values) {}

    /** What rows call the segments. */
    private final Names<Segment> breakdowns = new Names<>();

    // What statements are named by: all that is in the key of their rows.
    private record VisitName(String pipeline, int number) {}

    private record SignalName(String pipeline, String anchor) {}

    private record DealName(String pipeline) {}

    /** A life as told on one side of a change. */
    private record Told(@Nullable Change<DealChange> change, DealLife life, boolean staysWhatItIs) {}

    /** What was told before a change, until it is told what is after it. */
    private transient @Nullable Told told;

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
            limits.put(pipeline.name(), Standstill.Limit.of(new Stages(pipeline), playbook.zone(), List.of()));
        }
        zone = playbook.zone();
        onlyPipeline =
                playbook.pipelines().size() == 1 ? playbook.pipelines().get(0).name() : null;
        sums = new VisitSums(playbook);
        money = Money.of(playbook);
        rateDays = money.rates().stream().mapToLong(money::from).toArray();
        workingTime = WorkingTime.of(playbook);
        workingDay = playbook.calendar().workingDay();
        history = new DealHistory(playbook, pipelines);
        dealings = new Dealings(playbook, pipelines);
        glances = new Glances(playbook, pipelines);
    }

    /** The same with these limits for the stages of each pipeline. */
    private DealMachine(DealMachine like, Map<String, List<List<Standstill.Limit>>> limits) {
        pipelines.putAll(like.pipelines);
        this.limits.putAll(limits);
        onlyPipeline = like.onlyPipeline;
        sums = like.sums;
        money = like.money;
        rateDays = like.rateDays;
        workingTime = like.workingTime;
        workingDay = like.workingDay;
        history = like.history;
        dealings = like.dealings;
        glances = like.glances;
        zone = like.zone;
    }

    @Override
    public boolean common(DealChange fact) {
        return fact.isLimit();
    }

    /** With limits that were published, beside those of the playbook. */
    @Override
    public Machine<DealChange, DealChange> knowing(List<DealChange> published) {
        Map<String, List<List<Standstill.Limit>>> known = new HashMap<>();
        pipelines.forEach((name, stages) -> known.put(name, Standstill.Limit.of(stages, zone, published)));
        return new DealMachine(this, known);
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
    public void spread(String group, Sums summed, BiConsumer<String, Sums> out) {
        if (!sums.spread(group, summed, out) && !dealings.spread(group, summed, out)) {
            out.accept(group, summed);
        }
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
        Told now = tell(facts, change);
        if (now == null) {
            return; // there were meetings, but no one has said what the deal is
        }
        DealLife life = now.life;
        long settled = change == null ? Long.MIN_VALUE : settled(change);
        List<DealChange> activities = only(facts, true);
        List<Standstill> standstills = new ArrayList<>();
        for (int i = 0; i < life.stays.size(); i++) {
            DealLife.Stay stay = life.stays.get(i);
            Stages stages = pipelines.get(stay.pipeline());
            long maturesAt = maturesAt(stay, stages);
            boolean mature = step.due(maturesAt);
            if (stay.exitedAt() == null || stay.exitedAt() > settled || (change != null && change.brings(maturesAt))) {
                Visit visit = visit(life, stay, i + 1, stages, mature);
                step.state(
                        new VisitName(visit.pipeline(), visit.number()),
                        visit,
                        (before, after) -> tell(before, after, step));
            }
            if (stages != null) {
                for (Standstill still : Standstill.of(stay, limits(stay), activities, workingTime, step)) {
                    standstills.add(still);
                    step.state(
                            new SignalName(stay.pipeline(), still.anchor()),
                            new Stalled(life.deal.id, word(stay, stages), stay.enteredAt(), life.deal.ownerId, still),
                            (before, after) -> signal(stages.pipeline, after != null ? after : before, step));
                }
            }
        }
        deal(life, standstills, activities, step);
        history.say(life, standstills, now.staysWhatItIs ? settled : beganAt(life, settled), step);
        dealings.say(life, now.staysWhatItIs ? settled : Long.MIN_VALUE, step);
        glances.say(life, step);
    }

    /**
     * The life that these facts tell; null where none does. After a change it goes on from the life before it, where what
     * comes is the last to happen, as most is, or no change of the deal.
     */
    private @Nullable Told tell(List<DealChange> facts, @Nullable Change<DealChange> change) {
        Told before = told;
        told = null;
        if (before == null || change == null || !change.equals(before.change)) {
            DealLife life = folded(facts);
            told = life == null ? null : new Told(change, life, change != null && staysWhatItIs(life, change));
            return told;
        }
        DealChange comes = change.comes();
        boolean goesOn = change.goes() == null
                && (comes == null
                        || comes.isActivity()
                        || (comes.equals(facts.get(facts.size() - 1)) && before.life.goesOn(comes)));
        DealLife life = goesOn ? before.life : folded(facts);
        return life == null ? null : new Told(change, life, before.staysWhatItIs);
    }

    private @Nullable DealLife folded(List<DealChange> facts) {
        List<DealChange> changes = only(facts, false);
        return changes.isEmpty() ? null : new DealLife(changes.get(0).dealId(), changes, pipelines, onlyPipeline);
    }

    /** Whether a change leaves a deal in its pipeline and segments: it comes last, and is a step on or another amount or date. */
    private static boolean staysWhatItIs(DealLife before, Change<DealChange> change) {
        DealChange comes = change.comes();
        if (change.goes() != null || comes == null || comes.isActivity()) {
            return change.goes() == null;
        }
        return before.endsBefore(comes)
                && (comes.kind().equals(DealChange.STAGE_CHANGED)
                        || comes.kind().equals(DealChange.AMENDED))
                && comes.pipeline() == null
                && !DealLife.segments(comes);
    }

    /** Up to when facts are as they were, and nothing becomes due. */
    private static long settled(Change<DealChange> change) {
        return Math.min(change.from(), Math.min(before(change.goes()), before(change.comes())));
    }

    /**
     * From when on a deal was in the stay it was in at a time. Whoever changes what comes after may tell in which pipeline that
     * stay was, and so that the deal stood still long before; it begins alike on both sides of the change.
     */
    private static long beganAt(DealLife life, long time) {
        for (DealLife.Stay stay : life.stays) {
            if (stay.exitedAt() == null || stay.exitedAt() > time) {
                return Math.min(time, stay.enteredAt());
            }
        }
        return time;
    }

    private static long before(@Nullable DealChange fact) {
        return fact == null ? Long.MAX_VALUE : fact.occurredAt().toEpochMilli() - 1;
    }

    private static List<DealChange> only(List<DealChange> facts, boolean activities) {
        int found = 0;
        for (DealChange fact : facts) {
            found += fact.isActivity() == activities ? 1 : 0;
        }
        if (found == 0 || found == facts.size()) {
            return found == 0 ? List.of() : facts;
        }
        List<DealChange> only = new ArrayList<>(found);
        for (DealChange fact : facts) {
            if (fact.isActivity() == activities) {
                only.add(fact);
            }
        }
        return only;
    }

    private List<Standstill.Limit> limits(DealLife.Stay stay) {
        List<List<Standstill.Limit>> ofStages = limits.getOrDefault(stay.pipeline(), List.of());
        return stay.place() < ofStages.size() ? ofStages.get(stay.place()) : List.of();
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
                word(stay, stages),
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

    /** What a row calls the stage of a stay. */
    private static String word(DealLife.Stay stay, @Nullable Stages stages) {
        if (stages != null && stay.place() != Stages.UNKNOWN) {
            return stages.word(stay.place());
        }
        return stay.place() == Stages.BEFORE
                ? "(before history)"
                : "(unknown: " + Objects.requireNonNullElse(stay.stage(), "") + ")";
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
        String amount = Values.money(deal.amount);
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
                        amount,
                        deal.currency,
                        Units.text(deal.amountReporting, deal.amount, amount),
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
        for (long from : rateDays) {
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
            sums.add(visit, 1, step); // which takes it back where it is the one before
            return;
        }
        if (!before.tellsTheSame(after)) {
            visitRow(after, step);
        }
        if (before.standsBeside(after)) {
            sums.add(before, after, step);
        } else {
            sums.add(before, -1, step);
            sums.add(after, 1, step);
        }
    }

    private void visitRow(Visit visit, Step<DealChange> step) {
        Stages stages = pipelines.get(visit.pipeline());
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
                        breakdowns.of(new Segment(visit.pipeline(), visit.values()), this::breakdowns)));
    }

    private String breakdowns(Segment segment) {
        Stages stages = pipelines.get(segment.pipeline);
        Map<String, Object> breakdowns = new TreeMap<>();
        if (stages != null) {
            for (int i = 0; i < segment.values.size(); i++) {
                breakdowns.put(stages.pipeline.breakdowns().get(i), segment.values.get(i));
            }
        }
        return Json.object(breakdowns);
    }
}
