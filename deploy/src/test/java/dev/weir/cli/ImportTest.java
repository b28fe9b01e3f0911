package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The verb as people type it, over the mappings that are shipped. */
class ImportTest {
    private static final Path MAPPINGS = Path.of("mappings");
    private static final Path FIXTURES = Path.of("src/test/resources/import");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @Test
    void opportunitiesBecomeTheExpectedEvents() throws IOException {
        Run run = run(FIXTURES.resolve("opportunities.csv"), "crm-opportunities.yaml");
        assertThat(run.events).isEqualTo(Files.readAllLines(FIXTURES.resolve("opportunities.jsonl")));
        assertThat(run.told)
                .contains("opportunities.csv:5: no occurred_at: column 'engage_date' is empty")
                .contains("opportunities.csv:7: occurred_at '2/30/2026' is no time of the format M/d/yyyy")
                .contains("unmapped values of deal_stage: Paused 1")
                .contains("7 rows: 9 events written to")
                .contains("2 rows refused");
        assertThat(run.exit).isEqualTo(1);
    }

    @Test
    void activitiesBecomeTheExpectedEvents() throws IOException {
        Run run = run(FIXTURES.resolve("activities.csv"), "activity-log.yaml");
        assertThat(run.events).isEqualTo(Files.readAllLines(FIXTURES.resolve("activities.jsonl")));
        assertThat(run.told)
                .contains("left out by act: A_REGISTERED 1")
                .contains("left out by lc: SCHEDULE 1")
                .contains("8 rows: 6 events written to");
        assertThat(run.exit).isZero();
    }

    @Test
    void whatCannotStartIsRefusedWithTwoAndLeavesNothing() throws IOException {
        Path csv = FIXTURES.resolve("activities.csv");
        assertThat(run(csv, "crm-opportunities.yaml").told).contains("activities.csv:1: no column 'engage_date'");
        assertThat(run(csv, "crm-opportunities.yaml").exit).isEqualTo(2);
        assertThat(run(csv, "nowhere.yaml").exit).isEqualTo(2);
        assertThat(run(folder.resolve("nowhere.csv"), "activity-log.yaml").exit).isEqualTo(2);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void helpShowsAMappingThatANewcomerCanCopy() {
        StringWriter out = new StringWriter();
        CommandLine line = Weir.commandLine().setOut(new PrintWriter(out));
        assertThat(line.execute("import", "--help")).isZero();
        assertThat(out.toString()).contains("--mapping", "fields:", "deploy/mappings", "Exit code");
    }

    @Test
    void theRealOpportunitiesAreCountedRight() throws IOException {
        Run run = run(shared("maven_crm/sales_pipeline.csv"), "crm-opportunities.yaml");
        assertThat(run.exit).isEqualTo(1);
        assertThat(run.told).contains("500 rows refused").doesNotContain("unmapped");
        assertThat(kinds(run.events, "stage"))
                .isEqualTo(Map.of("Engaging", 4238 + 2473 + 1589, "Won", 4238, "Lost", 2473));
    }

    @Test
    void theRealActivityLogIsCountedRightWhateverItsOrder() throws IOException {
        Path log = shared("process_logs/bpic2012_flat.csv.gz");
        Run run = run(log, "activity-log.yaml");
        assertThat(run.exit).isZero();
        assertThat(kinds(run.events, "stage"))
                .isEqualTo(Map.of(
                        "A_SUBMITTED", 13087,
                        "A_PARTLYSUBMITTED", 13087,
                        "A_PREACCEPTED", 7367,
                        "A_ACCEPTED", 5113,
                        "A_FINALIZED", 5015,
                        "A_APPROVED", 2246,
                        "A_DECLINED", 7635,
                        "A_CANCELLED", 2807));
        List<String> rows;
        try (var zip = new GZIPInputStream(Files.newInputStream(log))) {
            rows = new ArrayList<>(new String(zip.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        }
        Collections.shuffle(rows.subList(1, rows.size()), new Random(1));
        Path shuffled = Files.write(folder.resolve("shuffled.csv"), rows);
        List<String> again = new ArrayList<>(run(shuffled, "activity-log.yaml").events);
        List<String> first = new ArrayList<>(run.events);
        Collections.sort(again);
        Collections.sort(first);
        assertThat(again.equals(first)).isTrue();
    }

    /** A file of the real data that lies beside the project; tests are skipped where it does not. */
    private static Path shared(String file) {
        Path found = Path.of(System.getenv().getOrDefault("WEIR_SHARED", "../../shared"))
                .resolve("data")
                .resolve(file);
        assumeTrue(Files.exists(found) || "true".equals(System.getenv("WEIR_REAL")), "needs ../shared/data/" + file);
        return found;
    }

    private static Map<String, Integer> kinds(List<String> events, String field) {
        Map<String, Integer> counts = new HashMap<>();
        for (String event : events) {
            counts.merge(event.replaceFirst(".*\"" + field + "\":\"([^\"]*)\".*", "$1"), 1, Integer::sum);
        }
        return counts;
    }

    private record Run(int exit, List<String> events, String told) {}

    private Run run(Path csv, String mapping) throws IOException {
        StringWriter told = new StringWriter();
        Path out = folder.resolve("out.jsonl");
        int exit = Weir.commandLine()
                .setErr(new PrintWriter(told))
                .execute(
                        "import",
                        csv.toString(),
                        "--mapping",
                        MAPPINGS.resolve(mapping).toString(),
                        "--out",
                        out.toString());
        List<String> events = Files.exists(out) ? Files.readAllLines(out) : List.of();
        Files.deleteIfExists(out);
        return new Run(exit, events, told.toString());
    }
}
