package dev.weir.conversion;

import dev.weir.machine.Machine;

/** What tells observations apart, for all who keep those of a key. */
abstract class ObservationMachine<O> implements Machine<Observation, O> {
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
}
