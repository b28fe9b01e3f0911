package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cycletime.DealTables;
import dev.weir.machine.Issues;
import dev.weir.machine.LedgerTally;
import dev.weir.machine.Row;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class SweepTest {
    private static final long OLD = Outbox.firstRevision(3) + 7;
    private static final long NEW = Outbox.firstRevision(5) + 1;

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
    void aJobThatWasStartedAfresh() throws Exception {
        database.run("TRUNCATE weir.deal, weir.data_issue, weir.ledger");
        ledger(0, OLD);
        ledger(0, NEW);
    }

    private static void ledger(long bucket, long revision) throws Exception {
        String place = "cycle-time weir.deal.v1 0 " + bucket;
        String counts = " 1 1 0 0 0 0 0 7 0";
        write(Row.of(LedgerTally.TABLE, "", 1_000, (place + counts).split(" ", -1)), revision);
    }

    private static void deal(String id, String definition, long revision) throws Exception {
        @Nullable String[] values = new @Nullable String[DealTables.DEAL.width()];
        values[0] = id;
        write(new Row("deal", values, definition, false, 1_000), revision);
    }

    private static void write(Row row, long revision) throws Exception {
        try (var connection = database.as("writer").connect()) {
            Upsert.of(Outbox.table(Tables.warehouse(), row)).run(connection, List.of(row), revision);
        }
    }

    @Test
    void whatOnlyAnOlderSubmissionSaidIsMarkedAndWhatIsOnItsWayComesBack() throws Exception {
        deal("left over", "now", OLD);
        deal("said again", "now", OLD);
        deal("said again", "now", NEW);
        deal("of another definition", "before", OLD);
        try (Sweep sweep = Sweep.after(database.as("writer"), "cycle-time")) {
            assertThat(sweep.unread()).isZero();
            assertThat(sweep.sweep(List.of(DealTables.DEAL), true)).isEqualTo(Map.of("deal", 1L));
            assertThat(sweep.sweep(List.of(DealTables.DEAL), false)).isEqualTo(Map.of("deal", 1L));
            assertThat(sweep.sweep(List.of(DealTables.DEAL), false)).isEmpty();
        }
        String standing = "SELECT deal_id FROM weir.deal WHERE NOT deleted ORDER BY 1";
        assertThat(database.read(standing)).containsExactly("of another definition", "said again");
        deal("left over", "now", NEW + 1);
        assertThat(database.read(standing)).containsExactly("left over", "of another definition", "said again");
    }

    @Test
    void whatAnotherJobSaidOfTheSameTableStays() throws Exception {
        write(Issues.row("cycle-time", "TRUNCATED", "a", "was", 1_000), OLD);
        write(Issues.row("conversion", "TRUNCATED", "a", "is", 1_000), OLD);
        write(Issues.row("cycle-time", "TRUNCATED", "b", "is", 1_000), NEW);
        try (Sweep sweep = Sweep.after(database.as("writer"), "cycle-time")) {
            assertThat(sweep.sweep(List.of(Issues.TABLE), false)).isEqualTo(Map.of("data_issue", 1L));
        }
        assertThat(database.read("SELECT detail FROM weir.data_issue WHERE NOT deleted"))
                .containsOnly("is");
    }

    @Test
    void aBucketThatOnlyAnOlderSubmissionReadIsTold() throws Exception {
        ledger(1, OLD);
        try (Sweep sweep = Sweep.after(database.as("writer"), "cycle-time")) {
            assertThat(sweep.unread()).isEqualTo(1);
        }
        assertThatThrownBy(() -> Sweep.after(database.as("writer"), "conversion"))
                .hasMessageContaining("has written nothing yet");
    }
}
