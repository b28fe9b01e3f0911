package dev.weir.conversion;

import dev.weir.machine.Machine;
import dev.weir.playbook.Funnel;
import java.util.List;

/** What tells observations apart, for all who keep those of a key. */
abstract class ObservationMachine<O> implements Machine<Observation, O> {
    /** Words for the conditions of the funnels that are walked. */
    private final int words;

    /** @param walked funnels whose conditions are marked; none where observations are only passed on */
    ObservationMachine(List<Funnel> walked) {
        words = (FunnelInputs.conditions(walked).size() + Long.SIZE - 1) / Long.SIZE;
    }

    @Override
    public final String id(Observation fact) {
        return fact.id;
    }

    @Override
    public final long time(Observation fact) {
        return fact.at;
    }

    @Override
    public final Observation prefer(Observation kept, Observation newcomer) {
        return newcomer.canonical().compareTo(kept.canonical()) < 0 ? newcomer : kept;
    }

    @Override
    public final boolean seldomLooks() {
        return true;
    }

    @Override
    public final int marks() {
        return words;
    }

    /** The conditions that hold. */
    @Override
    public final long mark(Observation fact, int word) {
        return fact.word(word);
    }
}
