package dev.weir.cli;

import dev.weir.local.Failure;
import dev.weir.local.FlinkRest;
import dev.weir.local.Home;
import dev.weir.local.Refused;
import dev.weir.local.Submission;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir submit}: one job onto a Flink cluster, over its REST interface. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs one of Weir's jobs on a Flink cluster and waits until its first checkpoint is complete.",
            "It goes on from the newest completed checkpoint of the same job and playbook that it finds in the cluster's"
                    + " checkpoint directory (where this machine can read it), so nothing is counted twice or forgotten;"
                    + " with --fresh, or another playbook, it reads everything from the start."
        },
        footer = {
            "",
            "Examples:",
            "  weir submit conversion --playbook acme.yaml             onto the cluster of `weir up`",
            "  weir submit anomaly --cluster http://flink.acme.example:8081 --settings acme-settings.yaml --playbook acme.yaml"
        })
public final class Submit implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Parameters(paramLabel = "JOB", description = "conversion, cycle-time or anomaly.")
    private String job = "";

    @Option(
            names = "--cluster",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:18081",
            description = "Flink's REST address (default: ${DEFAULT-VALUE}, that of `weir up`).")
    private String cluster = "";

    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description = "Where Kafka and PostgreSQL are, as the cluster sees them (default: that of `weir up`).")
    private @Nullable Path settings;

    @Option(names = "--playbook", paramLabel = "FILE", required = true, description = "The definitions.")
    private @Nullable Path playbook;

    @Option(
            names = "--fresh",
            description =
                    "Read everything from the start instead of going on from a checkpoint; `weir sweep` then takes"
                            + " away what only an earlier submission said.")
    private boolean fresh;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tasks side by side (default: the cluster's).")
    private int parallelism;

    @Option(
            names = "--jar",
            paramLabel = "FILE",
            description = "The jobs' jar (default: jobs/target/weir-jobs.jar of the project).")
    private @Nullable Path jar;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Path file = settings != null ? settings : Home.locate(null).resolve("settings.yaml");
        Submission submission = submission(job, Objects.requireNonNull(playbook), file, jar(jar), parallelism, fresh);
        try {
            Submission.Running running = submission.submitTo(new FlinkRest(cluster));
            out(spec).println(sentence(submission, running));
            return 0;
        } catch (Failure failure) {
            return failed(spec, failure);
        }
    }

    /** The jobs that make the whole, in the order in which their topics feed each other. */
    public static List<Submission> all(Path playbook, Path settings, Path jar) {
        return List.of(
                submission("anomaly", playbook, settings, jar, 0, false),
                submission("conversion", playbook, settings, jar, 0, false),
                submission("cycle-time", playbook, settings, jar, 0, false));
    }

    private static Submission submission(
            String job, Path playbook, Path settings, Path jar, int parallelism, boolean fresh) {
        String entry = Submission.JOBS.get(job);
        if (entry == null) {
            throw new Refused("there is no job '" + job + "'; one of conversion, cycle-time, anomaly");
        }
        byte[] definitions = read(playbook, "--playbook");
        return new Submission(
                job,
                entry,
                jar,
                List.of("--settings", base64(read(settings, "--settings")), "--playbook", base64(definitions)),
                Submission.sha256(definitions),
                parallelism,
                fresh,
                PATIENCE);
    }

    private static String base64(byte[] text) {
        return Base64.getEncoder().encodeToString(text);
    }

    static byte[] read(Path file, String option) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new Refused("cannot read " + file + " (" + option + "): no such file, or not for you", unreadable);
        }
    }

    public static Path jar(@Nullable Path option) {
        Path jar = option != null ? option : Home.project().resolve("jobs/target/weir-jobs.jar");
        if (!Files.isRegularFile(jar)) {
            throw new Refused("no job jar at " + jar + "; build it (mvn package) or name it with --jar");
        }
        return jar;
    }

    static String sentence(Submission submission, Submission.Running running) {
        String from = running.from() == null ? "from the start" : "on from " + running.from();
        return submission.job() + " runs as " + running.jobId() + ", " + from + ": " + running.url();
    }

    static PrintWriter out(@Nullable CommandSpec spec) {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    static int failed(@Nullable CommandSpec spec, Failure failure) {
        Objects.requireNonNull(spec).commandLine().getErr().println("weir: " + failure.getMessage());
        return 1;
    }
}
