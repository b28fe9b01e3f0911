package dev.weir.jobs;

import dev.weir.io.RowJson;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * What an outbox would publish: rows leave a run at its barriers and at its end, those after the last barrier are lost with
 * it. Each run writes into a folder of its own; of two rows with one key the later run's counts.
 */
final class CommittedRows implements Sink<Row> {
    private static final char SEPARATOR = '\u0000';

    private final String folder;
    private final Map<String, Table> tables;

    CommittedRows(Path folder, Map<String, Table> tables) {
        this.folder = folder.toString();
        this.tables = new LinkedHashMap<>(tables);
    }

    @Override
    public SinkWriter<Row> createWriter(WriterInitContext context) {
        return new Writer(context.getTaskInfo().getIndexOfThisSubtask());
    }

    private final class Writer implements SinkWriter<Row> {
        private final Path file;
        private final List<String> held = new ArrayList<>();

        Writer(int subtask) {
            file = Path.of(folder, "subtask-" + subtask);
        }

        @Override
        public void write(Row row, Context context) {
            Table table = Objects.requireNonNull(tables.get(row.table()));
            held.add(row.key(table)
                    + SEPARATOR
                    + row.table()
                    + SEPARATOR
                    + (row.deleted() ? "" : RowJson.line(row, table)));
        }

        @Override
        public void flush(boolean endOfInput) throws IOException {
            Files.write(file, held, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            held.clear();
        }

        @Override
        public void close() {
            held.clear();
        }
    }

    /** What stands after runs that followed each other: by table, the sorted rows without the time at which each was said. */
    static Map<String, List<String>> standing(Path... runs) throws IOException {
        Map<String, String> newest = new TreeMap<>();
        for (Path run : runs) {
            try (Stream<Path> files = Files.list(run)) {
                for (Path file : files.sorted().toList()) {
                    for (String line : Files.readAllLines(file)) {
                        newest.put(
                                line.substring(0, line.indexOf(SEPARATOR)),
                                line.substring(line.indexOf(SEPARATOR) + 1));
                    }
                }
            }
        }
        Map<String, List<String>> standing = new TreeMap<>();
        newest.forEach((key, said) -> {
            String table = said.substring(0, said.indexOf(SEPARATOR));
            String row = said.substring(said.indexOf(SEPARATOR) + 1);
            if (!row.isEmpty()) {
                standing.computeIfAbsent(table, t -> new ArrayList<>())
                        .add(row.replaceFirst(",\"as_of\":(null|\"[^\"]*\")", ""));
            }
        });
        return standing;
    }
}
