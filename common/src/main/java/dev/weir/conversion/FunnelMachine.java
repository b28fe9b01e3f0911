package dev.weir.conversion;

import dev.weir.machine.Cell;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.stats.Buckets;
import dev.weir.stats.LogBuckets;
import java.util.ArrayList;
import java.util.List;

/** What the observations of one person or account mean for every funnel at once: attempts, by the rules of {@link Walk}. */
public final class FunnelMachine implements Machine<Observation, Observation> {
    private final List<Funnel> funnels;
    private final List<FunnelPlan> plans = new ArrayList<>();
    private final Windows windows;

    public FunnelMachine(Playbook playbook) {
        funnels = playbook.funnels();
        List<String> conditions = FunnelInputs.conditions(funnels);
        List<String> fields = FunnelInputs.fields(funnels);
        for (Funnel funnel : funnels) {
            plans.add(new FunnelPlan(funnel, conditions, fields));
        }
        windows = Windows.of(playbook);
    }

    @Override
    public String id(Observation fact) {
        return fact.id;
    }

    @Override
    public long time(Observation fact) {
        return fact.at;
    }

    @Override
    public Observation prefer(Observation kept, Observation newcomer) {
        return newcomer.canonical().compareTo(kept.canonical()) < 0 ? newcomer : kept;
    }

    @Override
    public void say(String key, List<Observation> facts, Step<Observation> step) {
        for (int f = 0; f < plans.size(); f++) {
            FunnelPlan plan = plans.get(f);
            if (Entities.counts(key, plan.funnel.entity())) {
                say(f, plan, facts, step);
            }
        }
    }

    private void say(int funnel, FunnelPlan plan, List<Observation> facts, Step<Observation> step) {
        List<Walk.Path> paths = new Walk(plan, facts).paths();
        for (int n = 0; n < paths.size(); n++) {
            Walk.Path path = paths.get(n);
            boolean mature = step.due(path.startedAt() + plan.withinMillis);
            Attempt attempt = new Attempt(funnel, n + 1, path.startedAt(), path.reachedAt(), mature, path.values());
            step.state(attempt, () -> tell(attempt, step));
        }
    }

    private void tell(Attempt attempt, Step<Observation> step) {
        Funnel funnel = funnels.get(attempt.funnel());
        for (Grain grain : funnel.windows()) {
            tell(attempt, funnel, grain, step);
        }
        tell(attempt, funnel, Grain.ALL, step);
    }

    private void tell(Attempt attempt, Funnel funnel, Grain grain, Step<Observation> step) {
        String window = Long.toString(windows.start(grain, attempt.startedAt()));
        addUp(attempt, FunnelTally.group(funnel, grain, window, "(total)", "(total)"), step);
        for (int i = 0; i < attempt.values().size(); i++) {
            String breakdown = funnel.breakdowns().get(i);
            addUp(
                    attempt,
                    FunnelTally.group(
                            funnel, grain, window, breakdown, attempt.values().get(i)),
                    step);
        }
    }

    private static void addUp(Attempt attempt, String group, Step<Observation> step) {
        for (int s = 0; s < attempt.reachedAt().size(); s++) {
            long reachedAt = attempt.reachedAt().get(s);
            if (reachedAt < 0) {
                continue;
            }
            step.sum(group, Cell.of(0, s, FunnelTally.REACHED), 1);
            if (attempt.mature()) {
                step.sum(group, Cell.of(0, s, FunnelTally.MATURE_REACHED), 1);
            }
            if (s > 0) {
                long took = reachedAt - attempt.startedAt();
                int bucket = LogBuckets.bucket(took);
                step.sum(group, Cell.of(0, s, Buckets.count(bucket)), 1);
                step.sum(group, Cell.of(0, s, Buckets.sum(bucket)), took);
            }
        }
    }

    /** A key that cannot be a funnel's: joined parts never collide. */
    static String name(Funnel funnel) {
        return Keys.join(funnel.definition(), funnel.name());
    }
}
