package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Sums;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Adds up deltas of the same group before they cross the network. It keeps nothing over a checkpoint, and what it holds
 * always leaves before a watermark, a barrier, and the end of input: else differences would come after the time or the
 * checkpoint they belong to.
 */
final class PreSum extends AbstractStreamOperator<Delta> implements OneInputStreamOperator<Delta, Delta> {
    /** Most groups held. */
    private static final int LIMIT = 10_000;

    private transient @Nullable Map<String, Sums> held;

    @Override
    public void processElement(StreamRecord<Delta> element) {
        if (held == null) {
            held = new HashMap<>();
        }
        Delta delta = element.getValue();
        Sums sums = held.get(delta.group);
        if (sums != null) {
            sums.plus(delta.sums);
        } else {
            if (held.size() >= LIMIT) {
                release();
            }
            held.put(delta.group, delta.sums);
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        release();
        super.processWatermark(mark);
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
        if (held == null || held.isEmpty()) {
            return;
        }
        for (Map.Entry<String, Sums> entry : held.entrySet()) {
            if (!entry.getValue().isZero()) {
                output.collect(new StreamRecord<>(
                        new Delta(entry.getKey(), entry.getValue().copy())));
            }
        }
        held.clear();
    }
}
