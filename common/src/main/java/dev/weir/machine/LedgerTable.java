package dev.weir.machine;

import static dev.weir.machine.Column.Type.BIGINT;
import static dev.weir.machine.Column.Type.TEXT;

/** The account of every record read: per bucket of 1,000 offsets, read is the sum of the six fates beside it. */
public final class LedgerTable {
    public static final Table LEDGER = Table.named("ledger")
            .key(TEXT, "job", "topic")
            .key(BIGINT, "partition", "bucket")
            .with(BIGINT, "read", "accepted", "duplicate", "filtered", "dead_lettered", "expired", "control")
            .with(BIGINT, "checksum")
            .build();

    private LedgerTable() {}
}
