package dev.weir.bench;

import dev.weir.machine.Row;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** What the rows of one run say: a hash of all of them, and the cells that a loop answers too. */
final class Answer {
    private static volatile Answer current = new Answer();

    private final Map<String, String> cells = new TreeMap<>();
    private long rows;
    private long hash;

    /** Starts a new one; the sinks of the next run end in it. */
    static Answer start() {
        Answer answer = new Answer();
        current = answer;
        return answer;
    }

    synchronized Map<String, String> cells() {
        return cells;
    }

    /** How many rows came, revisions included. */
    synchronized long rows() {
        return rows;
    }

    /** The sum of their hashes. */
    synchronized long hash() {
        return hash;
    }

    private synchronized void add(Map<String, String> more, long count, long sum) {
        cells.putAll(more);
        rows += count;
        hash += sum;
    }

    /** Takes every row in, writes none. */
    record Rows(Cells cells) implements Sink<Row> {
        @Override
        public SinkWriter<Row> createWriter(WriterInitContext context) {
            Map<String, Row> kept = new HashMap<>();
            return new SinkWriter<>() {
                private long count;
                private long sum;

                @Override
                public void write(Row row, Context ignored) {
                    count++;
                    sum += 31L * row.table().hashCode() + Arrays.hashCode(row.values());
                    String key = cells.key(row);
                    if (key != null) {
                        if (row.deleted()) {
                            kept.remove(key);
                        } else {
                            kept.put(key, row);
                        }
                    }
                }

                @Override
                public void flush(boolean endOfInput) {}

                @Override
                public void close() {
                    Map<String, String> said = new HashMap<>();
                    for (Row row : kept.values()) {
                        cells.read(row, said);
                    }
                    current.add(said, count, sum);
                }
            };
        }
    }
}
