package dev.weir.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * A standalone Flink cluster as two child processes, JobManager and TaskManager, assembled from Maven jars. Settings are
 * those of deploy/cluster/config.yaml with this machine's addresses over them. A TaskManager that ends is replaced.
 */
public final class LocalFlink implements AutoCloseable {
    /** Jars that make a Flink distribution; whatever else a job needs is in its own jar, else it would be taken twice. */
    private static final List<String> DISTRIBUTION = List.of(
            "flink-",
            "async-profiler-",
            "commons-cli-",
            "commons-codec-",
            "commons-collections-",
            "commons-compress-",
            "commons-io-",
            "commons-lang3-",
            "commons-math3-",
            "commons-text-",
            "javassist-",
            "jsr305-",
            "kryo-",
            "log4j-",
            "lz4-java-",
            "minlog-",
            "objenesis-",
            "reflectasm-",
            "RoaringBitmap-",
            "slf4j-api-",
            "snakeyaml-engine-",
            "snappy-java-");

    private static final List<String> NOT_DISTRIBUTION = List.of(
            "flink-connector-base-",
            "flink-connector-jdbc-",
            "flink-connector-kafka-",
            "flink-test-utils-",
            "-tests.jar");

    static final String RESOLVE_ORDER = "classloader.resolve-order";

    private final Home home;
    private final Consumer<String> say;
    private final Configuration configuration;
    private final Path directory;
    private final String classpath;
    private final FlinkRest rest;
    private final Child jobManager;
    private final Object lock = new Object();
    private Child taskManager;
    private boolean closing;

    private LocalFlink(Home home, int port, Map<String, String> settings, Consumer<String> say) throws IOException {
        this.home = home;
        this.say = say;
        this.directory = Files.createDirectories(home.run().resolve("flink-conf"));
        this.configuration = configure(home, directory, port, settings);
        this.classpath =
                "parent-first".equals(settings.get(RESOLVE_ORDER)) ? Home.classpath() : distribution(Home.classpath());
        this.rest = new FlinkRest("http://127.0.0.1:" + port);
        this.jobManager = startJobManager();
        this.taskManager = startTaskManager();
    }

    /** {@code settings} lie over those of config.yaml. */
    static LocalFlink start(Home home, int port, Map<String, String> settings, Consumer<String> say) {
        try {
            return new LocalFlink(home, port, settings, say).ready();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The settings every cluster shares, as shipped. */
    static String sharedSettings() {
        try (var resource = Tools.resource("config.yaml")) {
            return new String(resource.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Configuration configure(Home home, Path directory, int port, Map<String, String> settings)
            throws IOException {
        Path data = Files.createDirectories(home.data("flink"));
        Map<String, String> here = new TreeMap<>();
        here.put("jobmanager.rpc.address", "127.0.0.1");
        here.put("jobmanager.rpc.port", Integer.toString(Tools.freePort()));
        here.put("jobmanager.bind-host", "127.0.0.1");
        here.put("taskmanager.host", "127.0.0.1");
        here.put("taskmanager.bind-host", "127.0.0.1");
        here.put("rest.address", "127.0.0.1");
        here.put("rest.bind-address", "127.0.0.1");
        here.put("rest.port", Integer.toString(port));
        here.put("web.upload.dir", data.resolve("uploads").toString());
        here.put("io.tmp.dirs", Files.createDirectories(data.resolve("tmp")).toString());
        here.put(
                "execution.checkpointing.dir",
                data.resolve("checkpoints").toUri().toString());
        here.put(
                "state.changelog.dstl.dfs.base-path",
                data.resolve("changes").toUri().toString());
        here.put(
                "execution.checkpointing.savepoint-dir",
                data.resolve("savepoints").toUri().toString());
        here.putAll(settings);
        Path file = directory.resolve("config.yaml");
        Files.writeString(file, sharedSettings());
        Configuration whole = GlobalConfiguration.loadConfiguration(directory.toString(), Configuration.fromMap(here));
        Files.write(file, ConfigurationUtils.convertConfigToWritableLines(whole, true));
        return whole;
    }

    static String distribution(String classpath) {
        Stream<String> jars =
                Arrays.stream(classpath.split(File.pathSeparator, -1)).filter(LocalFlink::distributed);
        return Stream.concat(Stream.of(Home.code().toString()), jars)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean distributed(String entry) {
        String jar = Path.of(entry).getFileName() == null
                ? ""
                : Path.of(entry).getFileName().toString();
        return DISTRIBUTION.stream().anyMatch(jar::startsWith)
                && NOT_DISTRIBUTION.stream().noneMatch(jar::contains);
    }

    private Child startJobManager() {
        var memory = JobManagerProcessUtils.processSpecFromConfig(configuration);
        return Child.java(
                home,
                "jobmanager",
                classpath,
                options(Child.LEAN, JobManagerProcessUtils.generateJvmParametersStr(memory, configuration)),
                List.of(
                        Tether.class.getName(),
                        StandaloneSessionClusterEntrypoint.class.getName(),
                        "--configDir",
                        directory.toString()));
    }

    private Child startTaskManager() {
        TaskExecutorProcessSpec memory = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
        List<String> main = new ArrayList<>(List.of(
                Tether.class.getName(), TaskManagerRunner.class.getName(), "--configDir", directory.toString()));
        main.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory)));
        return Child.java(
                home,
                "taskmanager",
                classpath,
                options(
                        List.of("-XX:+UseG1GC"),
                        ProcessMemoryUtils.generateJvmParametersStr(memory) + " "
                                + configuration.getString("env.java.opts.taskmanager", "")),
                main);
    }

    private List<String> options(List<String> own, String memory) {
        List<String> options = new ArrayList<>(own);
        options.addAll(words(memory));
        options.addAll(words(configuration.getString("env.java.opts.all", "")));
        return options;
    }

    private static List<String> words(String line) {
        return Arrays.stream(line.strip().split("\\s+", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private LocalFlink ready() {
        try {
            int slots = configuration.get(TaskManagerOptions.NUM_TASK_SLOTS);
            jobManager.await(
                    Duration.ofSeconds(90),
                    () -> taskManagerAlive()
                            && rest.overview().path("slots-available").asInt() >= slots);
            supervise();
            return this;
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private boolean taskManagerAlive() {
        Child child = taskManager();
        if (!child.alive()) {
            throw new Failure("taskmanager ended at start; see " + child.logs());
        }
        return true;
    }

    /** Replaces the TaskManager when it ends; the jobs restart on the new one by themselves. */
    private void supervise() {
        Child watched = taskManager();
        var unused = watched.ended().thenAccept(code -> replace(watched, code));
    }

    private void replace(Child dead, int code) {
        synchronized (lock) {
            if (closing || taskManager != dead) {
                return;
            }
            say.accept("the TaskManager ended (exit code " + code + "), starting another; see " + dead.logs());
            taskManager = startTaskManager();
        }
        supervise();
    }

    public FlinkRest rest() {
        return rest;
    }

    public String url() {
        return rest.url();
    }

    public int jobManagerPort() {
        return configuration.get(JobManagerOptions.PORT);
    }

    /** Submits and waits for the first checkpoint, see {@link Submission}. */
    public Submission.Running submit(Submission submission) {
        return submission.submitTo(rest);
    }

    /** Cancels the job and waits until it has ended; its checkpoints stay. */
    public void cancel(String jobId) throws IOException {
        rest.cancel(jobId);
        if (!Tools.poll(Duration.ofSeconds(30), () -> rest.state(jobId).equals("CANCELED"))) {
            throw new Failure("job " + jobId + " is still " + rest.state(jobId) + " 30 s after its cancellation");
        }
    }

    public String state(String jobId) throws IOException {
        return rest.state(jobId);
    }

    /** For tests of failure: the process that runs the jobs. */
    public long taskManagerPid() {
        return taskManager().pid();
    }

    /** For tests of failure: another TaskManager in place of one that hangs; gives the process of that one. */
    public long replaceTaskManager() {
        synchronized (lock) {
            long hanging = taskManager.pid();
            taskManager = startTaskManager();
            supervise();
            return hanging;
        }
    }

    /** For tests of failure: everything at once, as when the power goes. */
    public void kill() {
        synchronized (lock) {
            closing = true;
            taskManager.kill();
            jobManager.kill();
        }
    }

    Child jobManager() {
        return jobManager;
    }

    private Child taskManager() {
        synchronized (lock) {
            return taskManager;
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
        }
        taskManager().stop();
        jobManager.stop();
    }
}
