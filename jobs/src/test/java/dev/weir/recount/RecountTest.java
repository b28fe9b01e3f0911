package dev.weir.recount;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Tables;
import dev.weir.machine.Column;
import dev.weir.machine.Table;
import dev.weir.playbook.Playbook;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RecountTest {
    /** Accounts of what was read, held by the balance of the ledger instead. */
    private static final Set<String> ACCOUNTS = Set.of("ledger", "dead_letter");

    /** What is not recounted, with the reason in the README of this module. */
    private static final Map<String, Set<String>> LEFT_OUT = Map.of(
            "forecast", Set.of("low", "high", "deals_low", "deals_high", "is_within"),
            "metric_point", Set.of("expected", "lower", "upper", "score", "evidence"),
            "alert",
                    Set.of(
                            "alert_id",
                            "severity",
                            "metric",
                            "breakdown",
                            "value",
                            "team",
                            "summary",
                            "evidence",
                            "verdict",
                            "delivery",
                            "deliver_after",
                            "runbook",
                            "cause",
                            "confidence",
                            "acknowledged_by"));

    /**
     * What is always empty, so that only its absence is compared: a ninety-ninth percentile needs more deals than are drawn;
     * hazards are of the whole history, which has no end.
     */
    private static final Set<String> ALWAYS_EMPTY = Set.of("stage_flow.dwell_p99_seconds", "stage_hazard.window_end");

    private static final int SEEDS = 40;

    @Test
    void everyColumnOfEveryTableIsRecountedAndIsDrawn() {
        Playbook playbook = PlaybookLoader.load(DrawnEvents.playbook(), "playbook");
        Map<String, Set<String>> counted = new TreeMap<>();
        Map<String, Set<String>> drawn = new TreeMap<>();
        List<List<Object>> histories = new ArrayList<>();
        List<Object> together = new ArrayList<>();
        for (int seed = 1; seed <= SEEDS; seed++) {
            histories.add(draw(new Random(seed), ""));
            together.addAll(draw(new Random(seed), seed + "."));
        }
        // As the history of scripts/faults grows: what needs many cases has them there.
        histories.add(together);
        for (List<Object> history : histories) {
            Recount recount = Recount.of(playbook, history, end());
            for (String table : Recount.counted()) {
                for (Cells row : recount.rows(table)) {
                    row.values().forEach((column, value) -> {
                        counted.computeIfAbsent(table, t -> new TreeSet<>()).add(column);
                        if (value != null) {
                            drawn.computeIfAbsent(table, t -> new TreeSet<>()).add(column);
                        }
                    });
                }
            }
        }
        Set<String> neverDrawn = new TreeSet<>();
        for (Table table : Tables.warehouse().values()) {
            if (ACCOUNTS.contains(table.name())) {
                continue;
            }
            Set<String> expected = new TreeSet<>();
            table.columns().stream().map(Column::name).forEach(expected::add);
            expected.removeAll(LEFT_OUT.getOrDefault(table.name(), Set.of()));
            assertThat(counted.get(table.name()))
                    .as("counted of " + table.name())
                    .isEqualTo(expected);
            expected.removeAll(drawn.getOrDefault(table.name(), Set.of()));
            expected.forEach(column -> neverDrawn.add(table.name() + "." + column));
        }
        assertThat(neverDrawn).isEqualTo(ALWAYS_EMPTY);
    }

    private static Instant start() {
        return Instant.parse("2026-01-01T00:00:00Z");
    }

    private static long end() {
        return Instant.parse("2026-06-10T00:00:00Z").toEpochMilli();
    }

    private static List<Object> draw(Random random, String prefix) {
        DrawnEvents draw = new DrawnEvents(random, start(), prefix);
        List<Engagement> engagements = new ArrayList<>(draw.engagements());
        engagements.addAll(draw.activities());
        List<DealChange> deals = draw.deals();
        List<Object> all = new ArrayList<>(deals);
        all.addAll(engagements);
        all.addAll(draw.retractions(engagements));
        all.addAll(draw.feedback());
        all.addAll(draw.entities());
        return all;
    }
}
