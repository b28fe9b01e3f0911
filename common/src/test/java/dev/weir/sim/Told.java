package dev.weir.sim;

import dev.weir.machine.Machine;
import dev.weir.machine.Memory;
import dev.weir.machine.Step;
import java.util.List;

/** Tells all facts of a key at once, and not once more with each: for simulations of many deals. */
record Told<F, O>(Machine<F, O> machine) implements Machine<Told.All<F>, O> {

    /** All facts of a key as one. */
    record All<F>(List<F> facts) {}

    /** What the machine says of the facts as of T. */
    static <F, O> Step<O> by(Machine<F, O> machine, String key, List<F> facts, long asOf) {
        Step<O> step = new Step<>();
        step.advance(new Told<>(machine), key, new Memory<>(), true, new All<>(facts), asOf);
        return step;
    }

    @Override
    public String id(All<F> all) {
        return "all";
    }

    @Override
    public long time(All<F> all) {
        return machine.time(all.facts.get(0));
    }

    @Override
    public All<F> prefer(All<F> kept, All<F> newcomer) {
        return kept;
    }

    @Override
    public void say(String key, List<All<F>> facts, Step<O> step) {
        machine.say(key, facts.get(0).facts, step);
    }
}
