package dev.weir.flink;

import dev.weir.machine.Memory;
import java.io.IOException;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Serializes flat types by their {@link FlatShape}. What flows and is kept is many small records of many fields, most of them
 * null; Flink's serializer of POJOs asks reflection for each and writes each by itself.
 */
final class FlatSerializer<T> extends TypeSerializer<T> {
    final FlatShape shape;
    private transient @Nullable FlatBytes scratch;

    FlatSerializer(FlatShape shape) {
        this.shape = shape;
    }

    private FlatBytes scratch() {
        FlatBytes bytes = scratch;
        if (bytes == null) {
            bytes = new FlatBytes();
            scratch = bytes;
        }
        return bytes;
    }

    /**
     * What is kept of a key is written again at each checkpoint, though few keys change between two: one that did not is
     * written as it was. Facts that are bytes need no copy of them.
     */
    @Override
    public void serialize(T value, DataOutputView target) throws IOException {
        Memory<?> memory = value instanceof Memory<?> kept && !(kept.facts instanceof PackedFacts) ? kept : null;
        byte[] before = memory == null ? null : memory.written();
        if (before != null) {
            FlatBytes.write(before, target);
            return;
        }
        FlatBytes bytes = scratch();
        bytes.clear();
        shape.write(Objects.requireNonNull(value), bytes);
        bytes.writeTo(target);
        if (memory != null) {
            memory.written(bytes.toArray());
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public T deserialize(DataInputView source) throws IOException {
        FlatBytes bytes = scratch();
        bytes.readFrom(source);
        return (T) shape.read(bytes);
    }

    @Override
    public T deserialize(T reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    @SuppressWarnings("unchecked")
    public T copy(T from) {
        return (T) shape.copy(Objects.requireNonNull(from));
    }

    @Override
    public T copy(T from, T reuse) {
        return copy(from);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        FlatBytes bytes = scratch();
        bytes.copy(source, target);
    }

    @Override
    public boolean isImmutableType() {
        return !shape.changes();
    }

    @Override
    public TypeSerializer<T> duplicate() {
        return new FlatSerializer<>(shape);
    }

    @Override
    public T createInstance() {
        throw new UnsupportedOperationException("nothing is read into an instance that is there");
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public TypeSerializerSnapshot<T> snapshotConfiguration() {
        return new FlatSnapshot<>(shape);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FlatSerializer<?> serializer && shape.equals(serializer.shape);
    }

    @Override
    public int hashCode() {
        return shape.hashCode();
    }
}
