package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Who may do what to which table and view, tried out: every statement is sent, and rolled back.
 *
 * <p>The tables belong to an owner without privileges of its own, as in a hosted database: a superuser passes every policy.
 */
@Tag("slow")
class AccessTest {
    private static final List<String> USERS = List.of("owner", "writer", "reader", "north", "south", "guest");
    private static Database database;

    @BeforeAll
    static void start() throws Exception {
        database = Database.empty();
        database.run("CREATE ROLE owner LOGIN CREATEROLE", "GRANT CREATE ON DATABASE postgres TO owner");
        database.migrate("owner");
        database.run(
                "CREATE ROLE writer LOGIN IN ROLE weir_writer",
                "CREATE ROLE reader LOGIN IN ROLE weir_reader",
                "CREATE ROLE northerners",
                "CREATE ROLE north LOGIN IN ROLE weir_team, northerners",
                "CREATE ROLE south LOGIN IN ROLE weir_team",
                "CREATE ROLE guest LOGIN");
        database.read(
                "owner",
                "INSERT INTO weir.team_access VALUES ('northerners', 'north'), ('south', 'south'), ('gone', 'north')"
                        + " RETURNING 1");
        // One row of everything for each team, as the writer, under the policies.
        for (String team : List.of("north", "south")) {
            for (String row : rowsOf(team, team.equals("north") ? "ana" : "bo")) {
                database.read("writer", row + " RETURNING 1");
            }
        }
        database.read("writer", total() + " RETURNING 1");
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
    }

    @Test
    void everyoneMayDoWhatItsRoleSaysAndNoMore() throws Exception {
        Map<String, Map<String, String>> matrix = new LinkedHashMap<>();
        for (String object : objects()) {
            matrix.put(object, new LinkedHashMap<>());
        }
        for (String user : USERS) {
            try (Connection connection = database.as(user).connect()) {
                connection.setAutoCommit(false);
                for (Map.Entry<String, Map<String, String>> row : matrix.entrySet()) {
                    row.getValue().put(user, verbs(connection, row.getKey()));
                }
                connection.rollback();
            }
        }
        print(matrix);
        matrix.forEach((object, may) -> {
            boolean view = object.startsWith("bi.");
            assertThat(may.get("guest")).as("guest, " + object).isEqualTo("----");
            for (String reader : List.of("reader", "north", "south")) {
                assertThat(may.get(reader)).as(reader + ", " + object).isEqualTo(view ? "s---" : "----");
            }
            assertThat(may.get("writer"))
                    .as("writer, " + object)
                    .isEqualTo(view || ownerOnly(object) ? "----" : "siu-");
        });
    }

    @Test
    void aTeamSeesItsRowsOnlyAlsoThroughViews() throws Exception {
        for (String view : List.of(
                "owner_current",
                "owner_history",
                "deal_current",
                "deal_history",
                "stalled",
                "account_current",
                "person_current",
                "conversion",
                "touch_credit",
                "funnel_attempt",
                "alert",
                "stage_flow_by",
                "metric_point")) {
            String rows = "SELECT v::text FROM bi." + view + " v";
            assertThat(database.read("reader", rows)).as(view).hasSize(2);
            assertThat(database.read("north", rows))
                    .as(view)
                    .singleElement()
                    .asString()
                    .contains("north")
                    .doesNotContain("south");
            assertThat(database.read("south", rows))
                    .as(view)
                    .singleElement()
                    .asString()
                    .contains("south")
                    .doesNotContain("north");
        }
        for (String view : List.of("stage_flow", "data_health", "campaign_current")) {
            assertThat(database.read("reader", "SELECT 1 FROM bi." + view))
                    .as(view)
                    .isNotEmpty();
            assertThat(database.read("north", "SELECT 1 FROM bi." + view))
                    .as(view + " is nobody's")
                    .isEmpty();
        }
    }

    @Test
    void aTeamSeesADealFromWhenItsOwnerBelongsToIt() throws Exception {
        String deals = "SELECT deal_id FROM bi.deal_current ORDER BY 1";
        database.read("writer", owner("cy", "2026-01-01Z", "NULL", "north") + " RETURNING 1");
        database.read(
                "writer",
                "INSERT INTO weir.deal (deal_id, status, owner_id, revision) VALUES ('north of cy', 'open', 'cy', 1) RETURNING 1");
        assertThat(database.read("north", deals)).containsExactly("deal of north", "north of cy");
        database.read("writer", owner("cy", "2026-01-01Z", "'2026-02-01Z'", "north") + " RETURNING 1");
        database.read("writer", owner("cy", "2026-02-01Z", "NULL", "south") + " RETURNING 1");
        assertThat(database.read("north", deals)).containsExactly("deal of north");
        assertThat(database.read("south", deals)).containsExactly("deal of south", "north of cy");
        database.read("writer", "UPDATE weir.deal SET deleted = true WHERE deal_id = 'north of cy' RETURNING 1");
        database.read("writer", "UPDATE weir.owner SET deleted = true WHERE owner_id = 'cy' RETURNING 1");
    }

    @Test
    void theOutboxWritesUnderThePoliciesAndItsOwnerKeepsHistory() throws Exception {
        assertThat(database.read("owner", "SELECT weir.keep_history(true)")).isNotEqualTo(List.of("0"));
        String deal = "SELECT count(*) FROM weir.row_history WHERE table_name = 'alert'";
        assertThat(database.read(deal)).as("rows that were there").containsExactly("2");
        database.read(
                "writer",
                "INSERT INTO weir.alert AS t (alert_id, status, revision) VALUES ('north alert', 'resolved', 2)"
                        + " ON CONFLICT (alert_id, definition) DO UPDATE SET status = excluded.status, revision = excluded.revision"
                        + " WHERE excluded.revision > t.revision RETURNING 1");
        assertThat(database.read(deal)).containsExactly("3");
        assertThat(database.read("reader", "SELECT count(*) FROM bi.alert_as_known_at(clock_timestamp())"))
                .containsExactly("2");
        assertThat(database.read("owner", "SELECT weir.keep_history(false)")).isNotEqualTo(List.of("0"));
    }

    @Test
    void aViewThatALaterVersionBringsIsGuarded() throws Exception {
        database.read("owner", "SELECT 1");
        try (Connection connection = database.as("owner").connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE VIEW bi.later AS SELECT deal_id, owner_id FROM weir.deal WHERE NOT deleted");
            statement.execute("GRANT SELECT ON bi.later TO weir_team");
            assertThat(database.read("north", "SELECT * FROM bi.later"))
                    .as("with its owner's rights it shows nothing")
                    .isEmpty();
            database.migrate("owner");
            assertThat(database.read("north", "SELECT * FROM bi.later")).containsExactly("deal of north|ana");
            statement.execute("DROP VIEW bi.later");
        }
    }

    private static boolean ownerOnly(String object) {
        return List.of(
                        "weir.flyway_schema_history",
                        "weir.row_history",
                        "weir.history_kept",
                        "weir.team_access",
                        "weir.business_calendar")
                .contains(object);
    }

    private static List<String> objects() throws SQLException {
        return database.read(
                "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname IN ('weir', 'bi') AND c.relkind IN ('r', 'v') ORDER BY n.nspname DESC, c.relname");
    }

    /** s, i, u, d for what is not refused: select, insert, update, and delete or truncate. */
    private static String verbs(Connection connection, String object) throws SQLException {
        String column = firstColumn(object);
        return (may(connection, "SELECT 1 FROM " + object + " LIMIT 1") ? "s" : "-")
                + (may(connection, "INSERT INTO " + object + " DEFAULT VALUES") ? "i" : "-")
                + (may(connection, "UPDATE " + object + " SET " + column + " = DEFAULT WHERE false") ? "u" : "-")
                + (may(connection, "DELETE FROM " + object + " WHERE false") || may(connection, "TRUNCATE " + object)
                        ? "d"
                        : "-");
    }

    private static String firstColumn(String object) throws SQLException {
        return database.read("SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '" + object
                        + "'::regclass AND attnum = 1")
                .get(0);
    }

    /** Whether it is allowed; that it then fails, since a row lacks its key or a view is not to be written, is another matter. */
    private static boolean may(Connection connection, String sql) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return true;
        } catch (SQLException refused) {
            // 42501 not allowed; 55000, 42809 a view that cannot be written by anybody.
            return !List.of("42501", "55000", "42809").contains(refused.getSQLState());
        } finally {
            connection.rollback(before);
        }
    }

    private static void print(Map<String, Map<String, String>> matrix) {
        StringBuilder text = new StringBuilder("s select, i insert, u update, d delete or truncate\n");
        text.append(String.format(Locale.ROOT, "%-30s", ""));
        USERS.forEach(user -> text.append(String.format(Locale.ROOT, " %-6s", user)));
        matrix.forEach((object, may) -> {
            text.append(String.format(Locale.ROOT, "%n%-30s", object));
            may.values().forEach(verbs -> text.append(String.format(Locale.ROOT, " %-6s", verbs)));
        });
        System.out.println(text);
    }

    private static String owner(String id, String from, String to, String team) {
        return "INSERT INTO weir.owner (owner_id, valid_from, valid_to, team, revision) VALUES ('" + id + "', '" + from
                + "', " + to + ", '" + team + "', 1) ON CONFLICT (owner_id, valid_from, definition)"
                + " DO UPDATE SET valid_to = excluded.valid_to";
    }

    private static List<String> rowsOf(String team, String owner) {
        List<String> rows = new ArrayList<>();
        rows.add(owner(owner, "2026-01-01Z", "NULL", team));
        for (String insert : List.of(
                "deal (deal_id, status, owner_id, account_id, stalled_since, revision)"
                        + " VALUES ('deal of %1$s', 'open', '%2$s', 'account of %1$s', '2026-01-02Z', 1)",
                "deal_history (deal_id, valid_from, owner_id, revision) VALUES ('deal of %1$s', '2026-01-01Z', '%2$s', 1)",
                "stage_visit (deal_id, visit_no, owner_id, revision) VALUES ('deal of %1$s', 1, '%2$s', 1)",
                "account (account_id, valid_from, revision) VALUES ('account of %1$s', '2026-01-01Z', 1)",
                "person (person_id, valid_from, account_id, revision)"
                        + " VALUES ('person of %1$s', '2026-01-01Z', 'account of %1$s', 1)",
                "conversion (conversion_id, deal_id, revision) VALUES ('conversion of %1$s', 'deal of %1$s', 1)",
                "touch_credit (conversion_id, touch_event_id, model, revision) VALUES ('conversion of %1$s', 'e', 'first', 1)",
                "funnel_attempt (funnel, entity_id, attempt_no, account_id, revision)"
                        + " VALUES ('f', 'person of %1$s', 1, 'account of %1$s', 1)",
                "alert (alert_id, team, status, revision) VALUES ('%1$s alert', '%1$s', 'firing', 1)",
                "stage_flow (pipeline, grain, window_start, breakdown, value, stage, timezone, revision)"
                        + " VALUES ('p', 'week', '2026-01-05Z', 'owner_id', '%2$s', 's', 'in the %1$s', 1)",
                "metric_point (metric, breakdown, value, grain, window_start, kind, revision)"
                        + " VALUES ('m', 'owner_id', '%2$s', 'week', '2026-01-05Z', '%1$s', 1)")) {
            rows.add("INSERT INTO weir." + String.format(Locale.ROOT, insert, team, owner));
        }
        return rows;
    }

    private static String total() {
        return "WITH a AS (INSERT INTO weir.stage_flow (pipeline, grain, window_start, breakdown, value, stage, revision)"
                + " VALUES ('p', 'week', '2026-01-05Z', '(total)', '(total)', 's', 1)),"
                + " b AS (INSERT INTO weir.ledger (job, topic, partition, bucket, revision) VALUES ('j', 't', 0, 0, 1))"
                + " INSERT INTO weir.campaign (campaign_id, valid_from, revision) VALUES ('c', '2026-01-05Z', 1)";
    }
}
