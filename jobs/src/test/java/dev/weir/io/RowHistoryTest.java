package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cycletime.DealTables;
import dev.weir.machine.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class RowHistoryTest {
    private static Database database;

    @BeforeAll
    static void start() throws Exception {
        database = Database.migrated();
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
    }

    @Test
    void whatTheWarehouseSaidOnAnyDayIsKnown() throws Exception {
        database.run("SELECT weir.keep_history(false)");
        upsert(1, deal("d0", "open", "a"), deal("d1", "open", "a"));
        String before = now();
        assertThatThrownBy(() -> known(now()))
                .hasMessageContaining("no history of deal is kept")
                .hasMessageContaining("--history");
        assertThat(database.read("SELECT weir.keep_history(true)")).isNotEqualTo(List.of("0"));
        assertThat(database.read("SELECT weir.keep_history(true)")).as("again").containsExactly("0");
        String begun = now();

        upsert(2, deal("d1", "open", "b"), deal("d2", "open", "a"));
        String second = now();
        upsert(3, deal("d1", "won", "b").asDeleted(5), deal("d2", "open", "a"));
        upsert(2, deal("d0", "lost", "a"), deal("d2", "lost", "a"));
        String third = now();

        assertThatThrownBy(() -> known(before)).hasMessageContaining("not known: its history is kept since");
        assertThat(known(begun)).containsExactly("d0|open|a", "d1|open|a");
        assertThat(known(second)).containsExactly("d0|open|a", "d1|open|b", "d2|open|a");
        assertThat(known(third))
                .as("an upsert that a newer revision holds off said nothing")
                .containsExactly("d0|lost|a", "d2|open|a");
        assertThat(known(third))
                .isEqualTo(database.read("SELECT deal_id, status, stage FROM weir.deal WHERE NOT deleted ORDER BY 1"));
        assertThat(database.read("SELECT count(*) FROM weir.row_history WHERE contents ->> 'deal_id' = 'd2'"))
                .as("said again, it says nothing new")
                .containsExactly("1");
        assertThat(changed(second, third)).containsExactly("d0|open|lost", "d1|open|-");
        assertThat(changed(begun, third)).containsExactly("d0|open|lost", "d1|open|-", "d2|-|open");
        assertThat(changed(third, now())).isEmpty();
        assertThat(database.read("SELECT weir.keep_history(false)")).isNotEqualTo(List.of("0"));
        upsert(9, deal("d0", "open", "c"));
        assertThatThrownBy(() -> known(second)).hasMessageContaining("no history of deal is kept");
    }

    @Test
    void theVisitsAndAttemptsThatMovedARowAreNamed() throws Exception {
        database.run("SELECT weir.keep_history(true)");
        String visit =
                "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at, revision)"
                        + " VALUES ('%s', 1, 'sales', '%s', '%s', %s, %d) ON CONFLICT (deal_id, visit_no, definition)"
                        + " DO UPDATE SET exited_at = excluded.exited_at, revision = excluded.revision, loaded_at = now()";
        database.run(
                visit.formatted("v1", "offer", "2026-01-06Z", "NULL", 1),
                visit.formatted("v2", "offer", "2026-02-06Z", "NULL", 1),
                visit.formatted("v3", "other", "2026-01-06Z", "NULL", 1));
        String attempt = "INSERT INTO weir.funnel_attempt (funnel, entity_id, attempt_no, started_at, revision)"
                + " VALUES ('signup', '%s', 1, '%s', 1)";
        String first = now();
        database.run(
                visit.formatted("v1", "offer", "2026-01-06Z", "'2026-01-08Z'", 2),
                visit.formatted("v2", "offer", "2026-02-06Z", "'2026-02-08Z'", 2),
                visit.formatted("v3", "other", "2026-01-06Z", "'2026-01-08Z'", 2),
                attempt.formatted("p1", "2026-01-07Z"),
                attempt.formatted("p2", "2026-01-12Z"));
        String window = "'2026-01-05Z', '2026-01-12Z', '" + first + "', '" + now() + "')";
        assertThat(database.read(
                        "reader",
                        "SELECT deal_id, was ->> 'exited_at', (became ->> 'exited_at')::timestamptz AT TIME ZONE 'UTC'"
                                + " FROM bi.stage_moved_by('sales', 'offer', " + window))
                .containsExactly("v1|-|2026-01-08 00:00:00");
        assertThat(database.read("reader", "SELECT entity_id, was IS NULL FROM bi.funnel_moved_by('signup', " + window))
                .containsExactly("p1|t");
    }

    @Test
    void readersAskEveryTableOfAnyDayAndWritersCannotChangeWhatWasKnown() throws Exception {
        database.run("SELECT weir.keep_history(true)");
        for (String table : List.of("funnel_window", "stage_flow", "stage_cohort", "bottleneck", "deal", "alert")) {
            assertThat(database.read("reader", "SELECT count(*) FROM bi." + table + "_as_known_at(now())"))
                    .hasSize(1);
        }
        for (String user : List.of("reader", "writer")) {
            for (String forbidden : List.of(
                    "SELECT 1 FROM weir.row_history",
                    "DELETE FROM weir.row_history RETURNING 1",
                    "SELECT weir.keep_history(false)",
                    "SELECT weir.history_at('deal', now())")) {
                assertThatThrownBy(() -> database.read(user, forbidden))
                        .as(user + ": " + forbidden)
                        .hasMessageContaining("permission denied");
            }
        }
    }

    private static Row deal(String id, String status, String stage) {
        @Nullable String[] values = new @Nullable String[DealTables.DEAL.width()];
        Arrays.fill(values, null);
        values[0] = id;
        values[DealTables.DEAL.index("status")] = status;
        values[DealTables.DEAL.index("stage")] = stage;
        return Row.of(DealTables.DEAL, "h", 1, values);
    }

    private static void upsert(long revision, Row... rows) throws SQLException {
        try (Connection connection = database.as("writer").connect()) {
            Upsert.of(DealTables.DEAL).run(connection, List.of(rows), revision);
        }
    }

    private static String now() throws SQLException {
        return database.read("SELECT clock_timestamp()").get(0);
    }

    private static List<String> known(String moment) throws SQLException {
        return database.read(
                "reader", "SELECT deal_id, status, stage FROM bi.deal_as_known_at('" + moment + "') ORDER BY 1");
    }

    private static List<String> changed(String from, String to) throws SQLException {
        return database.read(
                "reader",
                "SELECT coalesce(was, became) ->> 'deal_id', was ->> 'status', became ->> 'status'"
                        + " FROM bi.changed_between('deal', '" + from + "', '" + to + "') ORDER BY 1");
    }
}
