package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Tag("slow")
class MigrateTest {
    private final StringWriter said = new StringWriter();

    @Test
    void aSecondRunDoesNothingMoreAndAUserWithoutRightsIsToldWhichOnes(@TempDir Path folder) throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
            String url = "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
            assertThat(weir("--url", url, "--user", "postgres")).isZero();
            assertThat(said.toString()).contains("migrations applied, now version");
            assertThat(weir("--url", url, "--user", "postgres")).isZero();
            assertThat(said.toString()).contains("up to date");
            assertThat(weir("--url", url, "--user", "postgres", "--history")).isZero();
            assertThat(said.toString()).contains("history is kept; tables that changed");
            assertThat(weir("--url", url, "--user", "postgres", "--history")).isZero();
            assertThat(said.toString()).contains("history is kept, as before");
            assertThat(weir("--url", url, "--user", "postgres", "--no-history")).isZero();
            assertThat(said.toString()).contains("history is no longer kept; tables");
            Path playbook = folder.resolve("playbook.yaml");
            Files.writeString(playbook, """
                    playbook: acme
                    timezone: UTC
                    reporting_currency: EUR
                    calendar: {workdays: [mon, sat], holidays: [2026-04-06], fiscal_year_start: 4}
                    """);
            assertThat(weir("--url", url, "--user", "postgres", "--playbook", playbook.toString()))
                    .as(said.toString())
                    .isZero();
            assertThat(weir("--url", url, "--user", "postgres", "--playbook", "no-such-file.yaml"))
                    .isEqualTo(2);
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                ResultSet days =
                        statement.executeQuery("SELECT string_agg(date || ' ' || fiscal_quarter, ', ' ORDER BY date)"
                                + " FROM bi.calendar WHERE is_workday AND date BETWEEN '2026-03-28' AND '2026-04-13'");
                days.next();
                assertThat(days.getString(1))
                        .isEqualTo(
                                "2026-03-28 2026-Q4, 2026-03-30 2026-Q4, 2026-04-04 2027-Q1, 2026-04-11 2027-Q1, 2026-04-13 2027-Q1");
                statement.execute("CREATE ROLE guest LOGIN");
                statement.execute("CREATE DATABASE other");
            }
            assertThat(weir("--url", url.replace("/postgres", "/other"), "--user", "guest"))
                    .isEqualTo(1);
            assertThat(said.toString()).contains("GRANT CREATE ON DATABASE");
            assertThat(weir("--url", url.replace("/postgres", "/none"), "--user", "postgres"))
                    .isEqualTo(2);
            assertThat(said.toString()).contains("create the database first");
        }
    }

    @Test
    void aDatabaseThatIsNotThereIsRefused() {
        assertThat(weir("--url", "jdbc:postgresql://localhost:1/none", "--user", "x"))
                .isEqualTo(2);
        assertThat(said.toString()).contains("is it up");
        assertThat(weir(
                        "--url",
                        "jdbc:postgresql://localhost:1/none",
                        "--user",
                        "x",
                        "--password-env",
                        "NOT_SET_AT_ALL"))
                .isEqualTo(2);
        assertThat(said.toString()).contains("NOT_SET_AT_ALL");
        assertThat(weir("--user", "x")).isEqualTo(2);
        assertThat(said.toString()).contains("--settings FILE");
        assertThat(weir("--settings", "no-such-file.yaml")).isEqualTo(2);
        assertThat(said.toString()).contains("no-such-file.yaml");
    }

    private int weir(String... arguments) {
        said.getBuffer().setLength(0);
        CommandLine line = Weir.commandLine();
        PrintWriter out = new PrintWriter(said, true);
        line.setOut(out);
        line.setErr(out);
        String[] all = new String[arguments.length + 1];
        all[0] = "migrate";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return line.execute(all);
    }
}
