package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Machine;
import dev.weir.machine.Memory;
import dev.weir.machine.Position;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
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
    private final Machine<F, O> machine;
    private final TypeInformation<Memory<F>> memoryType;
    private final OutputTag<Row> rows;
    private final @Nullable OutputTag<Difference<O>> facts;
    private final AsOf asOf;

    private transient @Nullable ValueState<Memory<F>> memory;
    private transient @Nullable Step<O> step;
    private transient @Nullable LedgerGroups ledger;

    MachineFunction(
            String job,
            Machine<F, O> machine,
            TypeInformation<Memory<F>> memoryType,
            OutputTag<Row> rows,
            @Nullable OutputTag<Difference<O>> facts,
            AsOf asOf) {
        this.job = job;
        this.machine = machine;
        this.memoryType = memoryType;
        this.rows = rows;
        this.facts = facts;
        this.asOf = asOf;
    }

    @Override
    public void open(OpenContext context) {
        memory = getRuntimeContext().getState(new ValueStateDescriptor<>("memory", memoryType));
        step = new Step<>();
        ledger = new LedgerGroups(job);
    }

    @Override
    public void processElement(Difference<F> difference, Context context, Collector<Delta> out) throws Exception {
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        Step<O> change = Objects.requireNonNull(step);
        Memory<F> kept = state.value();
        if (kept == null) {
            kept = new Memory<>();
        }
        long known = kept.wake;
        Step.Outcome outcome = change.advance(
                machine,
                context.getCurrentKey(),
                kept,
                difference.comes,
                Objects.requireNonNull(difference.fact),
                asOf.at(context.timerService().currentWatermark()));
        publish(change, context, out);
        remember(kept, known, state, change, context);
        if (difference.position != null) {
            out.collect(account(difference.position, outcome));
        }
    }

    @Override
    public void onTimer(long deadline, OnTimerContext context, Collector<Delta> out) throws Exception {
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        Memory<F> kept = state.value();
        if (kept == null
                || kept.wake > deadline
                || deadline > asOf.at(context.timerService().currentWatermark())) {
            return;
        }
        Step<O> change = Objects.requireNonNull(step);
        long known = kept.wake;
        change.wake(machine, context.getCurrentKey(), kept, deadline);
        publish(change, context, out);
        remember(kept, known, state, change, context);
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
        if (change.nextWake() != Step.NEVER && change.nextWake() != known) {
            context.timerService().registerEventTimeTimer(change.nextWake());
        }
        change.clear();
    }

    private Delta account(Position position, Step.Outcome outcome) {
        Sums sums = new Sums();
        LedgerTally.count(
                sums,
                position,
                outcome == Step.Outcome.ACCEPTED ? LedgerTally.Fate.ACCEPTED : LedgerTally.Fate.DUPLICATE);
        return new Delta(Objects.requireNonNull(ledger).group(position), sums);
    }
}
