package dev.weir.machine;

import java.util.ArrayList;
import java.util.List;

/**
 * What is kept of one key: its facts, and up to which time its deadlines have been said.
 *
 * <p>The fields are public and there is an empty constructor for the serializer.
 */
public final class Memory<F> {
    /** Sorted by (time, id), each id once. */
    public List<F> facts = new ArrayList<>();
    /**
     * Deadlines up to here have been said. It only advances, also over a restart, when the watermark starts again from the
     * beginning of time.
     */
    public long saidUpTo = Long.MIN_VALUE;
    /**
     * The earliest deadline that is not yet said, {@link Step#NEVER} where none is. A timer for an earlier moment is one whose
     * deadline later facts took away. Before the first telling, as in state from before this field was, any timer may count.
     */
    public long wake = Long.MIN_VALUE;
    /** Whether facts were left out because the key has more than its limit. */
    public boolean truncated;

    public Memory() {}

    public boolean isEmpty() {
        return facts.isEmpty();
    }
}
