package dev.weir.conversion;

import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import java.util.List;

/** Asks the accounts of one person or visitor what is known of them, each once however many events lead to it. */
public final class AffiliationMachine implements Machine<Affiliation, Affiliation> {

    @Override
    public String id(Affiliation fact) {
        return fact.id();
    }

    @Override
    public long time(Affiliation fact) {
        return fact.at();
    }

    @Override
    public Affiliation prefer(Affiliation kept, Affiliation newcomer) {
        return Affiliation.prefer(kept, newcomer);
    }

    @Override
    public void say(String key, List<Affiliation> facts, Step<Affiliation> step) {
        for (Affiliation fact : facts) {
            step.fact(fact.with(), key, Affiliation.asking(key));
        }
    }
}
