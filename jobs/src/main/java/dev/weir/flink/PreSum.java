package dev.weir.flink;

import dev.weir.machine.Delta;
import dev.weir.machine.Gathering;
import dev.weir.machine.Sums;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Adds up deltas of the same group before they cross the network, and spreads them over the groups they belong to. It keeps nothing over a checkpoint: what it holds leaves
 * before a barrier and at the end of input. A watermark may go ahead of it, since tallies say rows at barriers only, and
 * then everything that came before that watermark is there.
 */
final class PreSum extends AbstractStreamOperator<Delta> implements OneInputStreamOperator<Delta, Delta> {
    /** Most room that all groups together take, see {@link Gathering#room}. */
    private static final int LIMIT = 1_000_000;

    private final Spreading spreading;
    private transient @Nullable Map<String, Gathering> held;
    private transient int room;

    /** To which groups belongs what was summed in one, see {@link dev.weir.machine.Machine#spread}. */
    interface Spreading extends Serializable {
        void spread(String group, Sums sums, BiConsumer<String, Sums> out);
    }

    PreSum(Spreading spreading) {
        this.spreading = spreading;
    }

    @Override
    public void processElement(StreamRecord<Delta> element) {
        if (held == null) {
            held = new HashMap<>();
        }
        Delta delta = element.getValue();
        Gathering gathering = held.get(delta.group);
        if (gathering == null) {
            gathering = new Gathering();
            held.put(delta.group, gathering);
            room += gathering.room();
        }
        room -= gathering.room();
        gathering.plus(delta.sums);
        room += gathering.room();
        if (room >= LIMIT) {
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
        if (held == null || held.isEmpty()) {
            return;
        }
        Map<String, Gathering> all = new HashMap<>();
        held.forEach((said, together) -> spreading.spread(
                said, together.sums(), (group, sums) -> all.computeIfAbsent(group, g -> new Gathering())
                        .plus(sums)));
        held.clear();
        room = 0;
        all.forEach((group, gathering) -> {
            Sums sums = gathering.sums();
            if (!sums.isZero()) {
                output.collect(new StreamRecord<>(new Delta(group, sums)));
            }
        });
    }
}
