package dev.weir.jobs;

import dev.weir.io.History;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Tables;
import dev.weir.playbook.Playbook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** A playbook and a history, run as a whole or in two halves. */
final class Scenario {
    /** Long enough for a busy machine: what does not end at all is caught as well. */
    private static final long PATIENCE_MILLIS = 180_000;

    private final Playbook playbook;
    private final History history;

    private Scenario(Playbook playbook, History history) {
        this.playbook = playbook;
        this.history = history;
    }

    /**
     * Reads {@code playbook.yaml}, {@code in.jsonl} and {@code as_of.txt} of a folder.
     *
     * @param work an existing folder that lives as long as the scenario
     */
    static Scenario inOrderOfTime(Path folder, Path work) throws IOException {
        Instant end =
                Instant.parse(Files.readString(folder.resolve("as_of.txt")).trim());
        History sorted = History.read(List.of(folder.resolve("in.jsonl")), end, work, refusal -> {
            throw new IllegalArgumentException(refusal);
        });
        return new Scenario(PlaybookLoader.load(folder.resolve("playbook.yaml")), sorted);
    }

    /** The same, each event when its line comes, late or not. */
    static Scenario asItArrives(Path folder, Path work) throws IOException {
        Scenario sorted = inOrderOfTime(folder, work);
        Map<String, String> times = new HashMap<>();
        for (String line : Files.readAllLines(sorted.history.sorted())) {
            int tab = line.indexOf('\t');
            times.put(line.substring(tab + 1), line.substring(0, tab));
        }
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("in.jsonl"))) {
            if (times.containsKey(line)) {
                lines.add(times.get(line) + '\t' + line);
            }
        }
        Path arrived = Files.write(work.resolve("events.arrived"), lines);
        return new Scenario(
                sorted.playbook, new History(lines.size(), arrived, sorted.history.desk(), sorted.history.end(), 0, 0));
    }

    /** The whole history at once. */
    void run(ClusterClient<?> cluster, int parallelism, Path rows) throws Exception {
        await(cluster, submit(cluster, parallelism, Long.MAX_VALUE, Long.MAX_VALUE, rows, null));
    }

    /** What is left of a job that may go on from there. */
    private interface Saving {
        CompletableFuture<String> save(JobID job);
    }

    /** The first half and a savepoint, and no orderly end: nothing is flushed after it. */
    String half(ClusterClient<?> cluster, int parallelism, Path rows, Path savepoints) throws Exception {
        return half(
                cluster,
                parallelism,
                rows,
                job -> cluster.triggerSavepoint(job, savepoints.toString(), SavepointFormatType.CANONICAL));
    }

    /** The same and a checkpoint, below the folder that the cluster has for them. */
    String halfToCheckpoint(ClusterClient<?> cluster, int parallelism, Path rows, Path checkpoints) throws Exception {
        return half(cluster, parallelism, rows, job -> cluster.triggerCheckpoint(job, CheckpointType.CONFIGURED)
                .thenApply(number -> checkpoints.resolve(job + "/chk-" + number).toString()));
    }

    private String half(ClusterClient<?> cluster, int parallelism, Path rows, Saving saving) throws Exception {
        HeldNumbers.hold();
        int readers = playbook.funnels().isEmpty() && playbook.attribution() == null ? 1 : 2;
        long half = (history.lines() + 1) / 2;
        // All but the last, which comes after the savepoint: without checkpoints a source that has ended may
        // leave records on their way that no savepoint holds.
        long said = Math.max(0, history.desk().size() - 1);
        JobID job = submit(cluster, parallelism, half, said, rows, null);
        try {
            long start = System.nanoTime();
            while (HeldNumbers.read() < half * readers + said) {
                wait(cluster, job, start);
            }
            while (true) {
                try {
                    return saving.save(job).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                } catch (ExecutionException notYet) {
                    // Some tasks have not begun to run.
                    wait(cluster, job, start);
                }
            }
        } finally {
            end(cluster, job);
            HeldNumbers.letGo();
        }
    }

    private static void wait(ClusterClient<?> cluster, JobID job, long start) throws Exception {
        boolean patient = System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        if (!patient || cluster.getJobStatus(job).get().isGloballyTerminalState()) {
            throw new IllegalStateException("no savepoint in the middle");
        }
        Thread.sleep(20);
    }

    private static void end(ClusterClient<?> cluster, JobID job) throws Exception {
        if (!cluster.getJobStatus(job).get().isGloballyTerminalState()) {
            cluster.cancel(job).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
        cluster.requestJobResult(job).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** From a savepoint or checkpoint to the end. */
    void restore(ClusterClient<?> cluster, int parallelism, Path rows, String savepoint) throws Exception {
        await(cluster, submit(cluster, parallelism, Long.MAX_VALUE, Long.MAX_VALUE, rows, savepoint));
    }

    private JobID submit(
            ClusterClient<?> cluster, int parallelism, long before, long said, Path rows, @Nullable String savepoint)
            throws Exception {
        Files.createDirectories(rows);
        StreamExecutionEnvironment env = new StreamExecutionEnvironment(Configuration.fromMap(
                Map.of("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION")));
        env.setParallelism(parallelism);
        Backtest.graph(
                env,
                playbook,
                job -> history.end(),
                job -> history.streams(env, job, new HeldNumbers(history.lines() - 1, before)),
                history.desk(
                        env,
                        AnomalyJob.NAME,
                        new HeldNumbers(Math.max(0, history.desk().size() - 1), said)),
                new CommittedRows(rows, Tables.warehouse()));
        JobGraph graph = env.getStreamGraph().getJobGraph();
        if (savepoint != null) {
            graph.setSavepointRestoreSettings(
                    SavepointRestoreSettings.forPath(savepoint, false, RecoveryClaimMode.CLAIM));
        }
        return cluster.submitJob(graph).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static void await(ClusterClient<?> cluster, JobID job) throws Exception {
        try {
            JobResult result = cluster.requestJobResult(job).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            result.toJobExecutionResult(Scenario.class.getClassLoader());
        } finally {
            end(cluster, job);
        }
    }
}
