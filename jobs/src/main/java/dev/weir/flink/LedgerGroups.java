package dev.weir.flink;

import dev.weir.machine.LedgerTally;
import dev.weir.machine.Position;
import java.util.HashMap;
import java.util.Map;

/** The ledger group of a position, built once per group and not once per record. */
public final class LedgerGroups {
    private static final int LIMIT = 1_000;

    private final String job;
    private final Map<Span, String> groups = new HashMap<>();
    private Span last = new Span("", -1, -1);
    private String lastGroup = "";

    private record Span(String topic, int partition, long number) {}

    public LedgerGroups(String job) {
        this.job = job;
    }

    public String group(Position position) {
        long number = LedgerTally.span(position);
        if (number != last.number
                || position.partition() != last.partition
                || !position.topic().equals(last.topic)) {
            if (groups.size() > LIMIT) {
                groups.clear();
            }
            last = new Span(position.topic(), position.partition(), number);
            lastGroup = groups.computeIfAbsent(last, s -> LedgerTally.group(job, position));
        }
        return lastGroup;
    }
}
