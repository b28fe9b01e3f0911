package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.InjectClusterClient;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder of {@code scenarios} is a case: a playbook, events in the order in which they arrive, and the rows that stand
 * at the end. Straight, at another parallelism, in order of time, and restored in the middle at a third parallelism they are
 * the same. {@code -Dgolden.write=true} writes them anew; read the difference before it is committed.
 */
@Tag("slow")
class ScenariosTest {
    static final Path FOLDER = Path.of("src/test/resources/scenarios");

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
            .setConfiguration(settings())
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(4)
            .build());

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path work;

    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void oneAnswer(String name, @InjectClusterClient ClusterClient<?> cluster) throws Exception {
        Path folder = FOLDER.resolve(name);
        Scenario scenario = Scenario.asItArrives(folder, work);

        scenario.run(cluster, 1, work.resolve("straight"));
        Map<String, List<String>> straight = CommittedRows.standing(work.resolve("straight"));
        if (Boolean.getBoolean("golden.write")) {
            write(folder, straight);
        }
        assertThat(straight).as("straight").isEqualTo(expected(folder));

        scenario.run(cluster, 2, work.resolve("wide"));
        assertThat(CommittedRows.standing(work.resolve("wide"))).as("at p=2").isEqualTo(straight);

        String savepoint = scenario.half(cluster, 2, work.resolve("before"), work.resolve("savepoints"));
        scenario.restore(cluster, 3, work.resolve("after"), savepoint);
        assertThat(CommittedRows.standing(work.resolve("before"), work.resolve("after")))
                .as("restored at p=3")
                .isEqualTo(straight);

        Scenario.inOrderOfTime(folder, work).run(cluster, 2, work.resolve("sorted"));
        assertThat(facts(CommittedRows.standing(work.resolve("sorted"))))
                .as("in order of time")
                .isEqualTo(facts(straight));
    }

    static List<String> names() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    static Configuration settings() {
        Configuration settings = new Configuration();
        settings.setString("pipeline.generic-types", "false");
        settings.setString("restart-strategy.type", "none");
        return settings;
    }

    /** Without what depends on the order of arrival: where records stood, and alerts that were taken back. */
    private static Map<String, List<String>> facts(Map<String, List<String>> rows) {
        Map<String, List<String>> facts = new TreeMap<>(rows);
        facts.remove("ledger");
        facts.computeIfPresent("alert", (table, alerts) -> {
            List<String> standing = alerts.stream()
                    .filter(alert -> !alert.contains("\"status\":\"retracted\""))
                    .toList();
            return standing.isEmpty() ? null : standing;
        });
        return facts;
    }

    static Map<String, List<String>> expected(Path folder) throws IOException {
        Map<String, List<String>> expected = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
                String name = file.getFileName().toString().replace(".jsonl", "");
                if (!name.equals("in")) {
                    expected.put(name.equals("alerts") ? "alert" : name, Files.readAllLines(file));
                }
            }
        }
        return expected;
    }

    private static void write(Path folder, Map<String, List<String>> rows) throws IOException {
        for (String table : expected(folder).keySet()) {
            Files.delete(folder.resolve((table.equals("alert") ? "alerts" : table) + ".jsonl"));
        }
        for (Map.Entry<String, List<String>> table : rows.entrySet()) {
            String name = table.getKey().equals("alert") ? "alerts" : table.getKey();
            Files.write(folder.resolve(name + ".jsonl"), table.getValue());
        }
    }
}
