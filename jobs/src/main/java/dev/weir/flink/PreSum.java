package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Gathering;
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

    private transient @Nullable Map<String, Gathering> held;

    @Override
    public void processElement(StreamRecord<Delta> element) {
        if (held == null) {
            held = new HashMap<>();
        }
        Delta delta = element.getValue();
        Gathering gathering = held.get(delta.group);
        if (gathering == null) {
            if (held.size() >= LIMIT) {
                release();
            }
            gathering = new Gathering();
            held.put(delta.group, gathering);
        }
        gathering.plus(delta.sums);
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
        held.forEach((group, gathering) -> {
            Sums sums = gathering.sums();
            if (!sums.isZero()) {
                output.collect(new StreamRecord<>(new Delta(group, sums)));
            }
        });
        held.clear();
    }
}
