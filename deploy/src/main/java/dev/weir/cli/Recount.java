package dev.weir.cli;

import dev.weir.io.History;
import dev.weir.io.Settings;
import dev.weir.io.TopicHistory;
import dev.weir.io.WarehouseSnapshot;
import dev.weir.io.WarehouseSnapshot.TableDifference;
import dev.weir.jobs.Backtest;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The warehouse against a backtest over what is in the topics.
 *
 * <p>As of when? A running job speaks as of its watermark, and each job has its own. So the recount takes the warehouse at one
 * moment; the ledger of that moment says which records each job had read, the latest as_of of the job's rows as of when it
 * spoke, and each job is recounted over just that, as of just then. A moment may fall between two writes of one checkpoint;
 * such a difference is gone at the next moment, so what differs is looked at again.
 */
final class Recount {
    private final Settings settings;
    private final Playbook playbook;
    private final Set<String> definitions = new HashSet<>(Set.of(""));
    private final PrintWriter err;

    Recount(Settings settings, Playbook playbook, PrintWriter err) {
        this.settings = settings;
        this.playbook = playbook;
        this.err = err;
        playbook.pipelines().stream().map(Pipeline::definition).forEach(definitions::add);
        playbook.funnels().stream().map(Funnel::definition).forEach(definitions::add);
    }

    /**
     * Recounts and compares, and looks again when something differs.
     *
     * @param looks how many times at most
     * @param shown how many differing rows of a table are told
     */
    List<TableDifference> differences(int looks, int shown) throws Exception {
        List<TableDifference> differences = List.of();
        for (int look = 1; look <= looks; look++) {
            differences = look(shown);
            if (differences.stream().allMatch(TableDifference::same)) {
                break;
            }
        }
        return differences;
    }

    private List<TableDifference> look(int shown) throws Exception {
        Path folder = Files.createTempDirectory("weir-recount");
        try (WarehouseSnapshot snapshot = WarehouseSnapshot.open(settings.warehouse())) {
            run(snapshot, folder);
            return snapshot.differences(folder, definitions, shown);
        } finally {
            delete(folder);
        }
    }

    private void run(WarehouseSnapshot snapshot, Path folder) throws Exception {
        Map<String, Instant> asOf = asOf(snapshot);
        TopicHistory.Histories histories = TopicHistory.read(settings, snapshot.accounts(settings), asOf, folder);
        try {
            if (histories.gone() > 0) {
                err.printf(
                        "%,d offsets are no longer in the topics: rows that rest on them will differ%n",
                        histories.gone());
            }
            asOf.forEach((job, moment) -> err.printf(
                    "recounting %s as of %s over %,d events%n",
                    job, moment, history(histories.byJob(), job).lines()));
            err.flush();
            Backtest.run(environment(), playbook, job -> history(histories.byJob(), job), folder);
        } finally {
            histories.close();
        }
    }

    /** As of when each job spoke; a job without a row read nothing that counts. */
    private static Map<String, Instant> asOf(WarehouseSnapshot snapshot) throws SQLException {
        Map<String, Instant> asOf = new HashMap<>();
        for (Map.Entry<String, Set<String>> job : Backtest.written().entrySet()) {
            Instant moment = snapshot.asOf(job.getValue());
            asOf.put(job.getKey(), moment == null ? Instant.EPOCH : moment);
        }
        return asOf;
    }

    private static History history(Map<String, History> histories, String job) {
        History history = histories.get(job);
        if (history == null) {
            throw new IllegalStateException("no history of job " + job);
        }
        return history;
    }

    private static StreamExecutionEnvironment environment() {
        return dev.weir.cli.Backtest.environment(Runtime.getRuntime().availableProcessors());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
