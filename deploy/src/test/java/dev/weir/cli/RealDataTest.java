package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.testing.SharedData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real logs through {@code import} and {@code backtest}, held against figures that others computed. */
@Tag("slow")
class RealDataTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @Test
    void loanApplicationsFlowAsTheirAuthorsCounted() throws IOException {
        Path log = SharedData.file("process_logs/bpic2012_flat.csv.gz");
        assertThat(run("import", log, "--mapping", "mappings/activity-log.yaml", "--out", folder.resolve("in.jsonl")))
                .isZero();
        Path out = backtest("in.jsonl", "activity-log.yaml", "out");

        Map<String, Long> reached = rows(out, "stage_visit").stream()
                .map(row -> text(row, "stage") + "/" + text(row, "deal_id"))
                .distinct()
                .collect(Collectors.groupingBy(
                        visit -> visit.substring(0, visit.indexOf('/')), TreeMap::new, Collectors.counting()));
        assertThat(reached)
                .isEqualTo(Map.of(
                        "A_SUBMITTED", 13_087L,
                        "A_PARTLYSUBMITTED", 13_087L,
                        "A_PREACCEPTED", 7_367L,
                        "A_ACCEPTED", 5_113L,
                        "A_FINALIZED", 5_015L));
        assertThat(count(rows(out, "deal"), row -> text(row, "status") + " " + text(row, "stage"), "open"))
                .isEqualTo(Map.of(
                        "won A_APPROVED", 2_246L, "lost A_DECLINED", 7_635L, "lost A_CANCELLED", 2_807L, "open", 399L));

        JsonNode flow = one(rows(out, "stage_flow"), row -> inAll(row, "A_FINALIZED"));
        assertThat(flow.get("exited").asLong()).isEqualTo(4_688);
        assertThat(flow.get("dwell_p50_seconds").asDouble() / 3_600).isCloseTo(349.4554, within(3.49));
        assertThat(flow.get("dwell_seconds_sum").asDouble()).isCloseTo(7_225_289_274.671, within(0.01));
        assertThat(one(rows(out, "bottleneck"), row -> inAll(row, "A_FINALIZED"))
                        .get("load_rank")
                        .asInt())
                .isEqualTo(1);
        assertThat(one(rows(out, "stage_flow"), row -> inAll(row, "A_PREACCEPTED"))
                        .get("dwell_p50_seconds")
                        .asDouble())
                .isCloseTo(24_346.358, within(243.));

        Path shuffled = shuffle(log);
        run("import", shuffled, "--mapping", "mappings/activity-log.yaml", "--out", folder.resolve("in2.jsonl"));
        same(out, backtest("in2.jsonl", "activity-log.yaml", "out2"));
    }

    @Test
    void opportunitiesAreWonLostOpenAndStalledAsCounted() throws IOException {
        Path log = SharedData.file("maven_crm/sales_pipeline.csv");
        assertThat(run(
                        "import",
                        log,
                        "--mapping",
                        "mappings/crm-opportunities.yaml",
                        "--out",
                        folder.resolve("in.jsonl")))
                .as("500 rows have no date")
                .isEqualTo(1);
        Path out = backtest("in.jsonl", "crm-opportunities.yaml", "out");
        List<JsonNode> deals = rows(out, "deal");
        Map<String, Long> status = count(deals, row -> text(row, "status"), "");
        assertThat(status).isEqualTo(Map.of("won", 4_238L, "lost", 2_473L, "open", 1_589L));
        assertThat(4_238. / (4_238 + 2_473)).isCloseTo(.631501, within(1e-6));
        JsonNode flow = one(rows(out, "stage_flow"), row -> inAll(row, "Engaging"));
        assertThat(flow.get("won").asLong()).isEqualTo(4_238);
        assertThat(flow.get("lost").asLong()).isEqualTo(2_473);
        assertThat(flow.get("wip_end").asLong()).isEqualTo(1_589);
        assertThat(deals.stream()
                        .filter(row -> text(row, "status").equals("won"))
                        .map(row -> new BigDecimal(text(row, "amount_reporting")))
                        .reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo("10005534");
        assertThat(medianDays(deals, "won")).isEqualTo(57);
        assertThat(medianDays(deals, "lost")).isEqualTo(14);
        assertThat(deals.stream().filter(row -> !row.get("stalled_since").isNull()))
                .as("older than any deal that ever closed")
                .hasSize(1_291);
    }

    private Path backtest(String events, String playbook, String name) {
        Path out = folder.resolve(name);
        int exit = run(
                "backtest", "--playbook", "playbooks/" + playbook, "--events", folder.resolve(events), "--out", out);
        assertThat(exit).isZero();
        return out;
    }

    private static int run(Object... words) {
        StringWriter told = new StringWriter();
        int exit = Weir.commandLine()
                .setOut(new PrintWriter(told))
                .setErr(new PrintWriter(told))
                .execute(Arrays.stream(words).map(Object::toString).toArray(String[]::new));
        assertThat(exit).as(told.toString()).isLessThan(2);
        return exit;
    }

    private Path shuffle(Path zipped) throws IOException {
        try (var zip = new GZIPInputStream(Files.newInputStream(zipped))) {
            List<String> lines = new ArrayList<>(new String(zip.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
            Collections.shuffle(lines.subList(1, lines.size()), new Random(7));
            return Files.write(folder.resolve("shuffled.csv"), lines);
        }
    }

    private static void same(Path expected, Path actual) throws IOException {
        List<Path> tables;
        try (Stream<Path> files = Files.list(expected)) {
            tables = files.sorted().toList();
        }
        assertThat(tables).hasSizeGreaterThan(8);
        for (Path table : tables) {
            assertThat(rows(actual.resolve(table.getFileName())).equals(rows(table)))
                    .as("the same %s", table.getFileName())
                    .isTrue();
        }
    }

    /** Without as_of: when a row was last said depends on the order in which equal moments came. */
    private static String rows(Path table) throws IOException {
        return Files.readString(table).replaceAll(",\"as_of\":(null|\"[^\"]*\")", "");
    }

    private static double medianDays(List<JsonNode> deals, String status) {
        List<Long> days = deals.stream()
                .filter(row -> text(row, "status").equals(status))
                .map(row -> Duration.between(
                                Instant.parse(text(row, "created_at")), Instant.parse(text(row, "closed_at")))
                        .toDays())
                .sorted()
                .toList();
        return (days.get((days.size() - 1) / 2) + days.get(days.size() / 2)) / 2.;
    }

    /** How many rows there are of each kind; kinds that begin with {@code whole} count as one. */
    private static Map<String, Long> count(List<JsonNode> rows, Function<JsonNode, String> kind, String whole) {
        return rows.stream()
                .map(kind)
                .map(k -> !whole.isEmpty() && k.startsWith(whole) ? whole : k)
                .collect(Collectors.groupingBy(k -> k, TreeMap::new, Collectors.counting()));
    }

    private static boolean inAll(JsonNode row, String stage) {
        return text(row, "grain").equals("all")
                && text(row, "breakdown").equals("(total)")
                && text(row, "stage").equals(stage);
    }

    private static JsonNode one(List<JsonNode> rows, Predicate<JsonNode> which) {
        List<JsonNode> found = rows.stream().filter(which).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static String text(JsonNode row, String column) {
        return row.get(column).asText();
    }

    private static List<JsonNode> rows(Path out, String table) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(out.resolve(table + ".jsonl"))) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }
}
