package dev.weir.flink;

import java.util.Arrays;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/** The type of public flat records, and of classes of public fields with at most one type parameter. */
public final class FlatType<T> extends TypeInformation<T> {
    private final FlatShape shape;

    private FlatType(FlatShape shape) {
        this.shape = shape;
    }

    /**
     * A flat type.
     *
     * @throws IllegalArgumentException when the class is none, or one of its fields
     */
    public static <T> FlatType<T> of(Class<T> type) {
        return new FlatType<>(FlatShape.of(type, null));
    }

    /**
     * The same of a class with a type parameter.
     *
     * @param argument what the parameter stands for
     */
    public static <T> FlatType<T> of(Class<?> type, @Nullable Class<?> argument) {
        return new FlatType<>(FlatShape.of(type, argument));
    }

    /** What the items of a list are, which is one of its fields. */
    FlatPart items(String list) {
        return ((FlatPart.ListOf) shape.parts[Arrays.asList(shape.names).indexOf(list)]).item();
    }

    @Override
    public TypeSerializer<T> createSerializer(SerializerConfig config) {
        return new FlatSerializer<>(shape);
    }

    @Override
    @SuppressWarnings("unchecked")
    public Class<T> getTypeClass() {
        return (Class<T>) shape.type;
    }

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof FlatType;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FlatType<?> type && shape.equals(type.shape);
    }

    @Override
    public int hashCode() {
        return shape.hashCode();
    }

    @Override
    public String toString() {
        return shape.toString();
    }
}
