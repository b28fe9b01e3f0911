package dev.weir.flink;

import java.io.Serializable;

/**
 * The time T as of which a job speaks: its watermark, but never past the end of a finite history.
 *
 * <p>A bounded run ends with a watermark of infinity, and a drained one too. Deadlines beyond the last fact's world are not
 * due because input ended, so infinity counts as the end of the history where there is one, and as nothing where not.
 *
 * @param end of a finite history in epoch milliseconds; {@link Long#MAX_VALUE} where there is none
 */
record AsOf(long end) implements Serializable {
    /** T is not known: nothing has been read, or the run is being drained. */
    static final long UNKNOWN = Long.MIN_VALUE;

    long at(long watermark) {
        return watermark == Long.MAX_VALUE && end == Long.MAX_VALUE ? UNKNOWN : Math.min(watermark, end);
    }
}
