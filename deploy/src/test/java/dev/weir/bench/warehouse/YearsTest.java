package dev.weir.bench.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.Migrate;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What must be so for `scripts/bench warehouse` to mean something; how long it takes is no matter here. */
@Tag("slow")
class YearsTest {
    /** Tables that grow with windows times segments, or with events. */
    private static final String GREAT =
            "(stage_flow|stage_cohort|stage_queue|stage_hazard|bottleneck|pipeline_figures|funnel_window|metric_point|funnel_attempt"
                    + "|deal_history|touch_credit|account|person)";

    @Test
    void everyViewIsAskedAnswersAndFindsItsRowsByAnIndex() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .start();
                Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            Migrate.run("jdbc:postgresql://localhost:" + server.getPort() + "/postgres", "postgres", null);
            statement.execute(Years.fill(1, 3, 1));
            statement.execute("ANALYZE");
            assertThat(new HashSet<>(
                            Years.questions().stream().map(Years.Question::view).toList()))
                    .containsExactlyInAnyOrderElementsOf(read(
                            statement,
                            "SELECT relname FROM pg_class WHERE relnamespace = 'bi'::regnamespace AND relkind = 'v'"));
            // So few rows are read faster from end to end: would there be an index, if there were many?
            statement.execute("SET enable_seqscan = off");
            for (Years.Question question : Years.questions()) {
                assertThat(read(statement, question.sql()))
                        .as(question.view() + ": " + question.asked())
                        .isNotEmpty();
                String plan = String.join("\n", read(statement, "EXPLAIN (COSTS OFF) " + question.sql()))
                        // How far funnels are known is the latest of all their rows.
                        .replaceAll("Aggregate\\s*->  Seq Scan on funnel_window", "");
                if (!question.readsAll()) {
                    assertThat(plan)
                            .as(question.view() + ": " + question.asked())
                            .doesNotContainPattern("Seq Scan on " + GREAT + "\\b");
                }
            }
        }
    }

    private static List<String> read(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            List<String> first = new ArrayList<>();
            while (rows.next()) {
                first.add(rows.getString(1));
            }
            return first;
        }
    }
}
