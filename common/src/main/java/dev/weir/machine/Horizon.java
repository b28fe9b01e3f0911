package dev.weir.machine;

import java.io.Serializable;

/**
 * How long the facts of a key are kept after its last one. Then the key is sealed: what it said stays, its facts are
 * forgotten, and it takes no more. So a horizon is longer than anything pauses that may come back.
 *
 * @param millis after the key's last fact; {@link Step#NEVER} to keep facts for ever
 */
public record Horizon(long millis) implements Serializable {
    /** Facts are never forgotten. */
    public static final Horizon NONE = new Horizon(Step.NEVER);

    /**
     * From when on a key is sealed; {@link Step#NEVER} where it is not.
     *
     * @param last when its last fact happened
     * @param wake the earliest deadline that it has not said yet; it is said first
     */
    public long seals(long last, long wake) {
        if (millis == Step.NEVER || last > Step.NEVER - millis) {
            return Step.NEVER;
        }
        return wake == Step.NEVER ? last + millis : Math.max(last + millis, wake);
    }
}
