package dev.weir.cli;

import dev.weir.io.History;
import dev.weir.io.PlaybookLoader;
import dev.weir.io.PlaybookProblems;
import dev.weir.local.Refused;
import dev.weir.playbook.Playbook;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The same jobs over files, bounded, without Kafka or PostgreSQL. */
@Command(
        name = "backtest",
        mixinStandardHelpOptions = true,
        description = {
            "Runs all jobs over files of native events, without Kafka or PostgreSQL,",
            "and writes one <table>.jsonl per warehouse table and alerts.jsonl."
        },
        footer = {
            "",
            "Example:",
            "  weir backtest --playbook deploy/playbooks/crm-opportunities.yaml --events deals.jsonl --out out",
            "",
            "Exit code: 0 done; 1 some lines were no events, each named file:line: reason;",
            "2 nothing was done: the playbook is wrong or a file is missing."
        })
public final class Backtest implements Callable<Integer> {
    @Option(names = "--playbook", required = true, paramLabel = "P", description = "a playbook file or folder")
    Path playbook = Path.of("");

    @Option(
            names = "--events",
            required = true,
            arity = "1..*",
            paramLabel = "F",
            description = "files of native events, one JSON object a line, plain or .gz, in any order")
    List<Path> events = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "where the tables go; made if missing")
    Path out = Path.of("");

    @Option(
            names = "--as-of",
            paramLabel = "T",
            description =
                    "the moment as of which the rows speak, such as 2017-12-31T00:00:00Z; later events are left out."
                            + " Default: the last event's time")
    @Nullable Instant asOf;

    @Option(names = "--parallelism", paramLabel = "N", description = "subtasks (default: one a core)")
    int parallelism = Runtime.getRuntime().availableProcessors();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        long started = System.nanoTime();
        Playbook definitions = definitions(playbook);
        for (Path file : events) {
            if (!Files.isReadable(file)) {
                throw new Refused("cannot read " + file + ": give --events files of native JSON lines");
            }
        }
        Files.createDirectories(out);
        History history = History.read(events, asOf, out, err::println);
        try {
            err.printf("%,d events up to %s%n", history.lines(), Instant.ofEpochMilli(history.end()));
            err.flush();
            Map<String, Integer> rows = dev.weir.jobs.Backtest.run(environment(parallelism), definitions, history, out);
            rows.forEach((table, count) -> spec.commandLine().getOut().printf("%-16s %,9d rows%n", table, count));
        } finally {
            history.close();
        }
        if (history.later() > 0) {
            err.printf("%,d events after the as-of time left out%n", history.later());
        }
        if (history.refused() > 0) {
            err.printf("%,d lines refused%n", history.refused());
        }
        err.printf("%s written in %.1f s%n", out, (System.nanoTime() - started) / 1e9);
        return history.refused() > 0 ? 1 : 0;
    }

    static Playbook definitions(Path playbook) {
        try {
            return PlaybookLoader.load(playbook);
        } catch (PlaybookProblems problems) {
            throw new Refused(problems.getMessage(), problems);
        }
    }

    /** A cluster of this JVM. */
    static StreamExecutionEnvironment environment(int parallelism) {
        Configuration settings = new Configuration();
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        settings.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(256));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(256));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(parallelism, settings);
        return env;
    }
}
