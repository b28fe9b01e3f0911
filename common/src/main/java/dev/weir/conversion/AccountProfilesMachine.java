package dev.weir.conversion;

import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import java.util.ArrayList;
import java.util.List;

/** Gives every person that asks what was said of one account, at all times. */
public final class AccountProfilesMachine implements Machine<Affiliation, Observation> {

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
    public boolean seldomLooks() {
        return true;
    }

    @Override
    public boolean seals() {
        return false;
    }

    /** Those who ask. */
    @Override
    public boolean alone(Affiliation fact) {
        return fact.profile() == null;
    }

    @Override
    public void say(String key, List<Affiliation> facts, Step<Observation> step) {
        List<Observation> said = new ArrayList<>();
        for (Affiliation fact : facts) {
            if (fact.profile() != null) {
                said.add(fact.profile());
                continue;
            }
            for (Observation profile : said) { // all of them: who asks stands behind
                step.fact(fact.with(), profile.id, profile);
            }
        }
    }
}
