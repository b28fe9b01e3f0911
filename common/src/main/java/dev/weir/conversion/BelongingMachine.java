package dev.weir.conversion;

import dev.weir.machine.Change;
import dev.weir.machine.Facts;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives the observations of a person or account to whom they belong, as {@link IdentityMachine} does, or tells at once what
 * they mean for its funnels, as {@link FunnelMachine} does: where the key is alone. Most are, and then no observation is sent
 * and kept a second time. A key is not alone while it was merged, others were merged into it, one of its observations was
 * retracted, or an entity event says what funnels ask of it; when that changes, what was told on one way is taken back and
 * told on the other.
 *
 * <p>Sums of one group may be said by two operators, since they add up; a row may not. So this is for playbooks that write no
 * attempt, and in which nobody else asks for observations: neither attribution nor the accounts of persons.
 */
public final class BelongingMachine extends ObservationMachine<Observation> {
    private final IdentityMachine identity;
    private final FunnelMachine funnels;

    private BelongingMachine(Playbook playbook, Profiles profiles) {
        super(playbook.funnels());
        identity = new IdentityMachine(profiles);
        funnels = new FunnelMachine(playbook);
    }

    /** Knows whom observations belong to, and tells of those that are alone if the playbook lets it. */
    public static Machine<Observation, Observation> of(Playbook playbook, Profiles profiles) {
        boolean sumsOnly = playbook.attribution() == null
                && !profiles.areOfPersonsAccounts()
                && playbook.funnels().stream().noneMatch(Funnel::attempts);
        return sumsOnly ? new BelongingMachine(playbook, profiles) : new IdentityMachine(profiles);
    }

    /** Version 0 was an {@link IdentityMachine}: it sent everything. */
    @Override
    public int version() {
        return 1;
    }

    /** An identify has found its person already. */
    @Override
    public boolean alone(Observation fact) {
        return fact.retracts == null && fact.belongsTo == null && fact.profileOf == null;
    }

    /** Funnels look at all that a key has. */
    @Override
    public List<Observation> concerned(
            Facts<Observation> facts, Change<Observation> change, @Nullable Observation here) {
        return facts.areAlone() ? facts : facts.concerned(change, here);
    }

    @Override
    public void say(String key, List<Observation> facts, Step<Observation> step) {
        if (step.version() > 0 && areAlone(facts)) {
            funnels.say(key, facts, step);
        } else {
            identity.say(key, facts, step);
        }
    }

    @Override
    public void say(String key, List<Observation> facts, Change<Observation> change, Step<Observation> step) {
        if (areAlone(facts) && !decides(change.goes()) && !decides(change.comes())) {
            funnels.say(key, facts, change, step);
        } else {
            say(key, facts, step);
        }
    }

    private static boolean areAlone(List<Observation> facts) {
        return facts instanceof Facts<Observation> all && all.areAlone();
    }

    private boolean decides(@Nullable Observation fact) {
        return fact != null && !alone(fact);
    }

    @Override
    public boolean tells(Facts<Observation> facts, @Nullable Observation comes) {
        return facts.areAlone() && !decides(comes);
    }

    @Override
    public void tell(
            String key,
            Facts<Observation> facts,
            int from,
            boolean due,
            Change<Observation> change,
            Step<Observation> step) {
        funnels.tell(key, facts, from, due, change, step);
    }

    @Override
    public void spread(String group, Sums sums, BiConsumer<String, Sums> out) {
        funnels.spread(group, sums, out);
    }
}
