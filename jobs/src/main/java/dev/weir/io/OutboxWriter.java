package dev.weir.io;

import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;

/**
 * Keeps the newest row of each key since the last checkpoint.
 *
 * <p>{@code prepareCommit} is not told its checkpoint; the last one seen, plus one, is as good: it grows with every
 * checkpoint of this writer, and after a restore it is greater than that of anything published before.
 */
final class OutboxWriter implements CommittingSinkWriter<Row, Batch>, StatefulSinkWriter<Row, Batch> {
    private final Map<String, Table> tables;
    private final long firstRevision;
    private final Map<String, Map<String, Row>> newest = new HashMap<>();
    private long lastCheckpoint;

    OutboxWriter(Map<String, Table> tables, long firstRevision, long restoredCheckpoint) {
        this.tables = tables;
        this.firstRevision = firstRevision;
        this.lastCheckpoint = restoredCheckpoint;
    }

    @Override
    public void write(Row row, Context context) {
        Table table = Outbox.table(tables, row);
        Row sound = SoundValues.of(row, table);
        newest.computeIfAbsent(row.table(), name -> new HashMap<>()).put(sound.key(table), sound);
    }

    @Override
    public void flush(boolean endOfInput) {
        // Nothing leaves before its checkpoint completes.
    }

    @Override
    public Collection<Batch> prepareCommit() {
        List<Batch> batches = new ArrayList<>();
        newest.forEach((table, rows) ->
                batches.addAll(Batch.of(table, firstRevision + lastCheckpoint + 1, new TreeMap<>(rows).values())));
        newest.clear();
        return batches;
    }

    @Override
    public List<Batch> snapshotState(long checkpointId) {
        lastCheckpoint = checkpointId;
        return List.of();
    }

    @Override
    public void close() {}
}
