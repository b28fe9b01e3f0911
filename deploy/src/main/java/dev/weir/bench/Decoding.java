package dev.weir.bench;

import dev.weir.io.Wire;
import java.util.Objects;

/** Avro bytes to events, as the jobs read them from a topic. */
record Decoding<E>(Class<E> type) implements Feed.Decode<E> {
    @Override
    public E of(byte[] bytes) {
        return type.cast(Objects.requireNonNull(Wire.decode(bytes).event()));
    }
}
