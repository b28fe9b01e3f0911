package dev.weir.conversion;

import dev.weir.machine.Facts;
import dev.weir.machine.Step;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Says which attempts of one person or account completed a funnel that the playbook names as a conversion: to the conversion
 * itself, where the credit is given, and to the key, whose touches are asked for. The attempts, by the rules of {@link Walk},
 * are those of {@link FunnelMachine} with their numbers.
 */
public final class CompletionMachine extends ObservationMachine<JourneyPoint> {
    private final Map<String, BigDecimal> values = new LinkedHashMap<>();
    private final Map<String, FunnelPlan> plans = new LinkedHashMap<>();

    public CompletionMachine(Playbook playbook, Attribution attribution) {
        super(playbook.funnels());
        List<String> conditions = FunnelInputs.conditions(playbook.funnels());
        List<String> fields = FunnelInputs.fields(playbook.funnels());
        attribution.completions().forEach(completion -> values.put(completion.funnel(), completion.value()));
        for (Funnel funnel : playbook.funnels()) {
            if (values.containsKey(funnel.name())) {
                plans.put(funnel.name(), new FunnelPlan(funnel, conditions, fields));
            }
        }
    }

    /** Whether an observation of this key concerns one of these funnels. */
    public boolean asks(String key, Observation o) {
        return plans.values().stream().anyMatch(plan -> Entities.counts(key, plan.funnel.entity()) && plan.matches(o));
    }

    @Override
    public void say(String key, List<Observation> facts, Step<JourneyPoint> step) {
        for (FunnelPlan plan : plans.values()) {
            if (Entities.counts(key, plan.funnel.entity())) {
                say(key, plan, new Walk(plan, Facts.of(this, facts)), step);
            }
        }
    }

    private void say(String key, FunnelPlan plan, Walk walk, Step<JourneyPoint> step) {
        for (int number = 1; walk.next(); number++) {
            long[] reachedAt = walk.reachedAt();
            long completedAt = reachedAt[reachedAt.length - 1];
            if (completedAt >= 0) {
                boolean ofAccount = plan.funnel.entity() == Funnel.Entity.ACCOUNT;
                JourneyPoint completed = JourneyPoint.of(new Conversion(
                        "",
                        completedAt,
                        values.get(plan.funnel.name()),
                        null,
                        null,
                        ofAccount ? Entities.id(key) : plan.field(walk.opener(), "account_id"),
                        Entities.id(key),
                        plan.funnel.name(),
                        number));
                step.fact(completed.aConversion().key(), completed.id(), completed);
                step.fact(key, completed.id(), completed);
            }
        }
    }
}
