package dev.weir.bench;

import dev.weir.local.LocalSystem;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** How many processors each part of a local system keeps busy, and this JVM beside them. */
final class Load {
    private final Map<String, ProcessHandle> parts = new LinkedHashMap<>();
    private final Map<String, Duration> before = new LinkedHashMap<>();
    private final Map<String, Double> busy = new LinkedHashMap<>();
    private long began;

    Load(LocalSystem system) {
        parts.put("the jobs", process(system.flink().taskManagerPid()));
        parts.put("JobManager", process(system.pid(LocalSystem.Part.FLINK)));
        parts.put("Kafka", process(system.pid(LocalSystem.Part.KAFKA)));
        parts.put("PostgreSQL", process(system.pid(LocalSystem.Part.POSTGRES)));
        parts.put("sender, relay, listeners", ProcessHandle.current());
    }

    private static ProcessHandle process(long pid) {
        return ProcessHandle.of(pid).orElseThrow(() -> new IllegalStateException("process " + pid + " has ended"));
    }

    void begin() {
        parts.forEach((part, process) -> before.put(part, used(process)));
        began = System.nanoTime();
    }

    void end() {
        double seconds = (System.nanoTime() - began) / 1e9;
        parts.forEach((part, process) -> busy.put(
                part,
                used(process).minus(before.getOrDefault(part, Duration.ZERO)).toNanos() / 1e9 / seconds));
    }

    void report(PrintWriter out) {
        out.println();
        out.println("| busy processors | of " + Runtime.getRuntime().availableProcessors() + " |");
        out.println("|---|---|");
        busy.forEach((part, processors) -> out.printf(Locale.ROOT, "| %s | %.2f |%n", part, processors));
        out.printf(
                Locale.ROOT,
                "| all of them | %.2f |%n",
                busy.values().stream().mapToDouble(Double::doubleValue).sum());
    }

    /** CPU of a process and those it started; this JVM without those. */
    private static Duration used(ProcessHandle process) {
        Stream<ProcessHandle> all = process.equals(ProcessHandle.current())
                ? Stream.of(process)
                : Stream.concat(Stream.of(process), process.descendants());
        return all.map(one -> one.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }
}
