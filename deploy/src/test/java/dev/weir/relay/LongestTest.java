package dev.weir.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Alert;
import dev.weir.io.AlertFeed.Place;
import dev.weir.io.Settings;
import dev.weir.machine.Json;
import dev.weir.relay.Teller.Message;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LongestTest {
    private static final List<Longest.Deal> WAITING =
            List.of(new Longest.Deal("w2", "ana", "28"), new Longest.Deal("<w4>", null, "12"));

    private static Message message(List<Longest.Deal> longest) {
        return new Message(Alerts.firing("a"), new Place("t", 1, 7), null, longest);
    }

    @Test
    void whoeverIsToldOfASlowStageIsToldWhoWaitsThere() {
        assertThat(Words.facts(message(WAITING))).contains("Waiting longest: w2 of ana, 28 days; <w4>, 12 days");
        assertThat(Words.facts(message(List.of()))).noneMatch(fact -> fact.startsWith("Waiting"));
        assertThat(Json.object(SlackWords.message(message(WAITING)))).contains("w2 of ana, 28 days");
        assertThat(WebhookTeller.body(message(WAITING)))
                .contains("\"waiting_longest\":[{\"deal_id\":\"w2\",\"owner_id\":\"ana\",\"days\":28},");
        assertThat(WebhookTeller.body(message(List.of()))).doesNotContain("waiting_longest");
    }

    @Test
    @Tag("slow")
    void theWarehouseTellsItsReadersAndTheUserOfTheJobs() throws Exception {
        try (TestWarehouse warehouse = new TestWarehouse(
                "INSERT INTO weir.alert (alert_id, kind, status, subject, breakdown, value, evidence,"
                        + " definition, as_of, revision) VALUES ('a', 'bottleneck', 'firing', 'sales/legal',"
                        + " 'properties.segment', 'smb', '{\"from\": 5, \"to\": 20.5}', 'd', '2026-03-01Z', 1)",
                "INSERT INTO weir.stage_hazard (pipeline, grain, window_start, breakdown, value, stage,"
                        + " age_from_seconds, age_to_seconds, survival, definition, revision) VALUES"
                        + " ('sales', 'all', '1970-01-01Z', '(total)', '(total)', 'legal', 0, 864000, 0.1, 'd', 1)",
                "INSERT INTO weir.deal (deal_id, pipeline, definition, as_of, revision)"
                        + " VALUES ('w2', 'sales', 'd', '2026-03-01Z', 1)",
                "INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at,"
                        + " owner_id, breakdowns, definition, revision) VALUES"
                        + visit("w1", "2026-02-26Z", "NULL", "smb") // too young
                        + visit("w2", "2026-02-01Z", "NULL", "smb")
                        + visit("w3", "2026-01-01Z", "NULL", "mid") // of another segment
                        + visit("w4", "2026-01-01Z", "'2026-02-01Z'", "smb") // gone
                        + visit("w5", "2026-02-10Z", "NULL", "smb").replaceFirst(",$", ""))) {
            for (String user : TestWarehouse.USERS) {
                Longest longest = new Longest.OfWarehouse(warehouse.as(user));
                assertThat(longest.of(Alerts.firing("a")))
                        .as(user)
                        .containsExactly(new Longest.Deal("w2", "ana", "28"), new Longest.Deal("w5", "ana", "19"));
                assertThat(longest.of(Alerts.as(Alert.RESOLVED, Alerts.firing("a"))))
                        .as("over")
                        .isEmpty();
            }
        }
        Settings away = Settings.parse("""
                kafka: {bootstrap: 'localhost:1'}
                warehouse: {url: 'jdbc:postgresql://localhost:1/none', user: nobody}
                """, "test");
        assertThat(new Longest.OfWarehouse(away.warehouse()).of(Alerts.firing("a")))
                .as("away")
                .isEmpty();
    }

    private static String visit(String deal, String from, String to, String segment) {
        return " ('%s', 1, 'sales', 'legal', '%s', %s, 'ana', '{\"properties.segment\": \"%s\"}', 'd', 1),"
                .formatted(deal, from, to, segment);
    }
}
