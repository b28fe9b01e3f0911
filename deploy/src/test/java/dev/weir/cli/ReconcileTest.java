package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What both verbs refuse before anything starts; what they do is tested on real brokers and warehouses. */
class ReconcileTest {
    @Test
    void whatIsNotThereOrDoesNotFitIsRefusedWithItsMend(@TempDir Path folder) throws Exception {
        Path settings = Files.writeString(folder.resolve("settings.yaml"), """
                kafka: {bootstrap: "localhost:1"}
                warehouse: {url: "jdbc:postgresql://localhost:1/none", user: none}
                """);
        refused("--recompute and --playbook go together", "reconcile", "--recompute");
        refused(
                "none.yaml",
                "reconcile",
                "--settings",
                folder.resolve("none.yaml").toString());
        for (List<String> verb : List.of(
                List.of("reconcile"),
                List.of("deadletters", "list"),
                List.of("deadletters", "show", "weir.deal.v1/0/1"))) {
            refused(
                    "is it up",
                    Stream.concat(verb.stream(), Stream.of("--settings", settings.toString()))
                            .toArray(String[]::new));
        }
        refused("is no place: write topic/partition/offset", "deadletters", "show", "weir.deal.v1");
        refused(
                "write it as 2026-03-31T22:00:00Z",
                "deadletters",
                "list",
                "--since",
                "yesterday",
                "--settings",
                settings.toString());
    }

    private static void refused(String why, String... words) {
        Run command = Run.run(words);
        assertThat(command.exit()).as(command.said()).isEqualTo(2);
        assertThat(command.said()).contains(why);
    }
}
