package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Position;
import java.util.Objects;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Looks at records one by one, and counts in the ledger what becomes of them. It keeps nothing over a checkpoint: what it has
 * counted leaves before a barrier and at the end of input.
 */
public abstract class CountingOperator<I, O> extends AbstractStreamOperator<O> implements OneInputStreamOperator<I, O> {
    /** What was counted. */
    public static final OutputTag<Delta> COUNTS = new OutputTag<>("counts", StreamTypes.DELTA);

    private final String job;
    private transient @Nullable LedgerCounts counts;

    /** @param job its name in the ledger */
    protected CountingOperator(String job) {
        this.job = job;
    }

    @Override
    public void open() throws Exception {
        super.open();
        counts = new LedgerCounts(job, delta -> send(COUNTS, delta));
    }

    @Override
    public final void processElement(StreamRecord<I> element) throws Exception {
        process(element.getValue());
    }

    /** Looks at one record. */
    protected abstract void process(I record) throws Exception;

    protected final void count(Position position, LedgerTally.Fate fate) {
        Objects.requireNonNull(counts).count(position, fate);
    }

    protected final void send(O record) {
        output.collect(new StreamRecord<>(record));
    }

    protected final <X> void send(OutputTag<X> side, X record) {
        output.collect(side, new StreamRecord<>(record));
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        Objects.requireNonNull(counts).release();
    }

    @Override
    public void finish() throws Exception {
        Objects.requireNonNull(counts).release();
        super.finish();
    }
}
