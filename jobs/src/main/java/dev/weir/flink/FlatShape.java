package dev.weir.flink;

import dev.weir.machine.Memory;
import dev.weir.machine.Sums;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A public record, or a class of public fields, as its fields in the order of their names. Before their values stands one
 * number with a bit for each that is there: nulls, zeros and false take no more room than that.
 *
 * <p>The fields are those that stand in the bytes, which may be those of an earlier version: one that the class has no longer
 * is read and dropped, one that it did not have yet is as in a new object.
 */
final class FlatShape implements FlatPart {
    static final String WORD = "flat";

    /** Most fields: bits of the number before them. */
    private static final int LIMIT = Long.SIZE;

    /** What changes while it is kept. Nothing else is changed once it was made, so its copy is itself. */
    private static final Set<Class<?>> CHANGING = Set.of(Memory.class, TallyOperator.Said.class, Sums.class);

    private static final Map<Class<?>, Object> ZEROS =
            Map.of(long.class, 0L, int.class, 0, double.class, 0.0, boolean.class, false);

    final Class<?> type;
    final String[] names;
    final FlatPart[] parts;
    private transient @Nullable Access access;

    /** How the fields of a class are read and written. */
    private static final class Access {
        /** Null where the class has no such field any more. */
        final @Nullable MethodHandle[] getters;
        /** Null for a record, and where the class has no such field any more. */
        final @Nullable MethodHandle[] setters;
        /** Of a primitive, which is not null; null for all else. */
        final @Nullable Object[] zeros;
        /** Of a record, for each of its components which of the fields it is, or -1. */
        final int[] components;
        /** What a record's component is when no field gives it. */
        final @Nullable Object[] missing;

        final MethodHandle constructor;

        Access(Class<?> type, String[] names) throws ReflectiveOperationException {
            getters = new @Nullable MethodHandle[names.length];
            setters = new @Nullable MethodHandle[names.length];
            zeros = new @Nullable Object[names.length];
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Class<?>[] types = types(type);
            components = new int[types.length];
            missing = new @Nullable Object[types.length];
            MethodHandle make = lookup.unreflectConstructor(type.getDeclaredConstructor(types));
            constructor = type.isRecord()
                    ? make.asType(make.type().generic()).asSpreader(Object[].class, types.length)
                    : make.asType(MethodType.methodType(Object.class));
            List<String> places = Arrays.asList(names);
            for (Map.Entry<String, Type> field : fields(type).entrySet()) {
                int place = places.indexOf(field.getKey());
                if (place >= 0) {
                    Field of = type.getDeclaredField(field.getKey());
                    zeros[place] = ZEROS.get(of.getType());
                    MethodHandle getter = type.isRecord()
                            ? lookup.unreflect(type.getMethod(field.getKey()))
                            : lookup.unreflectGetter(of);
                    getters[place] = getter.asType(MethodType.methodType(Object.class, Object.class));
                    if (!type.isRecord()) {
                        setters[place] = lookup.unreflectSetter(of)
                                .asType(MethodType.methodType(void.class, Object.class, Object.class));
                    }
                }
            }
            for (int i = 0; i < types.length; i++) {
                components[i] = places.indexOf(type.getRecordComponents()[i].getName());
                missing[i] = ZEROS.get(types[i]);
            }
        }

        private static Class<?>[] types(Class<?> type) {
            return type.isRecord()
                    ? Arrays.stream(type.getRecordComponents())
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new)
                    : new Class<?>[0];
        }
    }

    FlatShape(Class<?> type, String[] names, FlatPart[] parts) {
        if (names.length > LIMIT) {
            throw new IllegalArgumentException(type + " has " + names.length + " fields: at most " + LIMIT);
        }
        this.type = type;
        this.names = names;
        this.parts = parts;
    }

    /**
     * The shape of a class as it is now.
     *
     * @param argument what its type parameter stands for; null where it has none
     */
    static FlatShape of(Class<?> type, @Nullable Class<?> argument) {
        Map<String, Type> fields = fields(type);
        List<FlatPart> parts = new ArrayList<>();
        fields.forEach((name, fieldType) -> parts.add(FlatPart.of(fieldType, argument)));
        if (parts.isEmpty()) {
            throw new IllegalArgumentException(type + " is not flat: it has no fields");
        }
        FlatShape shape = new FlatShape(type, fields.keySet().toArray(new String[0]), parts.toArray(new FlatPart[0]));
        shape.access();
        return shape;
    }

    private static Map<String, Type> fields(Class<?> type) {
        Map<String, Type> fields = new TreeMap<>();
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())
                    && (type.isRecord() || Modifier.isPublic(field.getModifiers()))) {
                fields.put(field.getName(), field.getGenericType());
            }
        }
        return fields;
    }

    private Access access() {
        Access known = access;
        if (known == null) {
            try {
                known = new Access(type, names);
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(
                        type + " is not flat: make it a public record, or a public class of public fields with an empty"
                                + " constructor",
                        e);
            }
            access = known;
        }
        return known;
    }

    boolean changes() {
        return CHANGING.contains(type);
    }

    @Override
    public void write(Object value, FlatBytes out) {
        Access of = access();
        @Nullable Object[] values = new @Nullable Object[names.length];
        long there = 0;
        for (int i = 0; i < values.length; i++) {
            Object field = get(of, i, value);
            if (field != null && (of.zeros[i] == null || !field.equals(of.zeros[i]))) {
                values[i] = field;
                there |= 1L << i;
            }
        }
        out.putUnsigned(there);
        for (int i = 0; i < values.length; i++) {
            Object field = values[i];
            if (field != null) {
                parts[i].write(field, out);
            }
        }
    }

    @Override
    public Object read(FlatBytes in) {
        Access of = access();
        @Nullable Object[] values = new @Nullable Object[names.length];
        long there = in.unsigned();
        for (int i = 0; i < values.length; i++) {
            values[i] = (there & 1L << i) != 0 ? parts[i].read(in) : of.zeros[i];
        }
        return make(of, values);
    }

    @Override
    public Object copy(Object value) {
        if (!changes()) {
            return value;
        }
        Access of = access();
        @Nullable Object[] values = new @Nullable Object[names.length];
        for (int i = 0; i < values.length; i++) {
            Object field = get(of, i, value);
            values[i] = field == null ? null : parts[i].copy(field);
        }
        return make(of, values);
    }

    private static @Nullable Object get(Access of, int field, Object value) {
        try {
            return (Object) Objects.requireNonNull(of.getters[field]).invokeExact(value);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static Object make(Access of, @Nullable Object[] values) {
        try {
            if (of.components.length > 0) {
                @Nullable Object[] arguments = new @Nullable Object[of.components.length];
                for (int i = 0; i < arguments.length; i++) {
                    arguments[i] = of.components[i] < 0 ? of.missing[i] : values[of.components[i]];
                }
                return (Object) of.constructor.invokeExact(arguments);
            }
            Object made = (Object) of.constructor.invokeExact();
            for (int i = 0; i < values.length; i++) {
                MethodHandle setter = of.setters[i];
                if (setter != null) {
                    setter.invokeExact(made, values[i]);
                }
            }
            return made;
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static IllegalStateException broken(Throwable e) {
        return new IllegalStateException("a constructor of a flat type does not throw", e);
    }

    @Override
    public String word() {
        return WORD;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FlatShape shape
                && type == shape.type
                && Arrays.equals(names, shape.names)
                && Arrays.equals(parts, shape.parts);
    }

    @Override
    public int hashCode() {
        return 31 * type.getName().hashCode() + Arrays.hashCode(names);
    }

    @Override
    public String toString() {
        return type.getSimpleName() + Arrays.toString(names);
    }
}
