package dev.weir.faults;

import dev.weir.cli.Groundwork;
import dev.weir.cli.Submit;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.Sender;
import dev.weir.io.Settings;
import dev.weir.io.Topics;
import dev.weir.local.Failure;
import dev.weir.local.FlinkRest;
import dev.weir.local.LocalSystem;
import dev.weir.local.Ports;
import dev.weir.local.Submission;
import dev.weir.playbook.Playbook;
import dev.weir.recount.DrawnEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * The system that the faults are done to: started once, with time-outs of seconds, its jobs running and its history growing
 * from row to row. The history lies in the past days and its time is marked two hours ahead, so that rows have one T for all
 * of a run and a pause moves nothing.
 */
final class Site implements AutoCloseable {
    /** How long a thing that must happen may take on a busy machine. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Map<String, String> COMPRESSED = Map.of(
            "state.changelog.periodic-materialize.interval", "5 s",
            "heartbeat.interval", "1 s",
            "heartbeat.timeout", "5 s",
            "restart-strategy.exponential-delay.initial-backoff", "500 ms",
            "restart-strategy.exponential-delay.max-backoff", "2 s",
            "env.java.opts.taskmanager", "-XX:TieredStopAtLevel=1",
            "classloader.resolve-order", "parent-first");

    /** Between the broker and everybody else. */
    final Network network;

    final LocalSystem system;
    final Settings settings;
    final Playbook playbook;
    final Instant end = Instant.now().plus(2, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
    final List<Object> sent = new ArrayList<>();

    private final Instant start = end.minus(100, ChronoUnit.DAYS);
    private final Path playbookFile;
    private final Map<String, String> jobs = new HashMap<>();
    private Random random = new Random();
    private String prefix = "";

    Site(Path home) throws IOException {
        network = new Network();
        Ports ports = new Ports(network.brokerPort(), 0, 0);
        Map<String, String> flink =
                new HashMap<>(LocalSystem.Options.lively(home, ports, true).flink());
        flink.putAll(COMPRESSED);
        system = LocalSystem.start(
                new LocalSystem.Options(
                        home,
                        ports,
                        true,
                        flink,
                        Map.of("advertised.listeners", "PLAINTEXT://127.0.0.1:" + network.port())),
                said -> {});
        Groundwork.lay(system);
        Files.writeString(
                system.settings(), "time: {idle_after: 3s, out_of_orderness: 0s}\n", StandardOpenOption.APPEND);
        settings = Settings.read(system.settings());
        playbookFile = Files.writeString(system.home().resolve("playbook.yaml"), DrawnEvents.playbook());
        playbook = PlaybookLoader.load(playbookFile);
        RevisionGuard.watch(this);
        submit(0);
    }

    // The jobs.

    /** Every job, from where the one before it was; at a parallelism, 0 for the usual. */
    void submit(int parallelism) {
        List<Thread> threads = new ArrayList<>();
        List<Exception> failures = new ArrayList<>();
        for (Submission one : Submit.all(playbookFile, system.settings(), Submit.jar(null))) {
            Thread thread = new Thread(() -> {
                try {
                    String id = system.flink()
                            .submit(at(one, parallelism, one.patience()))
                            .jobId();
                    synchronized (jobs) {
                        jobs.put(one.job(), id);
                    }
                } catch (RuntimeException failure) {
                    synchronized (failures) {
                        failures.add(failure);
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new Failure("interrupted", stop);
            }
        }
        if (!failures.isEmpty()) {
            throw new Failure(String.valueOf(failures.get(0).getMessage()), failures.get(0));
        }
    }

    /** One job, without waiting until it is well. */
    void submit(String job) {
        for (Submission one : Submit.all(playbookFile, system.settings(), Submit.jar(null))) {
            if (one.job().equals(job)) {
                try {
                    system.flink().submit(at(one, 0, Duration.ofSeconds(5)));
                } catch (Failure unwell) {
                    // whoever asked looks for the reason
                }
            }
        }
        await(job + " to be there", () -> {
            String id = flink().live(job).orElseThrow();
            synchronized (jobs) {
                jobs.put(job, id);
            }
            return true;
        });
    }

    private static Submission at(Submission one, int parallelism, Duration patience) {
        // The desk and the funnels stay narrow: six slots for all.
        int wide = one.job().equals("cycle-time") ? parallelism : 0;
        return new Submission(
                one.job(),
                one.entryClass(),
                one.jar(),
                one.arguments(),
                one.fingerprint(),
                wide,
                one.fresh(),
                patience);
    }

    FlinkRest flink() {
        return system.flink().rest();
    }

    String job(String name) {
        synchronized (jobs) {
            return Objects.requireNonNull(jobs.get(name), name);
        }
    }

    List<String> jobs() {
        synchronized (jobs) {
            return List.copyOf(jobs.values());
        }
    }

    /** Where a job's checkpoints are, its savepoints too, so that the next submission finds the newest of both. */
    String checkpoints(String job) throws IOException {
        Submission one = Submit.all(playbookFile, system.settings(), Submit.jar(null)).stream()
                .filter(s -> s.job().equals(job))
                .findFirst()
                .orElseThrow();
        return flink().setting("execution.checkpointing.dir").replaceAll("/+$", "") + "/" + job + "-"
                + one.fingerprint();
    }

    /** Every job runs, and has completed a checkpoint since this was asked. */
    void awaitHealthy() {
        Map<String, Long> before = new HashMap<>();
        await("all jobs running", () -> {
            for (String id : jobs()) {
                if (!flink().running(id)) {
                    return false;
                }
                before.putIfAbsent(id, flink().newestCheckpoint(id));
            }
            return true;
        });
        await("another checkpoint of every job", () -> {
            for (String id : jobs()) {
                if (flink().newestCheckpoint(id) <= before.getOrDefault(id, 0L)) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Whether every job still runs. */
    boolean isWhole() {
        return comes(
                () -> {
                    for (String id : jobs()) {
                        if (!flink().running(id)) {
                            return false;
                        }
                    }
                    return true;
                },
                Duration.ofSeconds(30));
    }

    // The history.

    /** From here on events belong to a row and a seed: the same of both draw the same events, but for their date. */
    void begin(String row, long seed) {
        random = new Random(seed * 31 + row.hashCode());
        prefix = row + "." + seed + ".";
    }

    Random random() {
        return random;
    }

    /** New events of deals and people, some of them taken back, and of who they are. */
    List<Object> draw() {
        DrawnEvents draw = drawn();
        List<Object> events = new ArrayList<>(past(draw.deals()));
        List<Engagement> engagements = new ArrayList<>(draw.activities());
        engagements.addAll(draw.engagements());
        events.addAll(engagements);
        events.addAll(draw.retractions(engagements));
        events.addAll(draw.feedback());
        events.addAll(draw.entities());
        return events;
    }

    /** New events of deals. */
    List<DealChange> deals() {
        return past(drawn().deals());
    }

    DrawnEvents drawn() {
        prefix += "+";
        return new DrawnEvents(random, start, prefix);
    }

    /** Those that happened before T: what lies in the future is a fault of its own. */
    List<DealChange> past(List<DealChange> changes) {
        return changes.stream()
                .filter(change -> change.occurredAt().isBefore(end))
                .toList();
    }

    /** Sends events in this order; what a broker that went away did not take is sent again. */
    void send(List<?> events) {
        sent.addAll(events);
        sending("events to be taken", sender -> sender.events(events));
    }

    /** Ends the history: nothing more will come up to T. */
    void mark() {
        sending("the mark to be taken", sender -> sender.mark(end));
    }

    private interface Sending {
        void by(Sender sender) throws Exception;
    }

    private void sending(String what, Sending sending) {
        await(what, () -> {
            try (Sender sender = new Sender(settings, null, refusal -> {
                throw new Failure(refusal);
            })) {
                sending.by(sender);
                sender.finish();
                return true;
            }
        });
    }

    // Looking.

    /** A question that may fail while things are broken. */
    interface Probe {
        boolean holds() throws Exception;
    }

    /**
     * Waits for something that must happen.
     *
     * @throws Failure when it does not
     */
    void await(String what, Probe probe) {
        if (!comes(probe, PATIENCE)) {
            throw new Failure("waited " + PATIENCE.toSeconds() + " s for " + what);
        }
    }

    static boolean comes(Probe probe, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                if (probe.holds()) {
                    return true;
                }
            } catch (Failure certain) {
                throw certain;
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new Failure("interrupted", stop);
            } catch (Exception notYet) {
                // the next round asks again
            }
            pause(50);
        }
        return false;
    }

    /** A stretch of time that is itself the fault, never a guess how long something takes. */
    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", stop);
        }
    }

    /** Records that a job says it has read. */
    long read(String job) throws SQLException {
        return number("SELECT coalesce(sum(read), 0) FROM weir.ledger WHERE job = '" + job + "'");
    }

    /** Waits until the jobs have published something of what was sent since {@code before}. */
    void awaitMoreRead(long before) {
        await("rows of what was just sent", () -> read("cycle-time") > before);
    }

    long number(String question) throws SQLException {
        try (Connection connection = system.postgres().owner();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(question)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    void run(String sql) throws SQLException {
        try (Connection connection = system.postgres().owner();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** How many sessions of the jobs wait for a lock. */
    long waiting() throws SQLException {
        return number(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weir' AND wait_event_type = 'Lock'");
    }

    String topic(String topic) {
        return Topics.name(settings, topic);
    }

    /** {@code kill -SIGNAL} to a process and, with {@code all}, to those it started. */
    static void signal(String name, long pid, boolean all) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name, Long.toString(pid)));
        if (all) {
            ProcessHandle.of(pid)
                    .ifPresent(p -> p.descendants().forEach(child -> command.add(Long.toString(child.pid()))));
        }
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new Failure("cannot send " + name + " to process " + pid);
        }
    }

    @Override
    public void close() {
        system.close();
        network.close();
    }
}
