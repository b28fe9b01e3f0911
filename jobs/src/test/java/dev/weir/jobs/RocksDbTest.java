package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.client.program.MiniClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that keeps state in RocksDB says the same, and goes on where one that kept it on the heap has stopped. */
@Tag("slow")
class RocksDbTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path work;

    interface Doing {
        void on(ClusterClient<?> cluster) throws Exception;
    }

    private static void in(String backend, Doing doing) throws Exception {
        Configuration settings = ScenariosTest.settings();
        settings.setString("state.backend.type", backend);
        in(settings, doing);
    }

    @SuppressWarnings("try") // closing a MiniCluster may be interrupted
    static void in(Configuration settings, Doing doing) throws Exception {
        MiniClusterConfiguration cluster = new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(2)
                .build();
        try (MiniCluster flink = new MiniCluster(cluster);
                MiniClusterClient client = new MiniClusterClient(settings, flink)) {
            flink.start();
            doing.on(client);
        }
    }

    @Test
    void whatHeapOrRocksDbSavedRocksDbGoesOnWith() throws Exception {
        Path folder = ScenariosTest.FOLDER.resolve("a-visitor-identified-late");
        Path heap = Files.createDirectory(work.resolve("heap"));
        Path rocks = Files.createDirectory(work.resolve("rocks"));
        Scenario scenario = Scenario.asItArrives(folder, work);
        in("hashmap", cluster -> half(scenario, cluster, heap));
        in("rocksdb", cluster -> {
            half(scenario, cluster, rocks);
            for (Path of : new Path[] {heap, rocks}) {
                scenario.restore(cluster, 2, of.resolve("after"), Files.readString(of.resolve("savepoint.txt")));
                assertThat(CommittedRows.standing(of.resolve("before"), of.resolve("after")))
                        .as("%s", of.getFileName())
                        .isEqualTo(ScenariosTest.expected(folder));
            }
        });
    }

    private static void half(Scenario scenario, ClusterClient<?> cluster, Path of) throws Exception {
        Files.writeString(
                of.resolve("savepoint.txt"), scenario.half(cluster, 1, of.resolve("before"), of.resolve("savepoints")));
    }
}
