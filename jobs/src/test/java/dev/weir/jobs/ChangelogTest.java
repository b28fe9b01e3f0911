package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cluster whose checkpoints write what changed says the same, goes on from such a checkpoint at another parallelism, and may
 * be switched on and off.
 */
@Tag("slow")
class ChangelogTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path work;

    /** All state is written now and then too, so that a checkpoint holds some of each. */
    static Configuration settings(Path checkpoints) {
        Configuration settings = ScenariosTest.settings();
        settings.setString("execution.checkpointing.dir", checkpoints.toUri().toString());
        settings.setString("state.changelog.enabled", "true");
        settings.setString("state.changelog.storage", "filesystem");
        settings.setString(
                "state.changelog.dstl.dfs.base-path", checkpoints.toUri().toString());
        settings.setString("state.changelog.periodic-materialize.interval", "300 ms");
        return settings;
    }

    /** In the second of them a fact concerns every key. */
    @ParameterizedTest
    @ValueSource(strings = {"a-visitor-identified-late", "limits-that-were-published"})
    void aCheckpointOfWhatChangedIsGoneOnFromAtAnotherParallelism(String name) throws Exception {
        Path folder = ScenariosTest.FOLDER.resolve(name);
        Scenario scenario = Scenario.asItArrives(folder, work);
        Path log = Files.createDirectory(work.resolve("log"));
        RocksDbTest.in(settings(log), cluster -> {
            String checkpoint = scenario.halfToCheckpoint(cluster, 1, work.resolve("before"), log);
            assertThat(changes(log)).as("files of changes").isNotEmpty();
            scenario.restore(cluster, 2, work.resolve("after"), checkpoint);
        });
        assertThat(CommittedRows.standing(work.resolve("before"), work.resolve("after")))
                .isEqualTo(ScenariosTest.expected(folder));
    }

    @Test
    void savepointsWithAndWithoutTheLogAreGoneOnFromByTheOther() throws Exception {
        Path folder = ScenariosTest.FOLDER.resolve("a-visitor-identified-late");
        Scenario scenario = Scenario.asItArrives(folder, work);
        List<Configuration> both = List.of(ScenariosTest.settings(), settings(work.resolve("log")));
        for (int i = 0; i < 2; i++) {
            Path of = Files.createDirectory(work.resolve("from" + i));
            Path savepoint = of.resolve("savepoint.txt");
            RocksDbTest.in(
                    both.get(i),
                    cluster -> Files.writeString(
                            savepoint, scenario.half(cluster, 1, of.resolve("before"), of.resolve("savepoints"))));
            RocksDbTest.in(
                    both.get(1 - i),
                    cluster -> scenario.restore(cluster, 2, of.resolve("after"), Files.readString(savepoint)));
            assertThat(CommittedRows.standing(of.resolve("before"), of.resolve("after")))
                    .as(of.toString())
                    .isEqualTo(ScenariosTest.expected(folder));
        }
    }

    private static List<Path> changes(Path log) throws Exception {
        try (Stream<Path> files = Files.walk(log)) {
            return files.filter(file -> file.toString().contains("/dstl/")).toList();
        }
    }
}
