package dev.weir.flink;

import dev.weir.machine.Horizon;
import dev.weir.machine.Position;
import dev.weir.machine.Row;
import java.io.Serializable;

/**
 * How long a job keeps facts, and what it says of a record that comes too late for them.
 *
 * @param horizon of every key
 * @param expired makes the row of such a record
 */
public record Sealing(Horizon horizon, Expired expired) implements Serializable {

    /** The row of a record whose key was sealed. */
    public interface Expired extends Serializable {
        /** The row, as of the time up to which the key was known. */
        Row row(Position position, Object fact, long sealedUpTo);
    }

    /** Facts are kept for ever. */
    static final Sealing NEVER = new Sealing(Horizon.NONE, (position, fact, sealedUpTo) -> {
        throw new IllegalStateException("nothing is sealed");
    });
}
