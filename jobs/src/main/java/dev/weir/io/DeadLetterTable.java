package dev.weir.io;

import static dev.weir.machine.Column.Type.BIGINT;
import static dev.weir.machine.Column.Type.BYTES;
import static dev.weir.machine.Column.Type.TEXT;

import dev.weir.machine.Hash;
import dev.weir.machine.Position;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

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

    /**
     * A record whose key was sealed. Its bytes are those of the event; where a job kept only what it needs of the event there
     * are none, and the record still stands in its topic.
     */
    public static Row expired(String job, Position position, Object fact, long sealedUpTo) {
        byte[] bytes = EventShape.of(fact) == null ? new byte[0] : Wire.encode(fact);
        return Row.of(
                DEAD_LETTER,
                "",
                sealedUpTo,
                job,
                position.topic(),
                Integer.toString(position.partition()),
                Long.toString(position.offset()),
                Wire.EXPIRED,
                "its facts were forgotten at " + Instant.ofEpochMilli(sealedUpTo) + ": keep facts for longer (keep."
                        + job.replace('-', '_') + "), and submit with --fresh",
                Long.toString(bytes.length),
                Hash.sha256Hex(bytes),
                Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, Math.min(bytes.length, PAYLOAD_LIMIT))));
    }
}
