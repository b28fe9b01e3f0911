package dev.weir.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.weir.bench.warehouse.WarehouseBench;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code bench} command. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = WarehouseBench.class,
        description = {
            "Measures how much CPU an event costs: a real job over Avro bytes in memory (one local cluster, heap state,",
            "checkpoints as in deploy/cluster/config.yaml) against a plain Java loop over the same bytes. Both answers are",
            "compared cell by cell.",
            "",
            "CPU is that of the whole process, garbage collection and checkpoints included. The ways alternate; the first",
            "alternation is dropped, of the others the median counts."
        },
        footer = {
            "",
            "Workloads:",
            "  A  engagement: a funnel of four steps in seven days, by day, campaign and channel; half the events are noise.",
            "     The job says no row per attempt here, as the loop does not; --funnels adds others over the same events.",
            "  B  deals: entries, exits and dwell p50, p90 and p99 by week, stage and segment; deals that stall for 21 days. The job",
            "     says every deal, visit and cohort besides; the loop answers only these.",
            "  latency  no loop: from an event to its signal, its alert and a webhook, through the jobs cycle-time and anomaly on a",
            "     Kafka, PostgreSQL and Flink of its own, at half the load that they take, checkpoints every 500 ms; and what",
            "     checkpoints take, and who keeps the processors busy.",
            "",
            "`scripts/bench warehouse` measures the views instead: `scripts/bench warehouse --help`.",
            "",
            "Exit code: 0 all answers are equal and all alerts came; 1 some differ, each named, or did not; 2 nothing was measured."
        })
public final class Bench implements Callable<Integer> {
    private static final int SHOWN = 10;
    private static final String LATENCY = "latency";

    @Parameters(arity = "0..*", paramLabel = "A|B|latency", description = "workloads (default: A B)")
    List<String> workloads = List.of("A", "B");

    @Option(names = "--events", paramLabel = "N", description = "events (default: ${DEFAULT-VALUE})")
    int events = 4_000_000;

    @Option(names = "--runs", paramLabel = "N", description = "alternations that count (default: ${DEFAULT-VALUE})")
    int runs = 3;

    @Option(
            names = "--funnels",
            paramLabel = "N",
            description = "workload A: also run that many funnels at once (at most 10)")
    int funnels = 1;

    @Option(names = "--shuffle", description = "also give the job the events in a random order")
    boolean shuffle;

    @Option(
            names = "--parallelism",
            split = ",",
            paramLabel = "P",
            description = "subtasks, one measurement each (default: 2,1)")
    List<Integer> parallelism = List.of(2, 1);

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "workload latency: how long it is measured (default: ${DEFAULT-VALUE})")
    int seconds = 60;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    private final OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }

    /** What one way of answering has cost so far. */
    private static final class Way {
        final List<Double> cpuNanos = new ArrayList<>();
        final List<Double> wallNanos = new ArrayList<>();
        final Map<String, String> wrong = new TreeMap<>();

        double median(List<Double> values) {
            List<Double> sorted = values.stream().sorted().toList();
            return sorted.get(sorted.size() / 2);
        }
    }

    private interface Work {
        Map<String, String> answer() throws Exception;
    }

    @Override
    public Integer call() throws Exception {
        for (String name : workloads) {
            if (!List.of("A", "B", LATENCY).contains(name)) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "no workload " + name + ": A, B or " + LATENCY);
            }
        }
        if (events < 1000 || runs < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "needs at least 1000 events and 1 run, not " + events + " and " + runs);
        }
        if (funnels < 1 || funnels > Visits.MOST) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--funnels is 1 to " + Visits.MOST + ", not " + funnels);
        }
        boolean equal = true;
        if (workloads.contains(LATENCY)) {
            Duration lasts = Duration.ofSeconds(seconds);
            equal = new Latency(lasts, spec.commandLine().getOut(), this::say).measure();
        }
        List<String> loops =
                workloads.stream().filter(name -> !name.equals(LATENCY)).toList();
        return measure(loops) && equal ? 0 : 1;
    }

    private boolean measure(List<String> loops) throws Exception {
        if (loops.isEmpty()) {
            return true;
        }
        boolean equal = true;
        Path home = Path.of(Objects.requireNonNull(System.getProperty("weir.home"), "weir.home"));
        int slots = parallelism.stream().mapToInt(Integer::intValue).max().orElse(1);
        try (Cluster cluster = new Cluster(home, slots)) {
            for (String name : loops) {
                equal &= measure(name, cluster);
            }
        }
        return equal;
    }

    private boolean measure(String name, Cluster cluster) throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        say("making " + events + " events of workload " + name);
        Workload workload = name.equals("A") ? new Visits(events) : new Moves(events);
        Workload many = workload instanceof Visits visits && funnels > 1 ? visits.with(funnels) : null;
        double bytes = java.util.Arrays.stream(workload.events())
                .mapToInt(b -> b.length)
                .average()
                .orElse(0);
        Map<String, Way> ways = new LinkedHashMap<>();
        Map<String, String> expected = workload.loop();
        for (int run = 0; run <= runs; run++) {
            measure(workload.loopName(), run, ways, expected, workload::loop);
            for (int p : parallelism) {
                Feed.fill(workload.events(), p);
                measure("Weir, p = " + p, run, ways, expected, () -> cluster.run(workload, p)
                        .cells());
            }
            if (many != null) {
                int p = parallelism.get(0);
                Feed.fill(workload.events(), p);
                measure("Weir, p = " + p + ", " + funnels + " funnels", run, ways, expected, () -> cluster.run(many, p)
                        .cells());
            }
            if (shuffle) {
                int p = parallelism.get(0);
                Feed.fill(Feed.shuffled(workload.events(), run), p);
                measure("Weir, p = " + p + ", shuffled", run, ways, expected, () -> cluster.run(workload, p)
                        .cells());
            }
        }
        report(name, bytes, expected.size(), ways, out);
        return ways.values().stream().allMatch(way -> way.wrong.isEmpty());
    }

    private void measure(String name, int run, Map<String, Way> ways, Map<String, String> expected, Work work)
            throws Exception {
        System.gc();
        long cpu = process.getProcessCpuTime();
        long wall = System.nanoTime();
        Map<String, String> answer = work.answer();
        double cpuNanos = (double) (process.getProcessCpuTime() - cpu) / events;
        double wallNanos = (double) (System.nanoTime() - wall) / events;
        say(String.format(
                Locale.ROOT, "%d %-24s %,8.0f ns CPU %,8.0f ns wall an event", run, name, cpuNanos, wallNanos));
        Way way = ways.computeIfAbsent(name, w -> new Way());
        if (run > 0) {
            way.cpuNanos.add(cpuNanos);
            way.wallNanos.add(wallNanos);
        }
        if (!answer.equals(expected)) {
            compare(expected, answer, way.wrong);
        }
    }

    private static void compare(Map<String, String> expected, Map<String, String> answer, Map<String, String> wrong) {
        expected.forEach((cell, text) -> {
            if (!text.equals(answer.get(cell))) {
                wrong.put(cell, "the loop says " + text + ", Weir " + answer.get(cell));
            }
        });
        answer.forEach((cell, text) -> {
            if (!expected.containsKey(cell)) {
                wrong.put(cell, "the loop has no such cell, Weir says " + text);
            }
        });
    }

    private void report(String name, double bytes, int cells, Map<String, Way> ways, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%nWorkload %s: %,d events of %.0f bytes, %,d cells, median of %d runs%n%n",
                name,
                events,
                bytes,
                cells,
                runs);
        out.println("| way | CPU ns an event | against the loop | events a second | answer |");
        out.println("|---|---|---|---|---|");
        double loop = 0;
        for (Map.Entry<String, Way> entry : ways.entrySet()) {
            Way way = entry.getValue();
            double cpu = way.median(way.cpuNanos);
            loop = loop == 0 ? cpu : loop;
            out.printf(
                    Locale.ROOT,
                    "| %s | %,.0f | %.2f | %,.0f | %s |%n",
                    entry.getKey(),
                    cpu,
                    cpu / loop,
                    1e9 / way.median(way.wallNanos),
                    way.wrong.isEmpty() ? "equal" : way.wrong.size() + " cells differ");
        }
        ways.forEach((way, found) -> found.wrong.entrySet().stream()
                .limit(SHOWN)
                .forEach(wrong -> out.println(way + ": " + wrong.getKey() + ": " + wrong.getValue())));
        out.flush();
    }

    private void say(String text) {
        spec.commandLine().getErr().println(text);
        spec.commandLine().getErr().flush();
    }
}
