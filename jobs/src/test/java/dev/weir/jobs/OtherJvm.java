package dev.weir.jobs;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.client.program.MiniClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;

/**
 * Half a scenario in a JVM of its own. Arguments: the scenario's folder, a work folder, {@code half} or {@code rest}, and
 * {@code log} where checkpoints write what changed and one of them is gone on from.
 */
final class OtherJvm {
    private OtherJvm() {}

    @SuppressWarnings("try") // closing a MiniCluster may be interrupted
    public static void main(String[] arguments) throws Exception {
        Path work = Path.of(arguments[1]);
        Scenario scenario = Scenario.asItArrives(Path.of(arguments[0]), work);
        Path log = work.resolve("log");
        boolean logs = arguments.length > 3 && arguments[3].equals("log");
        Configuration settings = logs ? ChangelogTest.settings(log) : ScenariosTest.settings();
        MiniClusterConfiguration cluster = new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(4)
                .build();
        try (MiniCluster flink = new MiniCluster(cluster);
                MiniClusterClient client = new MiniClusterClient(settings, flink)) {
            flink.start();
            Path savepoint = work.resolve("savepoint.txt");
            if (arguments[2].equals("half")) {
                Path before = work.resolve("before");
                Files.writeString(
                        savepoint,
                        logs
                                ? scenario.halfToCheckpoint(client, 1, before, log)
                                : scenario.half(client, 1, before, work.resolve("savepoints")));
            } else {
                scenario.restore(client, 3, work.resolve("after"), Files.readString(savepoint));
            }
        }
        System.exit(0);
    }
}
