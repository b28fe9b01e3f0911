package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.conversion.FunnelTables;
import dev.weir.cycletime.DealTables;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("slow")
class OutboxTest {
    @RegisterExtension
    static final MiniClusterExtension CLUSTER = new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(2)
            .build());

    private static Database database;

    @BeforeAll
    static void start() throws Exception {
        database = Database.migrated();
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
    }

    @BeforeEach
    void empty() throws Exception {
        database.run("TRUNCATE weir.deal, weir.funnel_attempt, weir.dead_letter");
    }

    @Test
    void theNewestRowOfEachKeyIsThere() throws Exception {
        List<Row> rows = new ArrayList<>();
        for (int version = 1; version <= 5; version++) {
            for (int deal = 0; deal < 200; deal++) {
                rows.add(deal("d" + deal, "amount", version + ".50"));
            }
        }
        rows.add(deal("d7", "amount", "5.50").asDeleted(2_000));
        send(rows, 1);
        assertThat(database.read(
                        "SELECT count(*), min(amount), max(amount), count(*) FILTER (WHERE deleted) FROM weir.deal"))
                .containsExactly("200|5.5000|5.5000|1");
        assertThat(database.read("SELECT deal_id, as_of, definition, revision > 1::bigint << 40, loaded_at IS NOT NULL"
                        + " FROM weir.deal WHERE deleted"))
                .containsExactly("d7|1970-01-01 00:00:02+00|h|t|t");
    }

    @Test
    void anOlderSubmissionCannotOverwriteANewerOne() throws Exception {
        send(List.of(deal("d1", "amount", "2")), 2);
        send(List.of(deal("d1", "amount", "1"), deal("d2", "amount", "1")), 1);
        assertThat(database.read("SELECT deal_id, amount FROM weir.deal ORDER BY 1"))
                .containsExactly("d1|2.0000", "d2|1.0000");
        send(List.of(deal("d1", "amount", "3")), 3);
        assertThat(database.read("SELECT amount FROM weir.deal WHERE deal_id = 'd1'"))
                .containsExactly("3.0000");
    }

    @Test
    void aRowThatPostgresRefusesIsSetAsideAndTheRestIsWritten() throws Exception {
        List<Row> rows = new ArrayList<>();
        for (int deal = 0; deal < 500; deal++) {
            rows.add(deal("d" + deal, "push_count", deal == 321 ? "many" : "1"));
        }
        rows.add(deal(noise(20_000), "push_count", "1")); // more than an index entry may hold
        send(rows, 1);
        send(rows, 2);
        assertThat(database.read("SELECT count(*) FROM weir.deal")).containsExactly("499");
        assertThat(database.read("SELECT job, topic, reason, length > 0, length(sha256), detail LIKE '%many%'"
                        + " FROM weir.dead_letter ORDER BY detail LIKE '%many%' DESC"))
                .containsExactly(
                        "test|(warehouse) deal|REFUSED_BY_WAREHOUSE|t|64|t",
                        "test|(warehouse) deal|REFUSED_BY_WAREHOUSE|t|64|f");
    }

    @Test
    void unsoundValuesAreMadeSound() throws Exception {
        send(
                List.of(
                        deal("a\0", "amount", "NaN"),
                        deal("b", "created_at", "+99999-01-01T00:00:00Z"),
                        deal("c\uD800", "amount", "1E+30")),
                1);
        assertThat(database.read("SELECT deal_id, amount, created_at FROM weir.deal ORDER BY 1"))
                .containsExactly("a\uFFFD|-|-", "b|-|-", "c\uFFFD|-|-");
    }

    @Test
    void arraysAndDocumentsKeepTheirGaps() throws Exception {
        Row row = row(
                FunnelTables.FUNNEL_ATTEMPT,
                "funnel",
                "signup",
                "entity_id",
                "p1",
                "attempt_no",
                "1",
                "breakdowns",
                "{\"channel\":\"a\\u0000\"}",
                "step_times",
                "[\"2026-01-01T00:00:00.123Z\",null,\"2026-01-02T00:00:00Z\"]");
        send(List.of(row), 1);
        assertThat(database.read("SELECT breakdowns->>'channel', array_length(step_times, 1), step_times[2] IS NULL,"
                        + " step_times[1] = '2026-01-01T00:00:00.123Z' FROM weir.funnel_attempt"))
                .containsExactly("a\uFFFD|3|t|t");
    }

    @Test
    void theSameBatchTwiceIsOnce() throws Exception {
        try (OutboxCommitter committer = committer()) {
            Batch batch =
                    Batch.of("deal", 5, List.of(deal("d1", "amount", "1"))).get(0);
            committer.commit(List.of(request(batch)));
            committer.commit(List.of(request(batch)));
        }
        assertThat(database.read("SELECT deal_id, revision FROM weir.deal")).containsExactly("d1|5");
    }

    @Test
    void batchesOfOneCommitLandInTheOrderOfTheirRevisions() throws Exception {
        try (OutboxCommitter committer = committer()) {
            Batch old = Batch.of("deal", 5, List.of(deal("d1", "amount", "1"))).get(0);
            Batch young =
                    Batch.of("deal", 6, List.of(deal("d1", "amount", "2"))).get(0);
            committer.commit(List.of(request(young), request(old)));
        }
        assertThat(database.read("SELECT amount, revision FROM weir.deal")).containsExactly("2.0000|6");
    }

    @Test
    void aKilledConnectionIsOpenedAgain() throws Exception {
        try (OutboxCommitter committer = committer()) {
            committer.commit(List.of(request(
                    Batch.of("deal", 5, List.of(deal("d1", "amount", "1"))).get(0))));
            assertThat(database.read("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'writer'"))
                    .contains("t");
            committer.commit(List.of(request(
                    Batch.of("deal", 6, List.of(deal("d1", "amount", "2"))).get(0))));
        }
        assertThat(database.read("SELECT amount FROM weir.deal")).containsExactly("2.0000");
    }

    @Test
    void aReadOnlyWarehouseIsWaitedForAndWaitingCanBeInterrupted() throws Exception {
        database.run("ALTER ROLE writer SET default_transaction_read_only = on");
        try (OutboxCommitter committer = committer()) {
            CountDownLatch stopped = new CountDownLatch(1);
            Thread waiting = new Thread(() -> {
                try {
                    committer.commit(List.of(request(Batch.of("deal", 5, List.of(deal("d1", "amount", "1")))
                            .get(0))));
                } catch (InterruptedException expected) {
                    stopped.countDown();
                } catch (IOException unexpected) {
                    throw new AssertionError(unexpected);
                }
            });
            waiting.start();
            Thread.sleep(700);
            assertThat(waiting.isAlive()).isTrue();
            waiting.interrupt();
            assertThat(stopped.await(5, TimeUnit.SECONDS)).isTrue();
        } finally {
            database.run("ALTER ROLE writer RESET default_transaction_read_only");
        }
        assertThat(database.read("SELECT count(*) FROM weir.deal")).containsExactly("0");
    }

    @Test
    void aHouseOutOfOrderSaysWhatToDo() {
        try (OutboxCommitter reader = new OutboxCommitter(database.as("reader"), Tables.warehouse(), "test")) {
            assertThatThrownBy(
                            () -> reader.commit(List.of(request(Batch.of("deal", 5, List.of(deal("d1", "amount", "1")))
                                    .get(0)))))
                    .hasMessageContaining("GRANT weir_writer TO reader");
        }
        assertThatThrownBy(() -> new Warehouse(database.url() + "?socketFactory=x", "writer", null, null).drawEpoch())
                .hasMessageContaining("socketFactory");
        assertThatThrownBy(() -> new Warehouse(database.url(), "writer", "/no/such/file", null).drawEpoch())
                .hasMessageContaining("/no/such/file");
    }

    @Test
    void whatWouldLoseRowsIsRefused() {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setRuntimeMode(RuntimeExecutionMode.BATCH);
        assertThatThrownBy(() -> Outbox.write(
                        environment.fromData(StreamTypes.ROW, deal("d1", "amount", "1")),
                        database.as("writer"),
                        Tables.warehouse(),
                        1,
                        "test"))
                .hasMessageContaining("STREAMING");
    }

    @Test
    void failuresAreSortedByTheirState() {
        for (String state : List.of("08006", "40P01", "53300", "57P01", "57014", "55P03", "25006")) {
            assertThat(OutboxCommitter.Answer.to(state)).as(state).isEqualTo(OutboxCommitter.Answer.RETRY);
        }
        for (String state : List.of("22P02", "22003", "23502", "54000")) {
            assertThat(OutboxCommitter.Answer.to(state)).as(state).isEqualTo(OutboxCommitter.Answer.SET_ASIDE);
        }
        for (String state : List.of("42P01", "42501", "28P01", "55000", "XX000")) {
            assertThat(OutboxCommitter.Answer.to(state)).as(state).isEqualTo(OutboxCommitter.Answer.FAIL);
        }
        assertThat(OutboxCommitter.Answer.to(null)).isEqualTo(OutboxCommitter.Answer.FAIL);
    }

    private static void send(Collection<Row> rows, long epoch) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setParallelism(2);
        environment.enableCheckpointing(50);
        environment.configure(new Configuration()
                .set(PipelineOptions.GENERIC_TYPES, false)
                .set(PipelineOptions.AUTO_GENERATE_UIDS, false));
        Outbox.write(
                environment.fromData(rows, StreamTypes.ROW).setParallelism(1).uid("rows"),
                database.as("writer"),
                Tables.warehouse(),
                epoch,
                "test");
        environment.execute();
    }

    private static OutboxCommitter committer() {
        return new OutboxCommitter(database.as("writer"), Tables.warehouse(), "test");
    }

    private static Row deal(String id, String column, String value) {
        return row(DealTables.DEAL, "deal_id", id, column, value);
    }

    private static Row row(Table table, String... columnsAndValues) {
        @Nullable String[] values = new @Nullable String[table.columns().size()];
        for (int i = 0; i < columnsAndValues.length; i += 2) {
            values[table.index(columnsAndValues[i])] = columnsAndValues[i + 1];
        }
        return new Row(table.name(), values, "h", false, 1_000);
    }

    /** Text that does not compress. */
    private static String noise(int length) {
        return new Random(1)
                .ints(length, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static Committer.CommitRequest<Batch> request(Batch batch) {
        return new Request(batch);
    }

    /** The outbox only asks for the batch. */
    private record Request(Batch batch) implements Committer.CommitRequest<Batch> {
        @Override
        public Batch getCommittable() {
            return batch;
        }

        @Override
        public int getNumberOfRetries() {
            return 0;
        }

        @Override
        public void signalFailedWithKnownReason(Throwable reason) {}

        @Override
        public void signalFailedWithUnknownReason(Throwable reason) {}

        @Override
        public void retryLater() {}

        @Override
        public void updateAndRetryLater(Batch other) {}

        @Override
        public void signalAlreadyCommitted() {}
    }
}
