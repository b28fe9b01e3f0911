package dev.weir.local;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.machine.Hash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A job, its jar and its arguments, to be run on a Flink cluster.
 *
 * <p>Its checkpoints go into a directory of their own, {@code <cluster's checkpoint directory>/<job>-<hash of the
 * playbook>}; the newest completed one there is where a later submission of the same job and playbook goes on. Another
 * playbook finds no such directory and starts from the earliest facts, as it must.
 */
public record Submission(
        String job,
        String entryClass,
        Path jar,
        List<String> arguments,
        String fingerprint,
        int parallelism,
        boolean fresh,
        Duration patience) {
    private static final String CHECKPOINTS = "execution.checkpointing.dir";

    /** What is running: the job's id, where to look at it, and the checkpoint it went on from (null: from nothing). */
    public record Running(
            String jobId, String url, @Nullable String from) {}

    /** Uploads, runs, and waits until every task runs and the first checkpoint is complete. */
    public Running submitTo(FlinkRest flink) {
        if (!Files.isRegularFile(jar)) {
            throw new Refused("no job jar at " + jar + "; build it (scripts/weir builds it) or name it with --jar");
        }
        try {
            Optional<String> running = flink.live(job);
            if (running.isPresent()) {
                throw new Refused("job " + job + " already runs on " + flink.url() + " as " + running.get()
                        + "; two would write the same rows: cancel it first");
            }
        } catch (FlinkRest.Refusal refusal) {
            throw new Refused(said(refusal), refusal);
        } catch (IOException unreachable) {
            throw new Refused(
                    "no Flink cluster answers at " + flink.url() + " (" + said(unreachable)
                            + "); is it up, is --cluster its REST address?",
                    unreachable);
        }
        try {
            String base = flink.setting(CHECKPOINTS);
            String own = base.isEmpty() ? "" : base.replaceAll("/+$", "") + "/" + job + "-" + fingerprint;
            Optional<String> from = fresh ? Optional.empty() : newest(own);
            String jarId = flink.upload(jar, "weir-" + sha256(Files.readAllBytes(jar)) + ".jar");
            String jobId = flink.run(jarId, body(own, from));
            await(flink, jobId);
            return new Running(jobId, flink.url(jobId), from.orElse(null));
        } catch (IOException failure) {
            throw new Failure("job " + job + " was not accepted by " + flink.url() + ": " + said(failure), failure);
        }
    }

    private static String said(IOException failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }

    private ObjectNode body(String checkpoints, Optional<String> from) {
        ObjectNode body = FlinkRest.object();
        body.put("entryClass", entryClass);
        ArrayNode words = body.putArray("programArgsList");
        arguments.forEach(words::add);
        if (parallelism > 0) {
            body.put("parallelism", parallelism);
        }
        ObjectNode settings = body.putObject("flinkConfiguration");
        settings.put("pipeline.name", job);
        if (!checkpoints.isEmpty()) {
            settings.put(CHECKPOINTS, checkpoints);
        }
        from.ifPresent(path -> body.put("savepointPath", path).put("claimMode", "CLAIM"));
        return body;
    }

    private void await(FlinkRest flink, String jobId) {
        boolean up = Tools.poll(patience, () -> {
            String state = flink.state(jobId);
            if (state.equals("FAILED") || state.equals("CANCELED")) {
                throw new Failure("job " + job + " is " + state + ": " + flink.rootException(jobId));
            }
            return state.equals("FINISHED") || (flink.running(jobId) && flink.completedCheckpoints(jobId) > 0);
        });
        if (!up) {
            throw new Failure("job " + job + " (" + jobId + ") has no completed checkpoint after "
                    + patience.toSeconds() + " s" + why(flink, jobId) + "; look at " + flink.url(jobId));
        }
    }

    private static String why(FlinkRest flink, String jobId) {
        try {
            String cause = flink.rootException(jobId);
            return cause.isEmpty() ? "" : ", it keeps failing with: " + cause;
        } catch (IOException unreachable) {
            return ", and the cluster no longer answers";
        }
    }

    /** The newest completed checkpoint (or savepoint) below a directory this machine can read. */
    static Optional<String> newest(String directory) throws IOException {
        Optional<Path> root = readable(directory);
        if (root.isEmpty()) {
            return Optional.empty();
        }
        try (Stream<Path> paths = Files.walk(root.get(), 2)) {
            return paths.filter(path -> Files.exists(path.resolve("_metadata")))
                    .max(Comparator.comparing(Submission::completed))
                    .map(path -> path.toUri().toString());
        }
    }

    private static FileTime completed(Path checkpoint) {
        try {
            return Files.getLastModifiedTime(checkpoint.resolve("_metadata"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Optional<Path> readable(String directory) {
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        URI uri = URI.create(directory);
        if (uri.getScheme() != null && !uri.getScheme().equals("file")) {
            return Optional.empty();
        }
        Path path = Path.of(uri.getPath());
        return Files.isDirectory(path) ? Optional.of(path) : Optional.empty();
    }

    /** The first twelve hexadecimal digits of the SHA-256. */
    public static String sha256(byte[] bytes) {
        return Hash.sha256Hex(bytes).substring(0, 12);
    }

    /** Weir's own jobs by the name a user types, with their main classes. */
    public static final Map<String, String> JOBS = Map.of(
            "conversion", "dev.weir.jobs.ConversionJob",
            "cycle-time", "dev.weir.jobs.CycleTimeJob",
            "anomaly", "dev.weir.jobs.AnomalyJob");
}
