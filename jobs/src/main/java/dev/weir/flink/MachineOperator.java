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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a {@link Machine}: keeps the facts of each key, and publishes what a difference changes. Sums leave by the
 * main output, rows and facts for other machines by side outputs. One timer a key, at its next deadline.
 *
 * <p>Nothing is published before its checkpoint completes, so keys are woken before a barrier only, and at the end of input:
 * then one waking says all deadlines up to the watermark. Facts that follow all others of their key are told then too, where
 * state is kept as objects. A watermark goes ahead of what it makes due; whoever reads sums or
 * facts by it says rows at barriers too, and until then everything has come.
 */
class MachineOperator<F, O> extends AbstractStreamOperator<Delta>
        implements OneInputStreamOperator<Difference<F>, Delta>, Triggerable<String, VoidNamespace> {
    /** The state backend that keeps objects, as which Flink names it, its changes written down or not. */
    private static final String OBJECTS = "hashmap";
    /** Most keys that wait to be told. */
    static final int MOST_UNTOLD = 1 << 18;

    private final String job;
    private final String machineName;
    private final Machine<F, O> machine;
    private final FlatType<Memory<F>> memoryType;
    private final OutputTag<Row> rows;
    private final @Nullable OutputTag<Difference<O>> facts;
    private final AsOf asOf;
    private final Sealing sealing;

    private transient @Nullable ValueState<Memory<F>> memory;
    /** The machine, with what it knows of common facts. */
    private transient @Nullable Machine<F, O> knowing;

    private transient @Nullable InternalTimerService<VoidNamespace> timers;
    private transient @Nullable Step<O> step;
    private transient @Nullable LedgerCounts ledger;
    private transient PackedFacts.@Nullable Packing packing;
    /** Keys that must say anew what they said in an older version. */
    private transient List<String> older = List.of();

    /** Keys with facts that follow and are not yet told. */
    private transient List<String> untold = new ArrayList<>();
    /** Whether what is kept of a key is the same object whenever it is asked for. */
    private transient boolean gathers;

    /** The newest watermark; null before the first. */
    private transient @Nullable Watermark watermark;

    MachineOperator(
            String job,
            String name,
            Machine<F, O> machine,
            FlatType<Memory<F>> memoryType,
            OutputTag<Row> rows,
            @Nullable OutputTag<Difference<O>> facts,
            AsOf asOf,
            Sealing sealing) {
        this.job = job;
        this.machineName = name;
        this.machine = machine;
        this.memoryType = memoryType;
        this.rows = rows;
        this.facts = facts;
        this.asOf = asOf;
        this.sealing = sealing;
    }

    @Override
    public void open() throws Exception {
        super.open();
        memory = getRuntimeContext().getState(memory());
        knowing = machine;
        timers = getInternalTimerService("user-timers", VoidNamespaceSerializer.INSTANCE, this);
        step = new Step<>();
        ledger = new LedgerCounts(job, this::say);
        packing = machine.seldomLooks() ? new PackedFacts.Packing(memoryType.items("facts")) : null;
        untold = new ArrayList<>();
        gathers = OBJECTS.equals(getKeyedStateBackend().getBackendTypeIdentifier());
        older = List.of();
        if (machine.saysAnew()) {
            try (Stream<String> keys =
                    this.<String>getKeyedStateBackend().getKeys(memory().getName(), VoidNamespace.INSTANCE)) {
                older = keys.toList();
            }
        }
    }

    @Override
    public void processElement(StreamRecord<Difference<F>> element) throws Exception {
        Difference<F> difference = element.getValue();
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        Step<O> change = Objects.requireNonNull(step);
        Memory<F> kept = kept(state);
        if (kept == null) {
            kept = packed(new Memory<>());
        }
        if (kept.isSealed()) {
            expire(difference, kept.sealedUpTo);
            return;
        }
        kept.changes();
        String key = (String) getCurrentKey();
        boolean waits = kept.isUntold();
        if (change.follow(knowing(), kept, difference)) {
            if (!gathers) {
                catchUp(key, kept, time(), state, change);
            } else if (!waits) {
                waits(key, kept, state);
            }
            account(difference, Step.Outcome.ACCEPTED);
            if (untold.size() >= MOST_UNTOLD) {
                catchUp();
            }
            return;
        }
        if (waits) {
            catchUp(key, kept, time(), state, change);
        }
        boolean whole = !kept.truncated;
        long known = kept.wake;
        Step.Outcome outcome = change.advance(knowing(), key, kept, difference, time());
        publish(change);
        if (whole && kept.truncated) {
            say(truncated(key, kept.saidUpTo));
        }
        remember(kept, known, state, change);
        account(difference, outcome);
    }

    /** What follows is told when something is published: most keys then have more to tell at once. */
    private void waits(String key, Memory<F> kept, ValueState<Memory<F>> state) throws IOException {
        if (kept.facts.size() == 1) {
            state.update(kept);
        }
        untold.add(key);
    }

    private void catchUp(String key, Memory<F> kept, long time, ValueState<Memory<F>> state, Step<O> change)
            throws IOException {
        kept.changes();
        long known = kept.wake;
        change.catchUp(knowing(), key, kept, time);
        publish(change);
        remember(kept, known, state, change);
    }

    /** Tells what follows, as of the time that the watermark gives. */
    private void catchUp() throws IOException {
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        for (String key : untold) {
            setCurrentKey(key);
            Memory<F> kept = kept(state);
            if (kept != null && kept.isUntold()) {
                catchUp(key, kept, now(), state, Objects.requireNonNull(step));
            }
        }
        untold.clear();
    }

    /** What is kept of a key, by its name. */
    final ValueStateDescriptor<Memory<F>> memory() {
        return new ValueStateDescriptor<>("memory", memoryType);
    }

    private Machine<F, O> knowing() {
        return Objects.requireNonNull(knowing);
    }

    /** From now on keys are told by this machine. */
    final void knows(Machine<F, O> next) {
        knowing = next;
    }

    /** Tells the present key anew by a machine that knows another common fact than before. */
    final void learns(Machine<F, O> next, F common) throws IOException {
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        Memory<F> kept = kept(state);
        if (kept == null || kept.facts.isEmpty() || kept.isSealed()) {
            return;
        }
        Facts<F> of = kept.facts(machine);
        if (of.time(of.size() - 1) < machine.time(common)) {
            return;
        }
        kept.changes();
        Step<O> change = Objects.requireNonNull(step);
        if (kept.isUntold()) {
            catchUp((String) getCurrentKey(), kept, time(), state, change);
        }
        long known = kept.wake;
        change.learn(knowing(), next, (String) getCurrentKey(), kept, time());
        publish(change);
        remember(kept, known, state, change);
    }

    /** The time T as of which the machine speaks: that of the last waking, so that no deadline is due but by one. */
    private long time() {
        return asOf.at(Objects.requireNonNull(timers).currentWatermark());
    }

    /** The time T that the watermark gives. */
    private long now() {
        return watermark == null ? AsOf.UNKNOWN : asOf.at(watermark.getTimestamp());
    }

    @Override
    public void processWatermark(Watermark mark) {
        watermark = mark;
        output.emitWatermark(mark);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        wake();
        Objects.requireNonNull(ledger).release();
    }

    @Override
    public void finish() throws Exception {
        wake();
        Objects.requireNonNull(ledger).release();
        super.finish();
    }

    /** Rings the timers that are due, after what follows is told, and what was said in an older version is said anew. */
    private void wake() throws Exception {
        catchUp();
        for (String key : older) {
            setCurrentKey(key);
            sayAnew(key);
        }
        older = List.of();
        if (watermark != null) {
            getTimeServiceManager().orElseThrow().advanceWatermark(watermark);
        }
    }

    private void sayAnew(String key) throws Exception {
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        Step<O> change = Objects.requireNonNull(step);
        Memory<F> kept = kept(state);
        if (kept != null && !kept.isSealed()) {
            kept.changes();
            long known = kept.wake;
            if (change.sayAnew(knowing(), key, kept)) {
                publish(change);
                remember(kept, known, state, change);
            }
        }
    }

    @Override
    public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
        ValueState<Memory<F>> state = Objects.requireNonNull(memory);
        Memory<F> kept = kept(state);
        if (kept == null || kept.isSealed()) {
            return;
        }
        long time = time();
        if (time == AsOf.UNKNOWN) {
            // A drain pushes time to its end and rings everything; whoever goes on from its savepoint must wait again.
            // A timer of event time would ring for ever here, one of the clock rings when that is over.
            Objects.requireNonNull(timers).registerProcessingTimeTimer(VoidNamespace.INSTANCE, 0);
        }
        if (timer.getTimestamp() > time) {
            return;
        }
        if (kept.wake <= time) {
            kept.changes();
            Step<O> change = Objects.requireNonNull(step);
            long known = kept.wake;
            change.wake(knowing(), timer.getKey(), kept, time);
            publish(change);
            remember(kept, known, state, change);
        }
        long seals = seals(kept);
        if (seals <= time) {
            kept.changes();
            kept.seal(seals);
            state.update(kept);
        }
    }

    @Override
    public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
        Memory<F> kept = kept(Objects.requireNonNull(memory));
        if (kept != null && !kept.isSealed()) {
            ring(kept.wake, kept);
        }
    }

    private @Nullable Memory<F> kept(ValueState<Memory<F>> state) throws IOException {
        Memory<F> kept = state.value();
        return kept == null ? null : packed(kept);
    }

    /** The same, its facts as bytes where that is better; those that were restored are not yet. */
    private Memory<F> packed(Memory<F> kept) {
        if (packing != null && !(kept.facts instanceof Facts)) {
            kept.facts = new PackedFacts<>(machine, packing, kept.facts);
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
    private void expire(Difference<F> difference, long sealedUpTo) {
        if (difference.position != null) {
            F fact = Objects.requireNonNull(difference.fact);
            say(sealing.expired().row(difference.position, fact, sealedUpTo));
            count(difference.position, LedgerTally.Fate.EXPIRED);
        } else {
            say(Issues.row(
                    job,
                    Issues.SEALED,
                    machineName + " " + String.join("/", Keys.split((String) getCurrentKey())),
                    "something belongs to it that came after its facts were forgotten: keep facts for longer, and"
                            + " submit with --fresh",
                    sealedUpTo));
        }
    }

    private void publish(Step<O> change) {
        change.sums((group, sums) -> say(new Delta(group, sums)));
        // What becomes due meanwhile is said before anything is published.
        long now = now();
        change.rows(row -> say(row.at(Math.max(row.asOfMillis(), now))));
        if (facts != null) {
            for (Difference<O> fact : change.facts()) {
                output.collect(facts, new StreamRecord<>(fact));
            }
        }
    }

    private void say(Delta delta) {
        output.collect(new StreamRecord<>(delta));
    }

    private void say(Row row) {
        output.collect(rows, new StreamRecord<>(row));
    }

    /** @param known the deadline for which there is a timer already */
    private void remember(Memory<F> kept, long known, ValueState<Memory<F>> state, Step<O> change) throws IOException {
        if (kept.isEmpty()) {
            state.clear();
        } else {
            state.update(kept);
        }
        // The timer for an earlier deadline asks for all later ones when it rings.
        boolean rings = known != Long.MIN_VALUE && kept.wake == known;
        ring(rings ? Step.NEVER : kept.wake, kept);
        change.clear();
    }

    private void ring(long wake, Memory<F> kept) {
        if (wake != Step.NEVER) {
            Objects.requireNonNull(timers).registerEventTimeTimer(VoidNamespace.INSTANCE, wake);
        }
        long seals = seals(kept);
        if (seals != Step.NEVER) {
            Objects.requireNonNull(timers).registerEventTimeTimer(VoidNamespace.INSTANCE, seals);
        }
    }

    /** Once a key: what was left out does not come back. */
    private Row truncated(String key, long asOf) {
        return Issues.row(
                job,
                Issues.TRUNCATED,
                machineName + " " + String.join("/", Keys.split(key)),
                "more than " + machine.limit() + " facts: the earliest are kept",
                asOf);
    }

    private static LedgerTally.Fate fate(Step.Outcome outcome) {
        return outcome == Step.Outcome.ACCEPTED ? LedgerTally.Fate.ACCEPTED : LedgerTally.Fate.DUPLICATE;
    }

    private void account(Difference<F> difference, Step.Outcome outcome) {
        Position position = difference.position;
        if (position != null) {
            count(position, fate(outcome));
            if (outcome == Step.Outcome.CONFLICT) {
                Objects.requireNonNull(ledger).conflict(position);
            }
        }
    }

    private void count(Position position, LedgerTally.Fate fate) {
        Objects.requireNonNull(ledger).count(position, fate);
    }
}
