package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.machine.Column;
import dev.weir.machine.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

@Tag("slow")
class MigrationsTest {
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
    void migratingTwiceDoesNothingMore() {
        assertThat(database.migrate()).isZero();
    }

    @Test
    void everyTableViewAndColumnIsExplained() throws Exception {
        assertThat(database.read("SELECT c.oid::regclass, a.attname FROM pg_class c"
                        + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped"
                        + " WHERE c.relnamespace IN ('weir'::regnamespace, 'bi'::regnamespace) AND c.relkind IN ('r', 'v')"
                        + " AND c.relname <> 'flyway_schema_history' AND col_description(c.oid, a.attnum) IS NULL"))
                .isEmpty();
        assertThat(database.read("SELECT c.oid::regclass FROM pg_class c"
                        + " WHERE c.relnamespace IN ('weir'::regnamespace, 'bi'::regnamespace) AND c.relkind IN ('r', 'v', 'S')"
                        + " AND c.relname <> 'flyway_schema_history' AND obj_description(c.oid) IS NULL"))
                .isEmpty();
    }

    /** {@code -Dgolden.write=true} writes both anew; read the difference before it is committed. */
    @Test
    void theDictionaryAndTheSourcesOfDbtAreThoseOfTheMigrations() throws Exception {
        Dictionary dictionary = Dictionary.of(database);
        Map<Path, String> files = Map.of(
                Path.of("../schemas/DICTIONARY.md"), dictionary.markdown(),
                Path.of("../deploy/dbt/sources.yml"), dictionary.sources());
        for (Map.Entry<Path, String> file : files.entrySet()) {
            if (Boolean.getBoolean("golden.write")) {
                Files.createDirectories(file.getKey().getParent());
                Files.writeString(file.getKey(), file.getValue());
            }
            assertThat(file.getKey())
                    .as("out of date: run mvn -pl jobs -am test -Dtest=MigrationsTest -Dgolden.write=true"
                            + " -Dsurefire.failIfNoSpecifiedTests=false")
                    .hasContent(file.getValue());
        }
    }

    /** As dbt would read it: by itself, not by what writes it. */
    @Test
    void everySourceOfDbtIsAViewWithThoseColumnsAndItsFreshnessCanBeAsked() throws Exception {
        JsonNode source = new ObjectMapper()
                .<JsonNode>valueToTree(new Yaml().<Object>load(Files.readString(Path.of("../deploy/dbt/sources.yml"))))
                .at("/sources/0");
        List<String> views = new ArrayList<>();
        for (JsonNode table : source.path("tables")) {
            String view =
                    source.path("schema").asText() + "." + table.path("name").asText();
            views.add(view);
            List<String> columns = new ArrayList<>();
            table.path("columns")
                    .forEach(column -> columns.add("\"" + column.path("name").asText() + "\""));
            database.read("reader", "SELECT " + String.join(", ", columns) + " FROM " + view + " LIMIT 0");
            if (!table.has("config")) {
                String loaded = source.at("/config/loaded_at_field").asText();
                database.read("reader", "SELECT max(" + loaded + ") FROM " + view);
            }
        }
        assertThat(views)
                .containsExactlyInAnyOrderElementsOf(
                        database.read(
                                "SELECT 'bi.' || relname FROM pg_class WHERE relnamespace = 'bi'::regnamespace AND relkind = 'v'"));
    }

    @Test
    void theTablesOfTheCodeAreTheTablesOfTheWarehouse() throws Exception {
        List<String> code = new ArrayList<>();
        for (Table table : Tables.warehouse().values()) {
            for (Column column : table.columns()) {
                code.add(table.name() + "|" + column.name() + "|" + type(column.type()) + "|"
                        + (table.keys().contains(column) ? "NO" : "YES"));
            }
            Stream.of("definition|text|NO", "deleted|boolean|NO", "as_of|timestamp with time zone|YES")
                    .forEach(house -> code.add(table.name() + "|" + house));
            Stream.of("revision|bigint|NO", "loaded_at|timestamp with time zone|NO")
                    .forEach(house -> code.add(table.name() + "|" + house));
        }
        assertThat(database.read("SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),"
                        + " CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END"
                        + " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
                        + " WHERE c.relnamespace = 'weir'::regnamespace AND c.relkind = 'r'"
                        // Not written by jobs: what was migrated, what was replayed, what was known, who may see.
                        + " AND c.relname NOT IN ('flyway_schema_history', 'dead_letter_replay', 'row_history', 'history_kept',"
                        + " 'team_access', 'business_calendar')"))
                .containsExactlyInAnyOrderElementsOf(code);
    }

    @Test
    void thePrimaryKeyIsTheNaturalKeyAndTheDefinition() throws Exception {
        for (Table table : Tables.warehouse().values()) {
            List<String> key =
                    new ArrayList<>(table.keys().stream().map(Column::name).toList());
            key.add("definition");
            assertThat(database.read("SELECT a.attname FROM pg_index i"
                            + " CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)"
                            + " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
                            + " WHERE i.indisprimary AND i.indrelid = 'weir." + table.name()
                            + "'::regclass ORDER BY k.place"))
                    .as(table.name())
                    .isEqualTo(key);
        }
    }

    @Test
    void aReaderReadsEveryViewAndWritesNothing() throws Exception {
        List<String> views = database.read(
                "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'bi'::regnamespace" + " AND c.relkind = 'v'");
        assertThat(views).hasSizeGreaterThanOrEqualTo(13);
        for (String view : views) {
            assertThat(database.read("reader", "SELECT count(*) FROM (SELECT * FROM bi." + view + ") v"))
                    .hasSize(1);
        }
        assertThat(database.read(
                        "SELECT table_schema, table_name, privilege_type FROM information_schema.table_privileges"
                                + " WHERE grantee IN ('weir_reader', 'PUBLIC') AND table_schema IN ('weir', 'bi')"
                                + " AND (table_schema = 'weir' OR privilege_type <> 'SELECT')"))
                .isEmpty();
        assertThatThrownBy(() -> database.read("reader", "SELECT * FROM weir.deal"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> database.read("reader", "DELETE FROM bi.alert RETURNING 1"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> database.read("reader", "CREATE TABLE bi.mine (a int)"))
                .hasMessageContaining("permission denied");
    }

    @Test
    void aWriterChangesRowsButNoTables() throws Exception {
        assertThatThrownBy(() -> database.read("writer", "CREATE TABLE weir.mine (a int)"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> database.read("writer", "ALTER TABLE weir.deal ADD COLUMN a int"))
                .hasMessageContaining("must be owner");
        assertThatThrownBy(() -> database.read("writer", "TRUNCATE weir.deal"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> database.read("writer", "DELETE FROM weir.deal RETURNING 1"))
                .hasMessageContaining("permission denied");
        assertThat(database.as("writer").drawEpoch()).isPositive();
    }

    /** Bounds by numerical integration of the density; for 1 of 2 it is a half circle: F = (t - sin t cos t) / pi. */
    @ParameterizedTest
    @CsvSource({
        "0, 10, 0, 0.217196268",
        "10, 10, 0.782803732, 1",
        "1, 2, 0.060830276, 0.939169724",
        "3, 7, 0.138864219, 0.765498751",
        "45, 100, 0.355076942, 0.547771008",
    })
    void jeffreysInterval(long successes, long trials, double low, double high) throws Exception {
        assertThat(bound(successes, trials, "0.025")).isCloseTo(low, within(1e-8));
        assertThat(bound(successes, trials, "0.975")).isCloseTo(high, within(1e-8));
    }

    /** The two functions are inverse to each other, also where one tail is thin or the counts are large. */
    @ParameterizedTest
    @CsvSource({"1, 100", "50, 100", "99, 100", "3, 7", "1, 100000", "45000, 100000", "4238, 6711", "999999, 1000000"})
    void theBoundsLeaveTheirShareOutside(long successes, long trials) throws Exception {
        for (String share : List.of("0.025", "0.975")) {
            String x = Double.toString(bound(successes, trials, share));
            assertThat(Double.parseDouble(database.read("SELECT bi.beta_share(" + x + ", " + successes + " + 0.5, "
                                    + trials + " - " + successes + " + 0.5)")
                            .get(0)))
                    .isCloseTo(Double.parseDouble(share), within(1e-6));
        }
    }

    @Test
    void aRateWithoutCasesHasNoInterval() throws Exception {
        assertThat(database.read("SELECT bi.jeffreys(0, 0, 0.025), bi.evidence(0), bi.evidence(9), bi.evidence(10)"))
                .containsExactly("-|none|thin|enough");
    }

    @Test
    void daysInStageAreCountedToTheWatermarkOfTheDeals() throws Exception {
        database.run(
                "INSERT INTO weir.deal (deal_id, status, stage, stalled_since, definition, as_of, revision) VALUES"
                        + " ('d1', 'open', 'a', '2026-01-10Z', 'h', '2026-01-05Z', 1), ('d2', 'won', 'won', NULL, 'h', '2026-01-11Z', 1),"
                        + " ('d3', 'merged', 'a', NULL, 'h', '2026-01-11Z', 1)",
                "INSERT INTO weir.stage_visit (deal_id, visit_no, stage, entered_at, exited_at, definition, revision) VALUES"
                        + " ('d1', 1, 'z', '2026-01-01Z', '2026-01-02Z', 'h', 1), ('d1', 2, 'a', '2026-01-02Z', NULL, 'h', 1)");
        assertThat(database.read("SELECT deal_id, days_in_stage FROM bi.deal_current ORDER BY 1"))
                .containsExactly("d1|9", "d2|-");
        assertThat(database.read("SELECT deal_id FROM bi.stalled")).containsExactly("d1");
    }

    /** 20 closed deals were 1 to 20 days in the stage and those of an even number were won; an open one has been there for 10. */
    @Test
    void anOpenDealHasNamesAndTheShareThatWasWonOfThoseThatWereAsLongInItsStage() throws Exception {
        database.run(
                "INSERT INTO weir.deal (deal_id, status, stage, owner_id, account_id, definition, as_of, revision)"
                        + " SELECT 'odds' || n, CASE n % 2 WHEN 0 THEN 'won' ELSE 'lost' END, 'x', NULL, NULL, 'odds',"
                        + " '2026-01-11Z'::timestamptz, 1 FROM generate_series(1, 20) n"
                        + " UNION ALL SELECT 'odds-open', 'open', 'legal', 'o1', 'a1', 'odds', '2026-01-11Z', 1",
                "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at, seconds, definition, revision)"
                        + " SELECT 'odds' || n, 1, 'sales', 'legal', '2025-11-01Z'::timestamptz, '2025-11-01Z'::timestamptz"
                        + " + n * interval '1 day', 86400 * n, 'odds', 1 FROM generate_series(1, 20) n"
                        + " UNION ALL SELECT 'odds-open', 1, 'sales', 'legal', '2026-01-01Z', NULL, NULL, 'odds', 1",
                "INSERT INTO weir.owner (owner_id, valid_from, valid_to, name, active, revision) VALUES"
                        + " ('o1', '2025-01-01Z', '2025-06-01Z', 'Before', true, 1), ('o1', '2025-06-01Z', NULL, 'Ana', false, 1)");
        assertThat(database.read("SELECT owner, owner_is_active, account, win_probability, win_n FROM bi.deal_current"
                        + " WHERE deal_id = 'odds-open'"))
                .containsExactly("Ana|f|a1|" + 6 / 11.0 + "|11");
    }

    /** 40 visits of 1 to 40 hours to one stage; to the other 3 of 10, 20 and 30 days, one of which lasts, so pooled. */
    @Test
    void limitsAreLearnedFromWhatIsKnownWhenTheMonthBegins() throws Exception {
        database.run(
                "INSERT INTO weir.deal (deal_id, definition, as_of, revision) VALUES ('l', 'learned', '2026-01-05Z', 1)",
                "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at, exit, definition, revision)"
                        + " SELECT 'l' || n, 1, 'p', 'often', '2025-11-01Z', timestamptz '2025-11-01Z' + n * interval '1 hour',"
                        + " 'advanced', 'learned', 1 FROM generate_series(1, 40) n",
                "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at, exit, definition, revision)"
                        + " VALUES ('m1', 1, 'q', 'seldom', '2025-12-01Z', '2025-12-11Z', 'won', 'learned', 1),"
                        + " ('m2', 1, 'q', 'seldom', '2025-12-01Z', '2025-12-21Z', 'lost', 'learned', 1),"
                        + " ('m3', 1, 'q', 'seldom', '2025-12-02Z', '2026-01-02Z', 'won', 'learned', 1),"
                        + " ('m4', 1, 'q', 'seldom', '2026-01-02Z', '2026-01-03Z', 'won', 'learned', 1)");
        assertThat(database.read(
                        "SELECT stage, effective_from AT TIME ZONE 'UTC', seconds / 3600, visits, basis, learned FROM bi.learned_limit"
                                + " WHERE definition = 'learned' ORDER BY 1"))
                .containsExactly(
                        "often|2026-01-01 00:00:00|34.15|40|p85 of the stage|{from: 2026-01-01, limit: 35h}",
                        "seldom|2026-01-01 00:00:00|960|2|twice the median of the pipeline|{from: 2026-01-01, limit: 960h}");
    }

    @Test
    void aSlowStageShowsWhatItCostsAndWhoWaits() throws Exception {
        database.run(
                "INSERT INTO weir.alert (alert_id, kind, status, subject, breakdown, value, evidence, definition, as_of, revision) VALUES"
                        + " ('b1', 'bottleneck', 'firing', 'sales/legal', 'properties.segment', 'mid',"
                        + " '{\"from\": 5, \"to\": 9.5, \"extra_wip\": 12}', 'q', '2026-03-01Z', 1),"
                        + " ('b2', 'bottleneck', 'resolved', 'sales/demo', '(total)', '(total)', '{}', 'q', '2026-03-01Z', 1)",
                "INSERT INTO weir.alert (alert_id, kind, status, subject, started_at, evidence, definition, revision) VALUES"
                        + " ('m1', 'bottleneck_moved', 'firing', 'sales/legal', '2026-02-16Z', '{\"before\": \"demo\"}', 'q', 1)",
                "INSERT INTO weir.stage_hazard (pipeline, grain, window_start, breakdown, value, stage, age_from_seconds, age_to_seconds,"
                        + " survival, definition, revision) VALUES"
                        + " ('sales', 'all', '1970-01-01Z', '(total)', '(total)', 'legal', 0, 864000, 0.5, 'q', 1),"
                        + " ('sales', 'all', '1970-01-01Z', '(total)', '(total)', 'legal', 864000, 1728000, 0.1, 'q', 1),"
                        + " ('sales', 'all', '1970-01-01Z', '(total)', '(total)', 'legal', 1728000, NULL, 0, 'q', 1)",
                "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, owner_id, breakdowns, definition, revision)"
                        + " VALUES ('w1', 1, 'sales', 'legal', '2026-02-26Z', 'ana', '{\"properties.segment\": \"mid\"}', 'q', 1),"
                        + " ('w2', 1, 'sales', 'legal', '2026-02-01Z', 'ana', '{\"properties.segment\": \"mid\"}', 'q', 1),"
                        + " ('w3', 1, 'sales', 'legal', '2026-01-01Z', 'bo', '{\"properties.segment\": \"smb\"}', 'q', 1)");
        assertThat(database.read("SELECT stage, value, change_rank, days_lost_per_deal, waiting, owner_id, overdue,"
                        + " oldest -> 0 ->> 'deal_id', oldest -> 0 ->> 'days', led_before,"
                        + " leads_since AT TIME ZONE 'UTC' FROM bi.bottleneck_now"))
                .containsExactly("legal|mid|1|4.5|2|ana|1|w2|28.0|demo|2026-02-16 00:00:00");
    }

    @Test
    void dataHealthShowsWhatIsUnaccountedFor() throws Exception {
        database.run(
                "INSERT INTO weir.ledger (job, topic, partition, bucket, read, accepted, duplicate, filtered, dead_lettered,"
                        + " expired, control, revision) VALUES ('j', 't', 0, 0, 10, 5, 1, 1, 1, 0, 1, 1), ('j', 't', 1, 0, 3, 3, 0, 0, 0, 0, 0, 1)",
                "INSERT INTO weir.dead_letter (job, topic, partition, \"offset\", reason, revision) VALUES ('j', 't', 0, 7, 'R', 1)");
        assertThat(database.read("SELECT measure, reason, amount, is_healthy FROM bi.data_health"
                        + " WHERE measure IN ('read', 'unaccounted', 'dead_letters') ORDER BY 1"))
                .containsExactly("dead_letters|R|1|t", "read|-|13|t", "unaccounted|-|1|f");
    }

    private static double bound(long successes, long trials, String share) throws Exception {
        return Double.parseDouble(database.read("SELECT bi.jeffreys(" + successes + ", " + trials + ", " + share + ")")
                .get(0));
    }

    private static String type(Column.Type type) {
        return switch (type) {
            case TEXT -> "text";
            case BIGINT -> "bigint";
            case DOUBLE -> "double precision";
            case MONEY -> "numeric(20,4)";
            case BOOLEAN -> "boolean";
            case TIMESTAMP -> "timestamp with time zone";
            case DATE -> "date";
            case JSON -> "jsonb";
            case TIMESTAMPS -> "timestamp with time zone[]";
            case BYTES -> "bytea";
        };
    }
}
