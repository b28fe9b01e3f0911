package dev.weir.flink;

import dev.weir.machine.Difference;
import dev.weir.machine.Machine;
import dev.weir.machine.Memory;
import dev.weir.machine.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.KeyedStateFunction;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a machine that also knows facts which concern every key ({@link Machine#common}). They come to every subtask,
 * which keeps them once for all of its keys, and tells those anew that the one which came or went may alter.
 */
final class KnowingOperator<F, O> extends MachineOperator<F, O> {
    private final Machine<F, O> machine;
    private final TypeInformation<F> factType;

    private transient @Nullable BroadcastState<String, F> common;

    KnowingOperator(
            String job,
            String name,
            Machine<F, O> machine,
            TypeInformation<F> factType,
            FlatType<Memory<F>> memoryType,
            OutputTag<Row> rows,
            @Nullable OutputTag<Difference<O>> facts,
            AsOf asOf,
            Sealing sealing) {
        super(job, name, machine, memoryType, rows, facts, asOf, sealing);
        this.machine = machine;
        this.factType = factType;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        common = context.getOperatorStateStore()
                .getBroadcastState(new MapStateDescriptor<>("common", Types.STRING, factType));
    }

    @Override
    public void open() throws Exception {
        super.open();
        knows(knowing());
    }

    /** A common fact has no key. */
    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // as Flink declares it
    public void setKeyContextElement1(StreamRecord element) throws Exception {
        if (!isCommon((Difference<F>) element.getValue())) {
            super.setKeyContextElement1(element);
        }
    }

    @Override
    public void processElement(StreamRecord<Difference<F>> element) throws Exception {
        Difference<F> difference = element.getValue();
        if (!isCommon(difference)) {
            super.processElement(element);
            return;
        }
        F fact = Objects.requireNonNull(difference.fact);
        BroadcastState<String, F> known = Objects.requireNonNull(common);
        if (difference.comes) {
            known.put(machine.id(fact), fact);
        } else {
            known.remove(machine.id(fact));
        }
        Machine<F, O> next = knowing();
        KeyedStateFunction<String, ValueState<Memory<F>>> tell = (key, state) -> learns(next, fact);
        this.<String>getKeyedStateBackend()
                .applyToAllKeys(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, memory(), tell);
        knows(next);
    }

    private boolean isCommon(Difference<F> difference) {
        return difference.fact != null && machine.common(difference.fact);
    }

    private Machine<F, O> knowing() throws Exception {
        List<F> facts = new ArrayList<>();
        for (Map.Entry<String, F> known : Objects.requireNonNull(common).immutableEntries()) {
            facts.add(known.getValue());
        }
        facts.sort(Comparator.comparingLong(machine::time).thenComparing(machine::id));
        return machine.knowing(facts);
    }
}
