package dev.weir.io;

import dev.weir.machine.Column;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the outbox publishes to: tables that take only what is newer than what they hold, and a log of each topic. */
final class SimulatedWarehouse {
    private final Map<String, Table> tables;
    private final Map<String, Held> rows = new TreeMap<>();
    private final List<Row> published = new ArrayList<>();
    private final Set<String> transactions = new HashSet<>();

    private record Held(Row row, long revision) {}

    SimulatedWarehouse(Map<String, Table> tables) {
        this.tables = tables;
    }

    /** The upsert: {@code WHERE excluded.revision > t.revision}. */
    void upsert(Batch batch) throws IOException {
        Table table = Objects.requireNonNull(tables.get(batch.table()));
        for (Row row : batch.rows()) {
            rows.merge(
                    row.key(table),
                    new Held(row, batch.revision()),
                    (held, newer) -> newer.revision > held.revision ? newer : held);
        }
    }

    /** A transaction of the topics; committed again it changes nothing. */
    void publish(String transaction, List<Row> records) {
        if (transactions.add(transaction)) {
            published.addAll(records);
        }
    }

    /** What those read who read what is committed, in its order. */
    List<Row> published() {
        return published;
    }

    /** The rows that stand, by table, as the texts of their columns. */
    Map<String, List<Map<String, @Nullable String>>> standing() {
        Map<String, List<Map<String, @Nullable String>>> standing = new HashMap<>();
        for (Held held : rows.values()) {
            if (!held.row.deleted()) {
                standing.computeIfAbsent(held.row.table(), t -> new ArrayList<>())
                        .add(columns(held.row));
            }
        }
        return standing;
    }

    private Map<String, @Nullable String> columns(Row row) {
        Map<String, @Nullable String> columns = new LinkedHashMap<>();
        List<Column> described = Objects.requireNonNull(tables.get(row.table())).columns();
        for (int i = 0; i < described.size(); i++) {
            columns.put(described.get(i).name(), row.values()[i]);
        }
        return columns;
    }
}
