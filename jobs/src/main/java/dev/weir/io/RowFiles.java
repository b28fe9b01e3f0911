package dev.weir.io;

import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
 * The tables of a bounded run as files: each subtask keeps the newest row of every key and writes them when input ends; then
 * {@link #gather} sorts all into one {@code <table>.jsonl} each. The rows of the whole run are held in memory.
 */
public final class RowFiles implements Sink<Row> {
    private final String folder;
    private final Map<String, Table> tables;

    public RowFiles(Path folder, Map<String, Table> tables) {
        this.folder = folder.toString();
        this.tables = new LinkedHashMap<>(tables);
    }

    @Override
    public SinkWriter<Row> createWriter(WriterInitContext context) {
        return new Writer(context.getTaskInfo().getIndexOfThisSubtask());
    }

    private final class Writer implements SinkWriter<Row> {
        private final Map<String, Row> newest = new HashMap<>();
        private final int subtask;

        Writer(int subtask) {
            this.subtask = subtask;
        }

        @Override
        public void write(Row row, Context context) {
            Table table = tables.get(row.table());
            if (table != null) {
                newest.put(row.key(table), row);
            }
        }

        @Override
        public void flush(boolean endOfInput) throws IOException {
            if (!endOfInput) {
                return;
            }
            Map<String, List<Row>> byTable = new TreeMap<>();
            for (Row row : newest.values()) {
                if (!row.deleted()) {
                    byTable.computeIfAbsent(row.table(), t -> new ArrayList<>()).add(row);
                }
            }
            for (Map.Entry<String, List<Row>> entry : byTable.entrySet()) {
                Table table = Objects.requireNonNull(tables.get(entry.getKey()));
                Path part = Path.of(folder, entry.getKey() + ".part-" + subtask);
                try (BufferedWriter out = Files.newBufferedWriter(part)) {
                    for (Row row : entry.getValue()) {
                        out.write(row.key(table).replace('\n', ' '));
                        out.write('\u0000');
                        out.write(RowJson.line(row, table));
                        out.newLine();
                    }
                }
            }
        }

        @Override
        public void close() {
            newest.clear();
        }
    }

    /**
     * Sorts the parts of every table by key into its file, also where a table has no row.
     *
     * @return how many rows each table has
     */
    public static Map<String, Integer> gather(Path folder, Map<String, Table> tables) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (String table : tables.keySet()) {
            List<String> rows = new ArrayList<>();
            try (Stream<Path> files = Files.list(folder)) {
                for (Path part : files.filter(f -> f.getFileName().toString().startsWith(table + ".part-"))
                        .toList()) {
                    rows.addAll(Files.readAllLines(part));
                    Files.delete(part);
                }
            }
            rows.sort(null);
            rows.replaceAll(row -> row.substring(row.indexOf('\u0000') + 1));
            String name = table.equals("alert") ? "alerts" : table;
            Files.write(folder.resolve(name + ".jsonl"), rows);
            counts.put(name, rows.size());
        }
        return counts;
    }
}
