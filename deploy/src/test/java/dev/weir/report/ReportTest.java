package dev.weir.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.weir.cli.Migrate;
import dev.weir.cli.ReportCommand;
import dev.weir.console.Views;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Warehouse;
import dev.weir.local.Refused;
import dev.weir.playbook.Playbook;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Tag("slow")
class ReportTest {
    /** A formula, markup, a terminal's escape, an override of the direction of writing, and 10,000 characters. */
    private static final String HOSTILE =
            "=cmd|' /C calc'!A0<script>alert(1)</script>\u001b[31m\u202eevil\"'&</title>" + "x".repeat(10_000);

    private static final LocalDate MONDAY = Objects.requireNonNull(Report.monday("2026-W14"));

    @TempDir
    private static Path folder = Path.of("");

    private static EmbeddedPostgres server;

    private static Playbook playbook;
    private static Template template;
    private static Warehouse reader;

    @BeforeAll
    static void start() throws Exception {
        server = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
        String url = "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
        Migrate.run(url, "postgres", null);
        run("CREATE ROLE reader LOGIN IN ROLE weir_reader");
        reader = new Warehouse(url, "reader", null, null);
        Files.writeString(folder.resolve("playbook.yaml"), """
                playbook: acme
                timezone: Europe/Berlin
                reporting_currency: EUR
                pipelines:
                  - name: sales
                    stages: [{name: legal}, {name: won, outcome: won}, {name: lost, outcome: lost}]
                    breakdowns: [properties.segment]
                    windows: [week]
                changes:
                  - {date: 2026-03-02, what: a template, who: "<b>ana</b>", expects: dwell down, review: 2026-04-01}
                  - {date: 2026-03-02, what: not due, review: 2026-05-01}
                """);
        Files.writeString(folder.resolve("weekly.yaml"), """
                title: Weekly review
                teams: {north: [dwell/sales/], south: [dwell/sales/]}
                reviews:
                  - {change: a template, metric: dwell/sales/legal, breakdown: properties.segment, value: mid, against: smb}
                """);
        playbook = PlaybookLoader.load(folder.resolve("playbook.yaml"));
        template = Template.read(folder.resolve("weekly.yaml"));
        fill();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void theSameFactsGiveTheSameBytesAndALateOneAnotherDigestAndTheRowThatMoved(@TempDir Path out) throws Exception {
        Map<String, String> first = make(out, "north");
        assertThat(make(out, "north")).isEqualTo(first);
        run("UPDATE weir.metric_point SET as_of = now(), revision = 2, loaded_at = now()");
        assertThat(make(out, "north")).as("said again, it says nothing new").isEqualTo(first);

        run(
                "UPDATE weir.metric_point SET observed = 0.4321 WHERE breakdown = '(total)' AND window_start = '2026-03-22 23:00Z'");
        Map<String, String> second = make(out, "north");
        assertThat(page(second))
                .contains("What moved since this report was last made")
                .contains("1 values moved")
                .contains("dwell/sales/legal / 2026-03-23")
                .contains("0.4321");
        assertThat(digest(second)).isNotEqualTo(digest(first));
        assertThat(make(out, "north")).as("again the same bytes").isEqualTo(second);
        run(
                "UPDATE weir.metric_point SET observed = 0.2 WHERE breakdown = '(total)' AND window_start = '2026-03-22 23:00Z'");
        assertThat(digest(make(out, "north"))).as("the facts of the first").isEqualTo(digest(first));
    }

    @Test
    void whatAPersonOrASourceWroteIsHarmlessInPageAndCsv(@TempDir Path out) throws Exception {
        Map<String, String> files = make(out, "north");
        String page = page(files);
        assertThat(page).contains("=cmd|", "&lt;script&gt;", "&lt;/title&gt;", "characters)");
        assertThat(page.substring(page.indexOf("<body>")))
                .doesNotContain("<script", "<b>ana", "\u001b", "\u202e", "src=", "http:", "https:");
        assertThat(page.length()).isLessThan(500_000);
        files.forEach((name, text) -> {
            if (name.endsWith(".csv")) {
                assertThat(text.codePoints().filter(c -> c < ' ' && c != '\r' && c != '\n'))
                        .as(name)
                        .isEmpty();
                assertThat(text).as(name).doesNotContain("\u202e", "\"=", ",=");
            }
        });
        assertThat(files.get("weekly-2026-W14-north.alerts.csv")).contains("\"'=cmd|");
    }

    @Test
    void aTeamsReportHasItsDealsAndAlertsOnly(@TempDir Path out) throws Exception {
        String north = page(make(out, "north"));
        String south = page(make(out, "south"));
        assertThat(north).contains("deal of north").doesNotContain("deal of south");
        assertThat(south).contains("deal of south", "No alert began or stood").doesNotContain("deal of north");
    }

    @Test
    void aChangeDueIsJudgedAgainstASegmentThatWasNotChangedAndNotCalledAnExperiment(@TempDir Path out)
            throws Exception {
        String page = page(make(out, "north"));
        assertThat(page)
                .contains("a template")
                .doesNotContain("not due</h3>")
                .contains("Not randomised")
                .containsPattern("Verdict: fell</b>: −[0-9.]+ % beyond what the comparison segment did"
                        + " \\(95 % interval −[0-9.]+ % to −[0-9.]+ %\\)")
                .contains("8 weeks before, 5 after");
    }

    @Test
    void theCommandMailsEachTeamItsReport(@TempDir Path out) throws Exception {
        GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        smtp.start();
        try {
            Path receivers = folder.resolve("receivers.yaml");
            Files.writeString(receivers, """
                    private_hosts: [127.0.0.1]
                    receivers:
                      - {name: north, teams: [north], mail: {host: 127.0.0.1, port: %d, security: none, from: w@acme.example, to: n@acme.example}}
                    """.formatted(smtp.getSmtp().getPort()));
            assertThat(report(out, "--email", "--receivers", receivers.toString()))
                    .containsPattern("north.html  digest [0-9a-f]{12}\\R  mailed to north \\(n@acme.example\\)")
                    .contains("mailed to nobody: no receiver takes reports of south")
                    .endsWith("exit 0");
            assertThat(smtp.getReceivedMessages()).hasSize(1);
            MimeMessage letter = smtp.getReceivedMessages()[0];
            assertThat(letter.getSubject()).isEqualTo("Weekly review, north, 2026-W14");
            Multipart parts = (Multipart) letter.getContent();
            assertThat(parts.getBodyPart(0).getContent().toString().replace("\r\n", "\n"))
                    .contains("2026-03-30 to 2026-04-05, days in Europe/Berlin.")
                    .contains("Alerts that stood at the end of the week: 1\n- =cmd|")
                    .contains("Outside of what is usual in the week: none")
                    .containsPattern(
                            "- a template \\(since 2026-03-02\\): Days a deal stays in legal of pipeline sales fell: −")
                    .contains("stood still for longer than their stage allows: 2, worth 1,000 EUR")
                    .doesNotContain("\u001b", "\u202e", "deal of south");
            assertThat(parts.getBodyPart(1).getContent().toString().replace("\r\n", "\n"))
                    .isEqualTo(Files.readString(out.resolve("weekly-2026-W14-north.html")));

            smtp.stop();
            assertThat(report(out, "--email", "--receivers", receivers.toString(), "--team", "north"))
                    .contains("weir: not mailed to north (n@acme.example): 127.0.0.1: ")
                    .endsWith("exit 1");
            assertThat(report(out, "--email", "--receivers", receivers.toString(), "--team", "south"))
                    .contains("no receiver takes reports (--email)")
                    .endsWith("exit 2");
        } finally {
            smtp.stop();
        }
    }

    private static String report(Path out, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "--playbook",
                folder.resolve("playbook.yaml").toString(),
                "--template",
                folder.resolve("weekly.yaml").toString(),
                "--week",
                "2026-W14",
                "--out",
                out.toString(),
                "--database",
                reader.url(),
                "--user",
                "reader"));
        words.addAll(List.of(more));
        StringWriter said = new StringWriter();
        CommandLine command = new CommandLine(new ReportCommand())
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said))
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    said.append(String.valueOf(failure.getMessage()));
                    return failure instanceof Refused ? 2 : 3;
                });
        int exit = command.execute(words.toArray(String[]::new));
        return said + "exit " + exit;
    }

    @Test
    void aTemplateThatIsNotRightSaysWhereAndHow() throws Exception {
        Path file = folder.resolve("odd.yaml");
        Files.writeString(file, "titel: x");
        assertThatThrownBy(() -> Template.read(file))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("odd.yaml: unknown key 'titel'; one of [reviews, teams, title]");
        Files.writeString(file, "teams: {north: []}");
        assertThatThrownBy(() -> Template.read(file)).hasMessageContaining("team north watches nothing");
        Files.writeString(file, "reviews: [{change: x}]");
        assertThatThrownBy(() -> Template.read(file)).hasMessageContaining("needs change");
        Files.writeString(file, "a: [");
        assertThatThrownBy(() -> Template.read(file)).hasMessageContaining("no YAML");
        assertThatThrownBy(() -> Template.read(folder.resolve("none.yaml")))
                .hasMessageContaining("folder reports beside the playbook");
        assertThat(Report.monday("2026-14")).isNull();
        assertThat(Report.monday("2026-W54")).isNull();
        assertThat(Report.monday("2026-W01")).isEqualTo("2025-12-29");
    }

    private static Map<String, String> make(Path out, String team) throws SQLException, IOException {
        try (Views views = Views.open(reader)) {
            Report.of(views, playbook, template, team, MONDAY, out).write(out);
        }
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> list = Files.list(out)) {
            for (Path file : list.filter(path -> path.toString().contains(team)).toList()) {
                files.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.UTF_8));
            }
        }
        return files;
    }

    private static String page(Map<String, String> files) {
        return files.entrySet().stream()
                .filter(file -> file.getKey().endsWith(".html"))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    private static String digest(Map<String, String> files) {
        Receipt receipt = Receipt.parse(Objects.requireNonNull(files.get("weekly-2026-W14-north.receipt.json")));
        return Objects.requireNonNull(receipt).digest();
    }

    /** Weeks of legal: the segment mid leaves twice as fast from March on, smb does not. */
    private static void fill() throws SQLException {
        String definition = playbook.pipelines().get(0).definition();
        run(
                "INSERT INTO weir.metric_point (metric, breakdown, value, grain, window_start, kind, numerator, denominator, observed,"
                        + " expected, lower, upper, evidence, definition, as_of, revision)"
                        + " SELECT 'dwell/sales/legal', b, v, 'week', (timestamp '2026-03-30' - n * interval '7 days') AT TIME ZONE 'Europe/Berlin',"
                        + " 'duration', CASE WHEN v = 'mid' AND n <= 4 THEN 40 ELSE 20 END, 100, 0.2, 0.2, 0.1, 0.3, 'enough', '"
                        + definition + "', '2026-04-06Z', 1 FROM generate_series(0, 30) n,"
                        + " (VALUES ('(total)', '(total)'), ('properties.segment', 'mid'), ('properties.segment', 'smb')) AS s (b, v)");
        for (String team : new String[] {"north", "south"}) {
            run("INSERT INTO weir.owner (owner_id, valid_from, team, revision) VALUES ('owner of " + team
                    + "', '2026-01-01Z', '" + team + "', 1)");
            run(
                    "INSERT INTO weir.deal_history (deal_id, valid_from, pipeline, stage, status, owner_id, amount_reporting, expected_close,"
                            + " stalled_since, push_count, definition, revision) VALUES ('deal of " + team
                            + "', '2026-03-01Z', 'sales', 'legal', 'open', 'owner of " + team
                            + "', 1000, '2026-03-20', '2026-03-15Z', 2, '" + definition + "', 1)");
        }
        try (Connection connection = server.getPostgresDatabase().getConnection();
                PreparedStatement alert = connection.prepareStatement(
                        "INSERT INTO weir.alert (alert_id, kind, severity, status, metric, breakdown, value, subject, team, owner_id, summary,"
                                + " started_at, verdict, revision) VALUES (?, 'bottleneck', ?, 'firing', 'dwell/sales/legal', '(total)', '(total)',"
                                + " ?, 'north', ?, ?, '2026-03-31Z', ?, 1)");
                PreparedStatement deal = connection.prepareStatement(
                        "INSERT INTO weir.deal_history (deal_id, valid_from, pipeline, stage, status, owner_id, expected_close, stalled_since,"
                                + " definition, revision) VALUES (?, '2026-03-01Z', ?, ?, 'open', 'owner of north', '2026-03-20', '2026-03-15Z', ?, 1)")) {
            for (int i = 1; i <= 6; i++) {
                alert.setString(i, HOSTILE);
            }
            alert.setString(1, HOSTILE.substring(0, 200));
            alert.executeUpdate();
            deal.setString(1, HOSTILE.substring(0, 500));
            deal.setString(2, HOSTILE);
            deal.setString(3, HOSTILE);
            deal.setString(4, definition);
            deal.executeUpdate();
        }
    }

    private static void run(String sql) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }
}
