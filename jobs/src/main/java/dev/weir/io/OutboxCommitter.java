package dev.weir.io;

import dev.weir.machine.Hash;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.connector.sink2.Committer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Upserts the batches of a completed checkpoint, and stays until they are there.
 *
 * <p>It retries in place, on the task's thread: Flink's own {@code retryLater} has no pause and gives up after ten. While
 * PostgreSQL is away the job stands still and Kafka keeps the data.
 */
final class OutboxCommitter implements Committer<Batch> {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxCommitter.class);
    /** The reason of a row that PostgreSQL refused. */
    static final String REFUSED = "REFUSED_BY_WAREHOUSE";

    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final Warehouse warehouse;
    private final Map<String, Table> tables;
    private final String job;
    private @Nullable Connection connection;

    OutboxCommitter(Warehouse warehouse, Map<String, Table> tables, String job) {
        this.warehouse = warehouse;
        this.tables = tables;
        this.job = job;
    }

    /** What a failure of PostgreSQL asks for. */
    enum Answer {
        /** It will pass: connection, conflict, resources, shutdown, lock, read-only stand-by. */
        RETRY,
        /** A value cannot be held: find the row and set it aside. */
        SET_ASIDE,
        /** The house is not in order; a person has to act. */
        FAIL;

        static Answer to(@Nullable String state) {
            if (state == null || state.length() != 5) {
                return FAIL;
            }
            return switch (state.substring(0, 2)) {
                case "08", "40", "53", "57" -> RETRY;
                // 54: an index entry of more than a third of a page
                case "22", "23", "54" -> SET_ASIDE;
                default -> state.equals("55P03") || state.equals("25006") ? RETRY : FAIL;
            };
        }
    }

    @Override
    public void commit(Collection<CommitRequest<Batch>> requests) throws IOException, InterruptedException {
        List<Batch> batches = requests.stream()
                .map(CommitRequest::getCommittable)
                .sorted(Comparator.comparingLong(Batch::revision))
                .toList();
        for (Batch batch : batches) {
            Table table = tables.get(batch.table());
            if (table == null) {
                throw new IOException(
                        "a pending row is of table " + batch.table() + ", which is none of " + tables.keySet());
            }
            upsert(table, batch.rows(), batch.revision());
        }
    }

    private void upsert(Table table, List<Row> rows, long revision) throws IOException, InterruptedException {
        SQLException refusal = attempt(table, rows, revision);
        if (refusal == null) {
            return;
        }
        if (rows.size() > 1) {
            int half = rows.size() / 2;
            upsert(table, rows.subList(0, half), revision);
            upsert(table, rows.subList(half, rows.size()), revision);
            return;
        }
        LOG.warn("{}: PostgreSQL refused one row of {}: {}", job, table.name(), refusal.getMessage());
        Row letter = deadLetter(table, rows.get(0), refusal);
        SQLException again = attempt(DeadLetterTable.DEAD_LETTER, List.of(letter), revision);
        if (again != null) {
            throw new IOException(warehouse.explain(again), again);
        }
    }

    /** Null when the rows are there, else the refusal of a value in them. */
    private @Nullable SQLException attempt(Table table, List<Row> rows, long revision)
            throws IOException, InterruptedException {
        for (int failures = 0; ; failures++) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the outbox was stopped");
            }
            try {
                if (connection == null) {
                    connection = warehouse.connect();
                }
                Upsert.of(table).run(connection, rows, revision);
                if (failures > 0) {
                    LOG.info("{}: the warehouse takes rows again after {} failures", job, failures);
                }
                return null;
            } catch (SQLException failure) {
                switch (Answer.to(failure.getSQLState())) {
                    case SET_ASIDE -> {
                        return failure;
                    }
                    case FAIL -> throw new IOException(warehouse.explain(failure), failure);
                    case RETRY -> {
                        disconnect();
                        if (failures == 0 || failures % 10 == 0) {
                            LOG.warn("{}: waiting for the warehouse: {}", job, warehouse.explain(failure));
                        }
                        Thread.sleep(Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, 10)));
                    }
                }
            }
        }
    }

    /** The refused row as a dead letter, under a position made of its key: refused again, it replaces itself. */
    private Row deadLetter(Table table, Row row, SQLException refusal) {
        String key = row.key(table);
        byte[] payload = (row.definition() + Arrays.toString(row.values())).getBytes(StandardCharsets.UTF_8);
        byte[] kept = Arrays.copyOf(payload, Math.min(payload.length, DeadLetterTable.PAYLOAD_LIMIT));
        @Nullable String[] values = {
            job,
            "(warehouse) " + table.name(),
            "0",
            Long.toString(offset(key)),
            REFUSED,
            Objects.toString(refusal.getMessage()),
            Long.toString(payload.length),
            Hash.sha256Hex(payload),
            Base64.getEncoder().encodeToString(kept)
        };
        return SoundValues.of(
                new Row(DeadLetterTable.DEAD_LETTER.name(), values, "", false, row.asOfMillis()),
                DeadLetterTable.DEAD_LETTER);
    }

    private static long offset(String key) {
        return ByteBuffer.wrap(Hash.sha256(key.getBytes(StandardCharsets.UTF_8)))
                        .getLong()
                & Long.MAX_VALUE;
    }

    private void disconnect() {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException alreadyBroken) {
                LOG.debug("closing a broken connection", alreadyBroken);
            }
            connection = null;
        }
    }

    @Override
    public void close() {
        disconnect();
    }
}
