package dev.weir.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.Run;
import dev.weir.io.NativeJson;
import dev.weir.sim.Company;
import dev.weir.sim.Happening;
import dev.weir.sim.Incident;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows for the console to show. */
final class Rows {
    private static final int DAYS = 70;
    private static final int CHUNK = 2_000;

    /** No page reads these, and they are most of all rows. */
    private static final List<String> UNREAD = List.of("funnel_attempt", "deal_history", "person", "touch_credit");

    private Rows() {}

    /** The demo's company through the same jobs, by a backtest, into files. */
    static void ofTheDemo(Path folder) throws IOException {
        Path events = folder.resolve("events.jsonl");
        Company company = Company.of(1, Company.USUAL_START, DAYS, Incident.planted(Company.USUAL_START));
        try (BufferedWriter out = Files.newBufferedWriter(events)) {
            for (Happening happening : company.happenings()) {
                out.write(NativeJson.write(happening.event()));
                out.newLine();
            }
        }
        Path playbook = folder.resolve("playbook.yaml");
        try (InputStream shipped = Objects.requireNonNull(Rows.class.getResourceAsStream("/demo/playbook.yaml"))) {
            Files.copy(shipped, playbook);
        }
        Run run = Run.run(
                "backtest",
                "--playbook",
                playbook.toString(),
                "--events",
                events.toString(),
                "--as-of",
                company.end().toString(),
                "--out",
                folder.resolve("tables").toString());
        assertThat(run.exit()).as(run.said()).isZero();
    }

    /** Files of a backtest into the tables. */
    static void load(Connection owner, Path tables) throws IOException, SQLException {
        for (String table : tables(owner)) {
            Path file = tables.resolve((table.equals("alert") ? "alerts" : table) + ".jsonl");
            if (Files.exists(file) && !UNREAD.contains(table)) {
                List<String> lines = new ArrayList<>(Files.readAllLines(file));
                // A backtest has one reader for all topics, and so counts records that this job would not have read.
                lines.removeIf(line -> line.contains("\"cycle-time\"") && line.contains("\"topic\":\"feedback\""));
                for (int from = 0; from < lines.size(); from += CHUNK) {
                    insert(owner, table, lines.subList(from, Math.min(lines.size(), from + CHUNK)));
                }
            }
        }
        try (Statement statement = owner.createStatement()) {
            statement.execute("ANALYZE");
        }
    }

    private static void insert(Connection owner, String table, List<String> lines) throws SQLException {
        String sql =
                "INSERT INTO weir.\"" + table + "\" SELECT row.* FROM jsonb_array_elements(?::jsonb) AS line (value),"
                        + " jsonb_populate_record(NULL::weir.\"" + table + "\", line.value"
                        + " || '{\"deleted\": false, \"revision\": 1, \"loaded_at\": \"2026-01-01T00:00:00Z\"}') AS row";
        try (PreparedStatement statement = owner.prepareStatement(sql)) {
            statement.setString(1, "[" + String.join(",", lines) + "]");
            statement.executeUpdate();
        }
    }

    private static List<String> tables(Connection owner) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Statement statement = owner.createStatement();
                ResultSet rows = statement.executeQuery("""
                        SELECT DISTINCT table_name FROM information_schema.columns
                        WHERE table_schema = 'weir' AND column_name = 'loaded_at' ORDER BY 1""")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }

    /**
     * One row in every table, each text of it hostile but for the few by which pages choose what they show.
     *
     * @param text what stands in every text, and in every name and value of what is JSON
     */
    static void hostile(Connection owner, String text) throws SQLException {
        for (String table : tables(owner)) {
            Map<String, String> types = new LinkedHashMap<>();
            try (PreparedStatement statement = owner.prepareStatement("""
                    SELECT column_name, data_type FROM information_schema.columns
                    WHERE table_schema = 'weir' AND table_name = ? ORDER BY ordinal_position""")) {
                statement.setString(1, table);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        types.put(rows.getString(1), rows.getString(2));
                    }
                }
            }
            for (String grain : List.of("all", "week")) {
                for (String breakdown : List.of("(total)", text)) {
                    insert(owner, table, types, grain, breakdown, text);
                }
            }
        }
    }

    private static void insert(
            Connection owner, String table, Map<String, String> types, String grain, String breakdown, String text)
            throws SQLException {
        List<String> values = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        types.forEach((column, type) -> {
            String fixed = fixed(table, column, grain, breakdown, text);
            switch (type) {
                case "text" -> {
                    values.add("?");
                    texts.add(fixed != null ? fixed : text);
                }
                case "jsonb" -> {
                    values.add(
                            "jsonb_build_object(?::text, ?::text, 'list', jsonb_build_array(jsonb_build_object(?::text, ?::text)))");
                    texts.addAll(List.of(text, text, text, text));
                }
                case "boolean" -> values.add(column.equals("deleted") ? "false" : "true");
                case "timestamp with time zone" -> values.add("'2026-03-23T00:00:00Z'");
                case "date" -> values.add("'2026-03-23'");
                case "bytea" -> values.add("'\\x00'");
                case "ARRAY" -> values.add("NULL");
                default -> values.add("1");
            }
        });
        String sql = "INSERT INTO weir.\"" + table + "\" (\"" + String.join("\", \"", types.keySet()) + "\") VALUES ("
                + String.join(", ", values) + ") ON CONFLICT DO NOTHING";
        try (PreparedStatement statement = owner.prepareStatement(sql)) {
            for (int i = 0; i < texts.size(); i++) {
                statement.setString(i + 1, texts.get(i));
            }
            statement.executeUpdate();
        }
    }

    private static @Nullable String fixed(String table, String column, String grain, String breakdown, String text) {
        return switch (column) {
            case "grain" -> grain;
            case "breakdown" -> breakdown;
            case "value" -> breakdown.equals("(total)") ? breakdown : null;
            case "timezone" -> "UTC";
            case "metric" -> "conversion/" + text + "/" + text;
            case "kind" -> table.equals("metric_point") ? "rate" : null;
            case "status" -> table.equals("alert") ? "firing" : table.equals("deal") ? "open" : null;
            default -> null;
        };
    }
}
