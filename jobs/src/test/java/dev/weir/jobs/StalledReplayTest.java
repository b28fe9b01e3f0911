package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.InjectClusterClient;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A history read as fast as it can be, in order and shuffled: every stalled deal has its alert, and no other has. */
@Tag("slow")
class StalledReplayTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long HOUR = 3_600_000L;
    private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final long END = START + 120 * 24 * HOUR;
    private static final long LIMIT = 10 * 24 * HOUR;
    private static final String PLAYBOOK = """
            playbook: replay
            pipelines:
              - name: sales
                stages:
                  - {name: lead, stalled_after: 10d}
                  - {name: demo, stalled_after: 10d}
                  - {name: won, outcome: won}
                windows: []
            """;

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
            .setConfiguration(ScenariosTest.settings())
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(4)
            .build());

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path work;

    private record Happening(long at, String deal, String said) {}

    @Test
    void alertsEqualARecount(@InjectClusterClient ClusterClient<?> cluster) throws Exception {
        Random random = new Random(5);
        List<Happening> happenings = draw(random);
        Set<String> recount = recount(happenings);
        assertThat(recount).hasSizeGreaterThan(400);
        Path sorted = folder("sorted", happenings);
        Collections.shuffle(happenings, random);
        Path shuffled = folder("shuffled", happenings);
        for (int parallelism : new int[] {1, 2, 4}) {
            Path rows = work.resolve("rows" + parallelism);
            Scenario.asItArrives(sorted, sorted).run(cluster, parallelism, rows);
            assertThat(alerts(rows)).as("in order at p=%d", parallelism).isEqualTo(recount);
            Path late = work.resolve("late" + parallelism);
            Scenario.asItArrives(shuffled, shuffled).run(cluster, parallelism, late);
            assertThat(alerts(late)).as("shuffled at p=%d", parallelism).isEqualTo(recount);
        }
    }

    private static List<Happening> draw(Random random) {
        List<Happening> happenings = new ArrayList<>();
        for (int d = 0; d < 300; d++) {
            long at = START + random.nextInt(60 * 24) * HOUR;
            happenings.add(new Happening(at, "d" + d, "lead"));
            for (int i = random.nextInt(6); i > 0; i--) {
                // Sometimes after exactly the limit.
                at += random.nextInt(8) == 0 ? LIMIT : (1 + random.nextInt(20 * 24)) * HOUR;
                happenings.add(new Happening(
                        at,
                        "d" + d,
                        List.of("meeting", "email_open", "demo", "lead", "won").get(random.nextInt(5))));
            }
        }
        happenings.removeIf(happening -> happening.at > END);
        return happenings;
    }

    /** One deal after the other: a gap of more than the limit between two signs of life is an alert. */
    private static Set<String> recount(List<Happening> happenings) {
        Map<String, List<Happening>> byDeal = new TreeMap<>();
        happenings.forEach(
                h -> byDeal.computeIfAbsent(h.deal, deal -> new ArrayList<>()).add(h));
        Set<String> alerts = new TreeSet<>();
        byDeal.forEach((deal, ofDeal) -> {
            String stage = "";
            long since = 0;
            for (Happening happening : ofDeal) {
                boolean open = !stage.isEmpty() && !stage.equals("won");
                boolean moves = !happening.said.equals("email_open")
                        && (happening.said.equals("meeting") ? open : !happening.said.equals(stage));
                if (!moves) {
                    continue;
                }
                if (open && happening.at - since > LIMIT) {
                    alerts.add(alert(deal, since, "resolved " + Instant.ofEpochMilli(happening.at)));
                }
                stage = happening.said.equals("meeting") ? stage : happening.said;
                since = happening.at;
            }
            if (!stage.equals("won") && END - since > LIMIT) {
                alerts.add(alert(deal, since, "firing null"));
            }
        });
        return alerts;
    }

    private static String alert(String deal, long since, String status) {
        return "sales/" + deal + " " + Instant.ofEpochMilli(since + LIMIT) + " " + status;
    }

    private static Set<String> alerts(Path rows) throws IOException {
        Set<String> alerts = new TreeSet<>();
        for (String line : CommittedRows.standing(rows).getOrDefault("alert", List.of())) {
            JsonNode alert = JSON.readTree(line);
            if (alert.get("kind").asText().equals("stalled")
                    && !alert.get("status").asText().equals("retracted")) {
                alerts.add(alert.get("subject").asText() + " "
                        + alert.get("started_at").asText() + " "
                        + alert.get("status").asText() + " "
                        + alert.get("ended_at").asText());
            }
        }
        return alerts;
    }

    private Path folder(String name, List<Happening> happenings) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Happening happening : happenings) {
            boolean engagement = happening.said.equals("meeting") || happening.said.equals("email_open");
            lines.add("{\"type\":\"" + (engagement ? "engagement" : "deal") + "\",\"event_id\":\"" + happening.deal
                    + "-"
                    + happening.at + "\",\"occurred_at\":\"" + Instant.ofEpochMilli(happening.at) + "\",\"deal_id\":\""
                    + happening.deal + "\","
                    + (engagement
                            ? "\"kind\":\"" + happening.said + "\""
                            : "\"kind\":\"stage_changed\",\"pipeline\":\"sales\",\"stage\":\"" + happening.said + "\"")
                    + "}");
        }
        Path folder = Files.createDirectories(work.resolve(name));
        Files.writeString(folder.resolve("playbook.yaml"), PLAYBOOK);
        Files.writeString(folder.resolve("as_of.txt"), Instant.ofEpochMilli(END).toString());
        Files.write(folder.resolve("in.jsonl"), lines);
        return folder;
    }
}
