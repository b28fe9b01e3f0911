package dev.weir.io;

import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * The way of rows into PostgreSQL: nothing leaves before its checkpoint completes, and the newest row of a key wins.
 *
 * <p>The writer keeps the newest row per key since the last checkpoint; the committer upserts them when the checkpoint is
 * complete. What a crash rolls back was therefore never published. Every row carries
 * {@code revision = epoch * 2^40 + checkpoint}, and an upsert only replaces a smaller revision: neither an older submission
 * nor a task that was thought dead can overwrite what is newer.
 *
 * <p>It needs STREAMING mode (BATCH keeps the wrong newest row) and a last checkpoint at the end of bounded input (else the
 * last rows are lost); {@link #write} refuses what would break either.
 */
public final class Outbox {
    private static final long CHECKPOINTS = 1L << 40;
    private static final long EPOCHS = 1L << 22;

    private Outbox() {}

    /**
     * Sends rows to their tables.
     *
     * @param epoch {@link Warehouse#drawEpoch()}, drawn once per submission
     * @param uidPrefix the name of the job; it stands in the uids and in dead letters of refused rows
     */
    public static void write(
            DataStream<Row> rows, Warehouse options, Map<String, Table> tables, long epoch, String uidPrefix) {
        ReadableConfig settings = rows.getExecutionEnvironment().getConfiguration();
        if (settings.get(ExecutionOptions.RUNTIME_MODE) != RuntimeExecutionMode.STREAMING) {
            throw new IllegalArgumentException(
                    "the outbox needs " + ExecutionOptions.RUNTIME_MODE.key() + ": STREAMING");
        }
        if (!settings.get(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH)) {
            throw new IllegalArgumentException(
                    "the outbox needs " + CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH.key()
                            + ": true, else the last rows are lost");
        }
        if (epoch <= 0 || epoch >= EPOCHS) {
            throw new IllegalArgumentException("epoch " + epoch + " is not between 1 and " + EPOCHS);
        }
        LinkedHashMap<String, Table> known = new LinkedHashMap<>(tables);
        // No operator between: where the parallelism differs it would take rows of one key out of their order.
        rows.keyBy(new ByRowKey(known), Types.STRING)
                .sinkTo(new ToWarehouse(options, known, epoch, uidPrefix))
                .uid(uidPrefix + "-outbox")
                .name(uidPrefix + "-outbox");
    }

    /** The first revision of a submission: what lies below was written by an older one. */
    public static long firstRevision(long epoch) {
        return epoch * CHECKPOINTS;
    }

    /** The submission that wrote a revision. */
    static long epoch(long revision) {
        return revision / CHECKPOINTS;
    }

    static Table table(Map<String, Table> tables, Row row) {
        Table table = tables.get(row.table());
        if (table == null) {
            throw new IllegalArgumentException("table " + row.table() + " is none of " + tables.keySet());
        }
        return table;
    }

    private record ByRowKey(LinkedHashMap<String, Table> tables) implements KeySelector<Row, String> {
        @Override
        public String getKey(Row row) {
            return SoundValues.key(row, table(tables, row));
        }
    }

    /** Writer and committer for Flink. */
    private record ToWarehouse(Warehouse options, LinkedHashMap<String, Table> tables, long epoch, String job)
            implements Sink<Row>, SupportsCommitter<Batch>, SupportsWriterState<Row, Batch> {
        @Override
        public OutboxWriter createWriter(WriterInitContext context) {
            return new OutboxWriter(
                    tables,
                    firstRevision(epoch),
                    context.getRestoredCheckpointId().orElse(0));
        }

        @Override
        public StatefulSinkWriter<Row, Batch> restoreWriter(WriterInitContext context, Collection<Batch> none) {
            return createWriter(context);
        }

        @Override
        public Committer<Batch> createCommitter(CommitterInitContext context) {
            return new OutboxCommitter(options, tables, job);
        }

        @Override
        public SimpleVersionedSerializer<Batch> getCommittableSerializer() {
            return Batch.SERIALIZER;
        }

        /** The writer is empty at every barrier; it is asked for state only so that it is told checkpoint ids. */
        @Override
        public SimpleVersionedSerializer<Batch> getWriterStateSerializer() {
            return Batch.SERIALIZER;
        }
    }
}
