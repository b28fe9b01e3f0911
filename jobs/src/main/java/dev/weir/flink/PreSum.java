package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Gatherings;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Adds up deltas of the same group before they cross the network, and spreads them over the groups they belong to. It keeps
 * nothing over a checkpoint: what it holds leaves before a barrier and at the end of input. A watermark may go ahead of it,
 * since tallies say rows at barriers only, and then everything that came before that watermark is there.
 */
final class PreSum extends AbstractStreamOperator<Delta> implements OneInputStreamOperator<Delta, Delta> {
    /** Most room that is taken, see {@link Gatherings#room}. */
    private static final int LIMIT = 1_000_000;

    private final Gatherings.Spreading spreading;
    private transient Gatherings held = new Gatherings();

    PreSum(Gatherings.Spreading spreading) {
        this.spreading = spreading;
    }

    @Override
    public void open() throws Exception {
        super.open();
        held = new Gatherings();
    }

    @Override
    public void processElement(StreamRecord<Delta> element) {
        Delta delta = element.getValue();
        held.plus(delta.group, delta.sums);
        if (held.room() >= LIMIT) {
            release();
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        release();
    }

    @Override
    public void finish() {
        release();
    }

    private void release() {
        held.drain(spreading, (group, sums) -> output.collect(new StreamRecord<>(new Delta(group, sums))));
    }
}
