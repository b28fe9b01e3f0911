package dev.weir.machine;

import java.io.Serializable;

/**
 * A column of a {@link Table}.
 *
 * @param name snake_case, as in the warehouse
 * @param type how its text is read
 */
public record Column(String name, Type type) implements Serializable {

    /** The types of the warehouse and the canonical text of each. */
    public enum Type {
        /** Any text. */
        TEXT,
        /** A decimal integer of 64 bits. */
        BIGINT,
        /** {@link Double#toString(double)} of a finite double. */
        DOUBLE,
        /** A plain decimal number, as {@code numeric(20,4)}. */
        MONEY,
        /** true or false. */
        BOOLEAN,
        /** {@link java.time.Instant#toString()}. */
        TIMESTAMP,
        /** An ISO local date. */
        DATE,
        /** A JSON document. */
        JSON,
        /** A JSON array of instants, null where a value is missing; {@code timestamptz[]} in the warehouse. */
        TIMESTAMPS,
        /** Base64 of any bytes; {@code bytea} in the warehouse. */
        BYTES
    }
}
