package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultsTest {
    /** Two rows of many; {@code scripts/faults} runs all of them. */
    @Test
    @Tag("slow")
    void theSystemSurvivesAReplayedTopicAndADatabaseKilledInACommit(@TempDir Path home) {
        StringWriter said = new StringWriter();
        int code = Faults.commandLine()
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said))
                .execute("K21", "D1", "--no-record", "--home", home.toString());
        assertThat(code).as(said.toString()).isZero();
        assertThat(said.toString()).contains("K21  seed 1  survived").contains("D1   seed 1  survived");
    }

    @Test
    void aRowThatIsNotThereIsRefusedWithThoseThatAre() {
        StringWriter said = new StringWriter();
        int code = Faults.commandLine().setErr(new PrintWriter(said)).execute("P1", "X9");
        assertThat(code).isEqualTo(2);
        assertThat(said.toString()).contains("no row X9").contains("P1 P3 P4");
    }

    @Test
    void theTableCountsWhatSurvivedAndShowsTheSlowest() {
        Map<String, Fault> known = Faults.known();
        String table = Verdicts.table(List.of("P1 1 survived 40 7", "P1 2 broken 90 90", "D1 1 survived 9 3"), known);
        assertThat(table)
                .contains("| P1 | "
                        + java.util.Objects.requireNonNull(known.get("P1")).what() + " | 1 of 2 | 90 s |")
                .contains("| 1 of 1 | 3 s |")
                .contains("| not tried |  |");
    }
}
