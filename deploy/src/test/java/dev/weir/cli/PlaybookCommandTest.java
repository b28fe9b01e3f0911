package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PlaybookCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void aSoundPlaybookIsSummedUp(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("p.yaml"), """
                playbook: acme
                pipelines: [{name: sales, stages: [{name: open}, {name: won, outcome: won}], windows: [week]}]
                """);
        assertThat(weir("playbook", "validate", file.toString())).isZero();
        assertThat(out.toString()).contains("playbook acme (", "stages   open > [won]", "windows  week, all");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void anUnsoundPlaybookIsRefused(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("p.yaml"), "playbook: acme\npipeline: []\n");
        assertThat(weir("playbook", "validate", file.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains(file + ":2:1: unknown key 'pipeline'; did you mean 'pipelines'?", "1 problem");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aMissingFileIsRefused() {
        assertThat(weir("playbook", "validate", "no/such.yaml")).isEqualTo(2);
        assertThat(err.toString()).contains("no/such.yaml:1:1: there is no such file or folder");
    }

    private int weir(String... args) {
        CommandLine line = Weir.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }
}
