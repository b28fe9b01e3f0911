package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.Facts;
import dev.weir.machine.Issues;
import dev.weir.machine.Keys;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Machine;
import dev.weir.machine.Memory;
import dev.weir.machine.Position;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import java.io.IOException;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a {@link Machine}: keeps the facts of each key, and publishes what a difference changes. Sums leave by the
 * main output, rows and facts for other machines by side outputs. One timer a key, at its next deadline.
 */
final class MachineFunction<F, O> extends KeyedProcessFunction<String, Difference<F>, Delta> {
    private final String job;
    private final String name;
    private final Machine<F, O> machine;
    private final FlatType<Memory<F>> memoryType;
    private final OutputTag<Row> rows;
    private final @Nullable OutputTag<Difference<O>> facts;
    private final AsOf asOf;
    private final Sealing sealing;

    private transient @Nullable ValueState<Memory<F>> memory;
    private transient @Nullable Step<O> step;
    private transient @Nullable LedgerGroups ledger;
    private transient PackedList.@Nullable Packing packing;

    MachineFunction(
            String job,
            String name,
            Machine<F, O> machine,
            FlatType<Memory<F>> memoryType,
            OutputTag<Row> rows,
            @Nullable OutputTag<Difference<O>> facts,
            AsOf asOf,
            Sealing sealing) {
        this.job = job;
        this.name = name;
        this.machine = machine;
        this.memoryType = memoryType;
        this.rows = rows;
        this.facts = facts;
        this.asOf = asOf;
        this.sealing = sealing;
    }

    @Override
    public void open(OpenContext context) {
        memory = getRuntimeContext().getState(new ValueStateDescriptor<>("memory", memoryType));
        step = new Step<>();
        ledger = new LedgerGroups(job);
        packing = machine.seldomLooks() ? new PackedList.Packing(memoryType.items("facts")) : null;
    }

    @Override
    public void processElement(Difference<F> difference, Context context, Collector<Delta> out) throws Exception {
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        Step<O> change = Objects.requireNonNull(step);
        Memory<F> kept = kept(state);
        if (kept == null) {
            kept = packed(new Memory<>());
        }
        if (kept.isSealed()) {
            expire(difference, kept.sealedUpTo, context, out);
            return;
        }
        kept.changes();
        boolean whole = !kept.truncated;
        long known = kept.wake;
        Step.Outcome outcome = change.advance(
                machine,
                context.getCurrentKey(),
                kept,
                difference,
                asOf.at(context.timerService().currentWatermark()));
        publish(change, context, out);
        if (whole && kept.truncated) {
            context.output(rows, truncated(context.getCurrentKey(), kept.saidUpTo));
        }
        remember(kept, known, state, change, context);
        if (difference.position != null) {
            out.collect(account(difference.position, fate(outcome), outcome == Step.Outcome.CONFLICT));
        }
    }

    @Override
    public void onTimer(long deadline, OnTimerContext context, Collector<Delta> out) throws Exception {
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        Memory<F> kept = kept(state);
        if (kept == null || kept.isSealed()) {
            return;
        }
        if (context.timeDomain() == TimeDomain.PROCESSING_TIME) {
            ring(kept.wake, kept, context);
            return;
        }
        kept.changes();
        long time = asOf.at(context.timerService().currentWatermark());
        if (time == AsOf.UNKNOWN) {
            // A drain pushes time to its end and rings everything; whoever goes on from its savepoint must wait again.
            // The
            // event's own timer would ring for ever here, one of the clock rings when that is over.
            context.timerService().registerProcessingTimeTimer(0);
        }
        if (deadline > time) {
            return;
        }
        if (kept.wake <= deadline) {
            Step<O> change = Objects.requireNonNull(step);
            long known = kept.wake;
            change.wake(machine, context.getCurrentKey(), kept, deadline);
            publish(change, context, out);
            remember(kept, known, state, change, context);
        }
        if (seals(kept) <= deadline) {
            kept.seal(deadline);
            state.update(kept);
        }
    }

    private @Nullable Memory<F> kept(ValueState<Memory<F>> state) throws IOException {
        Memory<F> kept = state.value();
        return kept == null ? null : packed(kept);
    }

    /** The same, its facts as bytes where that is better; those that were restored are not yet. */
    private Memory<F> packed(Memory<F> kept) {
        if (packing != null && !(kept.facts instanceof Facts)) {
            kept.facts = new Facts<>(machine, new PackedList<>(packing, kept.facts));
        }
        return kept;
    }

    /** From when on a key is sealed. */
    private long seals(Memory<F> kept) {
        return !machine.seals() || kept.facts.isEmpty()
                ? Step.NEVER
                : sealing.horizon().seals(kept.facts(machine).time(kept.facts.size() - 1), kept.wake);
    }

    /** What comes for a key that was sealed is kept as a dead letter, or said where its record is counted elsewhere. */
    private void expire(Difference<F> difference, long sealedUpTo, Context context, Collector<Delta> out) {
        if (difference.position != null) {
            F fact = Objects.requireNonNull(difference.fact);
            context.output(rows, sealing.expired().row(difference.position, fact, sealedUpTo));
            out.collect(account(difference.position, LedgerTally.Fate.EXPIRED, false));
        } else {
            context.output(
                    rows,
                    Issues.row(
                            job,
                            Issues.SEALED,
                            name + " " + String.join("/", Keys.split(context.getCurrentKey())),
                            "something belongs to it that came after its facts were forgotten: keep facts for longer, and"
                                    + " submit with --fresh",
                            sealedUpTo));
        }
    }

    private void publish(Step<O> change, Context context, Collector<Delta> out) {
        change.sums((group, sums) -> out.collect(new Delta(group, sums)));
        change.rows(row -> context.output(rows, row));
        if (facts != null) {
            for (Difference<O> fact : change.facts()) {
                context.output(facts, fact);
            }
        }
    }

    /** @param known the deadline for which there is a timer already */
    private void remember(Memory<F> kept, long known, ValueState<Memory<F>> state, Step<O> change, Context context)
            throws Exception {
        if (kept.isEmpty()) {
            state.clear();
        } else {
            state.update(kept);
        }
        ring(change.nextWake() == known ? Step.NEVER : change.nextWake(), kept, context);
        change.clear();
    }

    private void ring(long wake, Memory<F> kept, Context context) {
        if (wake != Step.NEVER) {
            context.timerService().registerEventTimeTimer(wake);
        }
        long seals = seals(kept);
        if (seals != Step.NEVER) {
            context.timerService().registerEventTimeTimer(seals);
        }
    }

    /** Once a key: what was left out does not come back. */
    private Row truncated(String key, long asOf) {
        return Issues.row(
                job,
                Issues.TRUNCATED,
                name + " " + String.join("/", Keys.split(key)),
                "more than " + machine.limit() + " facts: the earliest are kept",
                asOf);
    }

    private static LedgerTally.Fate fate(Step.Outcome outcome) {
        return outcome == Step.Outcome.ACCEPTED ? LedgerTally.Fate.ACCEPTED : LedgerTally.Fate.DUPLICATE;
    }

    private Delta account(Position position, LedgerTally.Fate fate, boolean conflict) {
        Sums sums = new Sums();
        LedgerTally.count(sums, position, fate);
        if (conflict) {
            LedgerTally.conflict(sums, position);
        }
        return new Delta(Objects.requireNonNull(ledger).group(position), sums);
    }
}
