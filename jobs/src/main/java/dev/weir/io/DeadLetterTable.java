package dev.weir.io;

import static dev.weir.machine.Column.Type.BIGINT;
import static dev.weir.machine.Column.Type.BYTES;
import static dev.weir.machine.Column.Type.TEXT;

import dev.weir.machine.Table;

/** What could not be taken: why, from where, and its first 64 KiB, so that it can be replayed after a mend. */
public final class DeadLetterTable {
    /** Bytes of a payload that are kept, at most. */
    public static final int PAYLOAD_LIMIT = 64 * 1024;

    public static final Table DEAD_LETTER = Table.named("dead_letter")
            .key(TEXT, "job", "topic")
            .key(BIGINT, "partition", "offset")
            .with(TEXT, "reason", "detail")
            .with(BIGINT, "length")
            .with(TEXT, "sha256")
            .with(BYTES, "payload")
            .build();

    private DeadLetterTable() {}
}
