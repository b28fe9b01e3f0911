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

    private record Span(String topic, int partition, long number) {}

    public LedgerGroups(String job) {
        this.job = job;
    }

    public String group(Position position) {
        Span span = new Span(position.topic(), position.partition(), LedgerTally.span(position));
        if (groups.size() > LIMIT) {
            groups.clear();
        }
        return groups.computeIfAbsent(span, s -> LedgerTally.group(job, position));
    }
}
