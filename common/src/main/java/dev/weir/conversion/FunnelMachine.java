package dev.weir.conversion;

import dev.weir.machine.Change;
import dev.weir.machine.Facts;
import dev.weir.machine.Json;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.machine.Values;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the observations of one person or account mean for every funnel at once: attempts, by the rules of {@link Walk}.
 *
 * <p>An observation is told to the funnels of which it fulfils a condition only, and of those only the attempts that had not
 * closed before it are told again.
 */
public final class FunnelMachine extends ObservationMachine<Observation> {
    private final List<FunnelPlan> plans = new ArrayList<>();
    private final AttemptSums sums;
    /** A walk of each funnel, used again and again. */
    private transient Walk @Nullable [] walks;

    public FunnelMachine(Playbook playbook) {
        super(playbook.funnels());
        List<Funnel> funnels = playbook.funnels();
        List<String> conditions = FunnelInputs.conditions(funnels);
        List<String> fields = FunnelInputs.fields(funnels);
        for (Funnel funnel : funnels) {
            plans.add(new FunnelPlan(funnel, conditions, fields));
        }
        sums = new AttemptSums(plans, Windows.of(playbook));
    }

    @Override
    public void say(String key, List<Observation> facts, Step<Observation> step) {
        say(key, Facts.of(this, facts), null, step);
    }

    @Override
    public void say(String key, List<Observation> facts, Change<Observation> change, Step<Observation> step) {
        say(key, Facts.of(this, facts), change, step);
    }

    private void say(
            String key, Facts<Observation> facts, @Nullable Change<Observation> change, Step<Observation> step) {
        long since = since(change);
        for (int f = 0; f < plans.size(); f++) {
            FunnelPlan plan = plans.get(f);
            if (!Entities.counts(key, plan.funnel.entity())) {
                continue;
            }
            if (change == null || concerns(plan, change)) {
                say(key, f, facts, change, since, step);
            } else {
                step.leavesOut();
            }
        }
    }

    /** The time of the first event that changes; before all when every attempt is to be told. */
    private static long since(@Nullable Change<Observation> change) {
        if (change == null) {
            return Long.MIN_VALUE;
        }
        long goes = change.goes() == null ? Long.MAX_VALUE : change.goes().at;
        long comes = change.comes() == null ? Long.MAX_VALUE : change.comes().at;
        return Math.min(goes, comes);
    }

    private static boolean concerns(FunnelPlan plan, Change<Observation> change) {
        Observation goes = change.goes();
        Observation comes = change.comes();
        return (goes != null && plan.matches(goes)) || (comes != null && plan.matches(comes));
    }

    private void say(
            String key,
            int funnel,
            Facts<Observation> facts,
            @Nullable Change<Observation> change,
            long since,
            Step<Observation> step) {
        FunnelPlan plan = plans.get(funnel);
        Walk walk = walk(funnel);
        walk.begin(facts, facts.size());
        for (int number = 1; walk.next(); number++) {
            long deadline = walk.startedAt() + plan.withinMillis;
            boolean mature = step.due(deadline);
            if (walk.closedAt() < since && change != null && !change.brings(deadline)) {
                continue;
            }
            Attempt attempt = attempt(funnel, number, walk, mature, step);
            step.state((long) funnel << 32 | number, attempt, (before, after) -> tell(key, before, after, step));
        }
    }

    @Override
    public boolean tells(Facts<Observation> facts, @Nullable Observation comes) {
        return true;
    }

    @Override
    public void tell(
            String key,
            Facts<Observation> facts,
            int from,
            boolean due,
            Change<Observation> change,
            Step<Observation> step) {
        for (int f = 0; f < plans.size(); f++) {
            FunnelPlan plan = plans.get(f);
            if (!Entities.counts(key, plan.funnel.entity())) {
                continue;
            }
            if (plan.matchesAny(facts, from) || (due && matures(plan, facts, change, step))) {
                tell(key, f, facts, from, change, step);
            }
        }
    }

    /** Whether an event that may have opened an attempt lets it become mature; if not, asks for the next that does. */
    private static boolean matures(
            FunnelPlan plan, Facts<Observation> facts, Change<Observation> change, Step<Observation> step) {
        long before = Math.max(change.from(), Long.MIN_VALUE + plan.withinMillis) - plan.withinMillis;
        for (int i = facts.firstFrom(before + 1); i < facts.size(); i++) {
            if (plan.isStep(facts, i, 0)) {
                return step.due(facts.time(i) + plan.withinMillis);
            }
        }
        return false;
    }

    private Walk walk(int funnel) {
        Walk[] all = walks;
        if (all == null) {
            all = new Walk[plans.size()];
            for (int f = 0; f < all.length; f++) {
                all[f] = new Walk(plans.get(f), Facts.of(this, List.of()));
            }
            walks = all;
        }
        return all[funnel];
    }

    /** What time and the last events alter: attempts that become mature, the one that the events find open, those they open. */
    private void tell(
            String key,
            int funnel,
            Facts<Observation> facts,
            int from,
            Change<Observation> change,
            Step<Observation> step) {
        long within = plans.get(funnel).withinMillis;
        Walk walk = walk(funnel);
        walk.begin(facts, from);
        int number = 1;
        for (; walk.closes(); number++) {
            long deadline = walk.startedAt() + within;
            if (step.due(deadline) && change.brings(deadline)) {
                Attempt is = attempt(funnel, number, walk, true, step);
                step.tell(is.young(), is, (young, mature) -> tell(key, young, mature, step));
            }
        }
        int reached = walk.reached();
        Attempt open =
                walk.isOpen() ? attempt(funnel, number, walk, walk.startedAt() + within <= change.from(), step) : null;
        for (walk.goesOn(); walk.next(); number++) {
            boolean mature = step.due(walk.startedAt() + within);
            boolean stays = open != null
                    && open.startedAt() == walk.startedAt()
                    && reached == walk.reached()
                    && open.mature() == mature;
            if (!stays) {
                step.tell(open, attempt(funnel, number, walk, mature, step), (was, is) -> tell(key, was, is, step));
            }
            open = null;
        }
        if (open != null) {
            step.tell(open, null, (was, none) -> tell(key, was, none, step));
        }
    }

    private Attempt attempt(int funnel, int number, Walk walk, boolean mature, Step<Observation> step) {
        FunnelPlan plan = plans.get(funnel);
        Observation source = walk.source();
        return new Attempt(
                funnel,
                number,
                walk.startedAt(),
                FunnelTally.cohort(plan.withinMillis, walk.startedAt()),
                walk.reachedAt(),
                mature,
                step.truncated(),
                plan.funnel.attempts() ? walk.opener() : source,
                source);
    }

    private void tell(String key, @Nullable Attempt before, @Nullable Attempt after, Step<Observation> step) {
        if (before != null && after != null) {
            FunnelPlan plan = plans.get(after.funnel());
            if (!before.tellsTheSame(after)) {
                row(key, plan, after, step);
            }
            if (before.standsBeside(after)) {
                sums.add(before, after, step);
            } else {
                sums.add(before, -1, step);
                sums.add(after, 1, step);
            }
        } else if (after != null) {
            tell(key, after, step);
        } else if (before != null) {
            tell(key, before, step); // which takes it back
        }
    }

    private void tell(String key, Attempt attempt, Step<Observation> step) {
        FunnelPlan plan = plans.get(attempt.funnel());
        row(key, plan, attempt, step);
        sums.add(attempt, 1, step);
    }

    /** An attempt counts in the windows in which it began, by each breakdown, and in the whole history. */
    @Override
    public void spread(String group, Sums summed, BiConsumer<String, Sums> out) {
        sums.spread(group, summed, out);
    }

    private static void row(String key, FunnelPlan plan, Attempt attempt, Step<Observation> step) {
        if (!plan.funnel.attempts()) {
            return;
        }
        List<@Nullable String> times = new ArrayList<>();
        for (long at : attempt.reachedAt()) {
            times.add(at < 0 ? null : Values.time(at));
        }
        boolean ofAccount = plan.funnel.entity() == Funnel.Entity.ACCOUNT;
        step.row(
                FunnelTables.FUNNEL_ATTEMPT,
                Row.of(
                        FunnelTables.FUNNEL_ATTEMPT,
                        plan.funnel.definition(),
                        step.asOf(),
                        plan.funnel.name(),
                        Entities.id(key),
                        Integer.toString(attempt.number()),
                        Values.time(attempt.startedAt()),
                        ofAccount ? Entities.id(key) : plan.field(attempt.opener(), "account_id"),
                        plan.field(attempt.opener(), "channel"),
                        plan.field(attempt.opener(), "campaign"),
                        Json.object(plan.values(attempt.source())),
                        Integer.toString(attempt.lastReached()),
                        Json.array(times),
                        Values.time(attempt.completedAt()),
                        Values.time(attempt.startedAt() + plan.withinMillis),
                        Boolean.toString(attempt.truncated())));
    }
}
