package dev.weir.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Kafka, PostgreSQL and Flink on this machine, started together and stopped together: by {@link #close}, when this JVM
 * ends (Ctrl-C too), or when it is killed.
 */
public final class LocalSystem implements AutoCloseable {
    /**
     * How it is to be started: {@code fresh} forgets all data first, {@code flink} lies over deploy/cluster/config.yaml,
     * {@code kafka} over the broker's own settings.
     */
    public record Options(Path home, Ports ports, boolean fresh, Map<String, String> flink, Map<String, String> kafka) {
        public Options(Path home, Ports ports, boolean fresh, Map<String, String> flink) {
            this(home, ports, fresh, flink, Map.of());
        }

        /** As `up` and `demo` want it: alerts within a second. */
        public static Options lively(Path home, Ports ports, boolean fresh) {
            return new Options(home, ports, fresh, LIVELY);
        }

        /** The same for a run of a minute: the quick compiler only, since the thorough one would take longer than it saves. */
        public static Options brief(Path home, Ports ports) {
            Map<String, String> flink = new HashMap<>(LIVELY);
            flink.put("env.java.opts.taskmanager", "-XX:TieredStopAtLevel=1");
            flink.put("execution.checkpointing.min-pause", "1 s");
            flink.put(LocalFlink.RESOLVE_ORDER, "parent-first");
            return new Options(home, ports, true, flink);
        }

        private static final Map<String, String> LIVELY = Map.of(
                "execution.checkpointing.interval", "500 ms",
                "execution.checkpointing.min-pause", "100 ms",
                "state.changelog.enabled", "true",
                "state.changelog.storage", "filesystem",
                "state.changelog.periodic-materialize.interval", "1 min");
    }

    private final Home home;
    private final Ports ports;
    private final Options options;
    private final Consumer<String> say;
    private volatile LocalKafka kafka;
    private volatile LocalPostgres postgres;
    private volatile LocalFlink flink;
    private final Thread hook = new Thread(this::stop, "stop-local-system");
    private boolean stopped;

    /** What can be started again by itself. */
    public enum Part {
        KAFKA,
        POSTGRES,
        FLINK
    }

    private LocalSystem(
            Home home,
            Ports ports,
            Options options,
            Consumer<String> say,
            LocalKafka kafka,
            LocalPostgres postgres,
            LocalFlink flink) {
        this.home = home;
        this.ports = ports;
        this.options = options;
        this.say = say;
        this.kafka = kafka;
        this.postgres = postgres;
        this.flink = flink;
    }

    /** Starts all three at once; {@code say} hears of a TaskManager that had to be replaced. */
    public static LocalSystem start(Options options, Consumer<String> say) {
        Home home = Home.claim(options.home());
        try {
            Ports ports = options.ports().free();
            if (options.fresh()) {
                home.empty();
            }
            return start(home, ports, options, say);
        } catch (RuntimeException failure) {
            home.close();
            throw failure;
        }
    }

    private static LocalSystem start(Home home, Ports ports, Options options, Consumer<String> say) {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            var flink = CompletableFuture.supplyAsync(
                    () -> LocalFlink.start(home, ports.flink(), options.flink(), say), threads);
            var kafka = CompletableFuture.supplyAsync(
                    () -> LocalKafka.start(home, ports.kafka(), options.kafka()), threads);
            var postgres = CompletableFuture.supplyAsync(() -> LocalPostgres.start(home, ports.postgres()), threads);
            List<CompletableFuture<? extends AutoCloseable>> all = List.of(flink, kafka, postgres);
            try {
                CompletableFuture.allOf(flink, kafka, postgres).join();
            } catch (CompletionException failure) {
                closeStarted(all);
                throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
            }
            LocalSystem system =
                    new LocalSystem(home, ports, options, say, kafka.join(), postgres.join(), flink.join());
            Runtime.getRuntime().addShutdownHook(system.hook);
            return system;
        } finally {
            threads.shutdown();
        }
    }

    private static void closeStarted(List<CompletableFuture<? extends AutoCloseable>> all) {
        for (CompletableFuture<? extends AutoCloseable> one : all) {
            if (!one.isCompletedExceptionally()) {
                closeOne(one.join());
            }
        }
    }

    private static void closeOne(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception failure) {
            throw new Failure("cannot stop " + part.getClass().getSimpleName() + ": " + failure.getMessage(), failure);
        }
    }

    public LocalKafka kafka() {
        return kafka;
    }

    public LocalPostgres postgres() {
        return postgres;
    }

    public LocalFlink flink() {
        return flink;
    }

    public Path home() {
        return home.root();
    }

    public Path logs() {
        return home.logs();
    }

    /** The settings file that {@code send} and {@code submit} take to meet this system. */
    public Path settings() {
        return home.root().resolve("settings.yaml");
    }

    /** Makes it ready for jobs and events: the settings file. */
    public void prepare() {
        Home.writePrivate(settings(), """
                kafka:
                  bootstrap: '%s'
                warehouse:
                  url: '%s'
                  user: '%s'
                  password_file: '%s'
                """.formatted(
                        kafka.bootstrap(),
                        postgres.url(),
                        LocalPostgres.WRITER,
                        postgres.passwordFile(LocalPostgres.WRITER).toString().replace("'", "''")));
    }

    /** The process of a part; of Flink that of the JobManager. */
    public long pid(Part part) {
        return switch (part) {
            case KAFKA -> kafka.child().pid();
            case POSTGRES -> postgres.child().pid();
            case FLINK -> flink.jobManager().pid();
        };
    }

    /** Starts a part again on its port and its data, after it was killed; what is left of it is ended first. */
    public void restart(Part part) {
        switch (part) {
            case KAFKA -> {
                kafka.close();
                kafka = LocalKafka.start(home, ports.kafka(), options.kafka());
            }
            case POSTGRES -> {
                postgres.close();
                postgres = LocalPostgres.start(home, ports.postgres());
            }
            case FLINK -> {
                flink.close();
                flink = LocalFlink.start(home, ports.flink(), options.flink(), say);
            }
        }
    }

    /** Stays until Kafka, PostgreSQL or the JobManager ends by itself; says which, and where its log is. */
    public String awaitEnd() {
        List<CompletableFuture<String>> ends = new ArrayList<>();
        for (Child child : List.of(kafka.child(), postgres.child(), flink.jobManager())) {
            ends.add(child.ended()
                    .thenApply(
                            code -> child.name() + " ended by itself (exit code " + code + "); see " + child.logs()));
        }
        return anyOf(ends).join();
    }

    private static CompletableFuture<String> anyOf(List<CompletableFuture<String>> ends) {
        CompletableFuture<String> first = new CompletableFuture<>();
        for (CompletableFuture<String> end : ends) {
            var unused = end.thenAccept(first::complete);
        }
        return first;
    }

    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // then the hook has run, or is running
        }
    }

    /** Flink first, so that its jobs do not see the others go; the two others together. */
    private synchronized void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        closeOne(flink);
        List.of(kafka, postgres).parallelStream().forEach(LocalSystem::closeOne);
        home.close();
    }
}
