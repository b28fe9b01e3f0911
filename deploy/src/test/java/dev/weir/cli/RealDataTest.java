package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.testing.SharedData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

        List<JsonNode> visits = rows(out, "stage_visit");
        for (Map<String, String> state : expected("bpic2012_A_state_dwell.csv")) {
            if (reached.containsKey(cell(state, "act"))) {
                List<Double> seconds =
                        seconds(visits, visit -> text(visit, "stage").equals(cell(state, "act")));
                assertThat(seconds).as("%s", state).hasSize(Integer.parseInt(cell(state, "n")));
                assertThat(quantile(seconds, .5)).as("%s", state).isCloseTo(number(state, "median_s"), within(.001));
                assertThat(quantile(seconds, .9)).as("%s", state).isCloseTo(number(state, "p90_s"), within(.001));
                assertThat(seconds.stream().mapToDouble(s -> s).sum())
                        .as("%s", state)
                        .isCloseTo(number(state, "total_s"), within(.01));
            }
        }
        for (Map<String, String> week : expected("bpic2012_finalized_exit_weekly.csv")) {
            JsonNode ofWeek = one(
                    rows(out, "stage_flow"),
                    row -> text(row, "grain").equals("week")
                            && text(row, "stage").equals("A_FINALIZED")
                            && text(row, "window_date").equals(cell(week, "w")));
            assertThat(ofWeek.get("exited").asInt()).as("%s", week).isEqualTo((int) number(week, "size"));
            List<Double> seconds = seconds(
                    visits,
                    visit -> text(visit, "stage").equals("A_FINALIZED")
                            && text(visit, "exited_at").compareTo(text(ofWeek, "window_start")) >= 0
                            && text(visit, "exited_at").compareTo(text(ofWeek, "window_end")) < 0);
            if (!seconds.isEmpty()) {
                assertThat(quantile(seconds, .5) / 3_600)
                        .as("%s", week)
                        .isCloseTo(number(week, "median"), within(.001));
            }
        }
        for (Map<String, String> day : expected("bpic2012_daily_state_entries_utc.csv")) {
            for (String stage : reached.keySet()) {
                assertThat(visits.stream()
                                .filter(visit -> text(visit, "stage").equals(stage))
                                .filter(visit -> text(visit, "entered_at").startsWith(cell(day, "d"))))
                        .as("%s on %s", stage, day)
                        .hasSize((int) number(day, stage));
            }
        }
        for (Map<String, String> month : expected("bpic2012_approval_by_submit_month_utc.csv")) {
            List<JsonNode> submitted = rows(out, "deal").stream()
                    .filter(deal -> text(deal, "created_at").startsWith(cell(month, "m")))
                    .toList();
            assertThat(submitted).as("%s", month).hasSize((int) number(month, "submitted"));
            assertThat(submitted.stream().filter(deal -> text(deal, "status").equals("won")))
                    .as("%s", month)
                    .hasSize((int) number(month, "approved"));
        }

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
        closedAsCounted(out, "sales_agent", deal -> text(deal, "owner_id"), "owner_id");
        closedAsCounted(
                out,
                "product",
                visit -> json(visit, "breakdowns").path("properties.product").asText(),
                "properties.product");
        for (String column : List.of("manager", "regional_office")) {
            Map<String, String> teams = csv("maven_crm/sales_teams.csv").stream()
                    .collect(Collectors.toMap(agent -> cell(agent, "sales_agent"), agent -> cell(agent, column)));
            closedAsCounted(out, column, deal -> teams.getOrDefault(text(deal, "owner_id"), ""), "");
        }
        closedAsCounted(out, "close_month", deal -> text(deal, "exited_at").substring(0, 7), "");
        closedAsCounted(out, "close_day", deal -> text(deal, "exited_at").substring(0, 10), "");

        figuresAsCounted(out, "product", "all", "properties.product", row -> text(row, "value"));
        figuresAsCounted(out, "sales_agent", "all", "owner_id", row -> text(row, "value"));
        figuresAsCounted(out, "close_month", "month", "(total)", row -> text(row, "window_date")
                .substring(0, 7));
        assertThat(rows(out, "alerts"))
                .as("the win rate's quarter cycle is declared")
                .noneMatch(alert -> text(alert, "kind").equals("win_rate_drop"));

        List<JsonNode> stalled = rows(out, "alerts").stream()
                .filter(row -> text(row, "kind").equals("stalled"))
                .toList();
        assertThat(stalled).hasSize(1_291).allSatisfy(alert -> {
            assertThat(text(alert, "status")).isEqualTo("firing");
            assertThat(alert.get("evidence").toString()).contains("delivery");
        });
        // On a Sunday: what stalled after Friday morning is told on Monday.
        assertThat(digests(out)).isEqualTo(Map.of("digests", 27L, "deals", 1_291L - 18));
        Path monday = backtest("in.jsonl", "crm-opportunities.yaml", "monday", "--as-of", "2018-01-01T09:00:00Z");
        assertThat(digests(monday).get("deals"))
                .isEqualTo(rows(monday, "deal").stream()
                        .filter(row -> !row.get("stalled_since").isNull())
                        .count());
    }

    /** Closed, won, days and value by a column, from visits and deals, and from the flow where it is a breakdown. */
    private static void closedAsCounted(Path out, String column, Function<JsonNode, String> value, String breakdown)
            throws IOException {
        Map<String, BigDecimal> values = rows(out, "deal").stream()
                .filter(deal -> text(deal, "status").equals("won"))
                .collect(Collectors.toMap(
                        deal -> text(deal, "deal_id"), deal -> new BigDecimal(text(deal, "amount_reporting"))));
        Map<String, List<JsonNode>> closed = rows(out, "stage_visit").stream()
                .filter(visit -> !visit.get("exit").isNull())
                .collect(Collectors.groupingBy(value));
        List<Map<String, String>> all = expected("maven_by_" + column + ".csv");
        assertThat(closed).as(column).hasSize(all.size());
        for (Map<String, String> said : all) {
            String name = said.values().iterator().next();
            List<JsonNode> visits = closed.getOrDefault(name, List.of());
            List<JsonNode> won = visits.stream()
                    .filter(visit -> text(visit, "exit").equals("won"))
                    .toList();
            assertThat(visits).as("%s", said).hasSize((int) number(said, "closed"));
            assertThat(won).as("%s", said).hasSize((int) number(said, "won"));
            assertThat(won.stream()
                            .map(visit -> values.getOrDefault(text(visit, "deal_id"), BigDecimal.ZERO))
                            .reduce(BigDecimal.ZERO, BigDecimal::add))
                    .as("%s", said)
                    .isEqualByComparingTo(cell(said, "won_value"));
            if (said.containsKey("median_days")) {
                assertThat(quantile(seconds(visits, visit -> true), .5) / 86_400)
                        .as("%s", said)
                        .isEqualTo(number(said, "median_days"));
            }
            if (!breakdown.isEmpty()) {
                JsonNode flow = one(
                        rows(out, "stage_flow"),
                        row -> text(row, "grain").equals("all")
                                && text(row, "breakdown").equals(breakdown)
                                && text(row, "value").equals(name));
                assertThat(flow.get("exited").asInt()).as("%s", said).isEqualTo((int) number(said, "closed"));
                assertThat(flow.get("won").asInt()).as("%s", said).isEqualTo((int) number(said, "won"));
            }
        }
    }

    /** Win rate, value and days of the pipeline's figures. */
    private static void figuresAsCounted(
            Path out, String column, String grain, String breakdown, Function<JsonNode, String> key)
            throws IOException {
        Map<String, JsonNode> figures = rows(out, "pipeline_figures").stream()
                .filter(row -> text(row, "grain").equals(grain)
                        && text(row, "breakdown").equals(breakdown))
                .collect(Collectors.toMap(key, row -> row));
        for (Map<String, String> said : expected("maven_by_" + column + ".csv")) {
            String name = said.values().iterator().next();
            assertThat(figures).as("%s", said).containsKey(name);
            JsonNode row = Objects.requireNonNull(figures.get(name));
            long won = row.get("won").asLong();
            assertThat((double) won / (won + row.get("lost").asLong()))
                    .as("%s", said)
                    .isCloseTo(number(said, "win_rate"), within(1e-6));
            assertThat(new BigDecimal(text(row, "won_amount_reporting")))
                    .as("%s", said)
                    .isEqualByComparingTo(cell(said, "won_value"));
            if (said.containsKey("mean_days")) {
                assertThat(row.get("closed_cycle_mean_days").asDouble())
                        .as("%s", said)
                        .isCloseTo(number(said, "mean_days"), within(1e-6));
            }
        }
    }

    private static List<Double> seconds(List<JsonNode> visits, Predicate<JsonNode> which) {
        return visits.stream()
                .filter(visit -> !visit.get("seconds").isNull())
                .filter(which)
                .map(visit -> visit.get("seconds").asDouble())
                .sorted()
                .toList();
    }

    /** Linear between the two nearest. */
    private static double quantile(List<Double> sorted, double share) {
        double at = share * (sorted.size() - 1);
        int low = (int) at;
        int high = Math.min(low + 1, sorted.size() - 1);
        return sorted.get(low) + (at - low) * (sorted.get(high) - sorted.get(low));
    }

    private static List<Map<String, String>> expected(String file) throws IOException {
        return csv("expected/" + file);
    }

    /** No cell of these files holds a comma. */
    private static List<Map<String, String>> csv(String file) throws IOException {
        List<String> lines = Files.readAllLines(SharedData.file(file));
        String[] names = lines.get(0).split(",", -1);
        List<Map<String, String>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 0; i < names.length; i++) {
                row.put(names[i], cells[i]);
            }
            rows.add(row);
        }
        return rows;
    }

    private static String cell(Map<String, String> row, String column) {
        return row.getOrDefault(column, "");
    }

    private static double number(Map<String, String> row, String column) {
        return Double.parseDouble(cell(row, column));
    }

    /** How many digests stand, and how many deals they tell of. */
    private static Map<String, Long> digests(Path out) throws IOException {
        List<JsonNode> standing = rows(out, "alerts").stream()
                .filter(row -> text(row, "kind").equals("digest")
                        && text(row, "status").equals("firing"))
                .toList();
        assertThat(standing.stream().map(row -> text(row, "owner_id"))).doesNotHaveDuplicates();
        return Map.of(
                "digests",
                (long) standing.size(),
                "deals",
                standing.stream()
                        .mapToLong(row -> json(row, "evidence").get("deals").asLong())
                        .sum());
    }

    private static JsonNode json(JsonNode row, String column) {
        JsonNode json = row.get(column);
        try {
            return json.isTextual() ? JSON.readTree(json.asText()) : json;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path backtest(String events, String playbook, String name, String... more) {
        Path out = folder.resolve(name);
        List<Object> words = new ArrayList<>(List.of(
                "backtest", "--playbook", "playbooks/" + playbook, "--events", folder.resolve(events), "--out", out));
        words.addAll(List.of(more));
        int exit = run(words.toArray());
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
