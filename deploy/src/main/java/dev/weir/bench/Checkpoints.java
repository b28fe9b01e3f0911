package dev.weir.bench;

import dev.weir.local.FlinkRest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The checkpoints of running jobs: how far apart they are, how long each takes, and what its slowest task does meanwhile. */
final class Checkpoints {
    private final FlinkRest flink;
    /** Ids of the jobs by their names. */
    private final Map<String, String> jobs;
    /** Of each job those that were seen, by their numbers. */
    private final Map<String, TreeMap<Long, FlinkRest.Checkpoint>> seen = new LinkedHashMap<>();

    Checkpoints(FlinkRest flink, Map<String, String> jobs) {
        this.flink = flink;
        this.jobs = jobs;
        jobs.keySet().forEach(job -> seen.put(job, new TreeMap<>()));
    }

    /** Forgets what was seen. */
    void begin() {
        seen.values().forEach(Map::clear);
    }

    /** Takes note of the newest that is complete, of each job. */
    void look() throws IOException {
        for (Map.Entry<String, TreeMap<Long, FlinkRest.Checkpoint>> job : seen.entrySet()) {
            TreeMap<Long, FlinkRest.Checkpoint> known = job.getValue();
            flink.checkpoints(jobs.getOrDefault(job.getKey(), ""), known.isEmpty() ? -1 : known.lastKey())
                    .forEach(checkpoint -> known.put(checkpoint.number(), checkpoint));
        }
    }

    void report(PrintWriter out) {
        out.println();
        out.println(
                "| checkpoints of | seen | apart p50 ms | p99 | take p50 ms | p99 | hold KB | write p50 KB | slowest task | its start waits p50 ms"
                        + " | aligns | sync | async |");
        out.println("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        seen.forEach((job, known) -> line(job, List.copyOf(known.values()), out));
    }

    private static void line(String job, List<FlinkRest.Checkpoint> known, PrintWriter out) {
        if (known.isEmpty()) {
            out.printf("| %s | 0 | | | | | | | | | | | |%n", job);
            return;
        }
        List<Long> apart = new ArrayList<>();
        for (int i = 1; i < known.size(); i++) {
            if (known.get(i).number() == known.get(i - 1).number() + 1) {
                apart.add(known.get(i).triggeredAt() - known.get(i - 1).triggeredAt());
            }
        }
        Map<String, List<FlinkRest.Slowest>> slowest = new TreeMap<>();
        for (FlinkRest.Checkpoint checkpoint : known) {
            slowest.computeIfAbsent(checkpoint.slowest().task(), t -> new ArrayList<>())
                    .add(checkpoint.slowest());
        }
        List<FlinkRest.Slowest> most = slowest.values().stream()
                .max(Comparator.comparingInt(List::size))
                .orElseThrow();
        out.printf(
                Locale.ROOT,
                "| %s | %,d | %,d | %,d | %,d | %,d | %,d | %,d | %s (%d) | %,d | %,d | %,d | %,d |%n",
                job,
                known.size(),
                share(apart, 0.5),
                share(apart, 0.99),
                share(known.stream().map(FlinkRest.Checkpoint::millis).toList(), 0.5),
                share(known.stream().map(FlinkRest.Checkpoint::millis).toList(), 0.99),
                known.get(known.size() - 1).holds() / 1024,
                share(known.stream().map(FlinkRest.Checkpoint::wrote).toList(), 0.5) / 1024,
                most.get(0).task(),
                most.size(),
                share(most.stream().map(FlinkRest.Slowest::startDelayMillis).toList(), 0.5),
                share(most.stream().map(FlinkRest.Slowest::alignmentMillis).toList(), 0.5),
                share(most.stream().map(FlinkRest.Slowest::syncMillis).toList(), 0.5),
                share(most.stream().map(FlinkRest.Slowest::asyncMillis).toList(), 0.5));
    }

    private static long share(List<Long> values, double share) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
    }
}
