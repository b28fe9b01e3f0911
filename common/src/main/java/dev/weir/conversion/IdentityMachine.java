package dev.weir.conversion;

import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import java.util.List;

/**
 * Knows whom the observations of one anonymous visitor belong to: the person of the earliest identify, or, before there is
 * one, the visitor itself. When that changes, also by a late event, every observation leaves its old owner and comes to the
 * new one, so that what a visitor did before counts for the person exactly once.
 */
public final class IdentityMachine implements Machine<Observation, Observation> {

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
        String owner = key;
        for (Observation fact : facts) {
            if (fact.joins != null) {
                owner = Entities.person(fact.joins);
                break;
            }
        }
        for (Observation fact : facts) {
            step.fact(owner, fact.id, fact);
        }
    }
}
