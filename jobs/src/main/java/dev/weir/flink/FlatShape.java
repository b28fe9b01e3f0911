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
import java.util.concurrent.ConcurrentHashMap;
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
    private final boolean changes;
    private transient @Nullable Access access;

    /**
     * How the fields of a class are read and written: all at once, so that the virtual machine makes one method of it for each
     * class; and one for all jobs of a virtual machine, which would compile it for each anew.
     */
    private static final class Access {
        /** By the names of the fields in the bytes. Goes when the class does. */
        private static final ClassValue<Map<List<String>, Access>> KNOWN = new ClassValue<>() {
            @Override
            protected Map<List<String>, Access> computeValue(Class<?> type) {
                return new ConcurrentHashMap<>();
            }
        };

        /** From a value to its fields; null stays where the class has no such field any more. */
        final MethodHandle getter;
        /** From fields to a value. */
        final MethodHandle maker;
        /** Of a primitive, which is not null; null for all else. */
        final @Nullable Object[] zeros;

        /**
         * The access to these fields.
         *
         * @throws IllegalArgumentException when the class is not flat
         */
        static Access of(Class<?> type, String[] names) {
            return KNOWN.get(type).computeIfAbsent(List.of(names), fields -> {
                try {
                    return new Access(type, names);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalArgumentException(
                            type + " is not flat: make it a public record, or a public class of public fields with an"
                                    + " empty constructor",
                            e);
                }
            });
        }

        private Access(Class<?> type, String[] names) throws ReflectiveOperationException {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Map<String, Type> fields = fields(type);
            zeros = new @Nullable Object[names.length];
            MethodHandle taken = MethodHandles.empty(MethodType.methodType(void.class, Object.class, Object[].class));
            for (int i = 0; i < names.length; i++) {
                if (fields.containsKey(names[i])) {
                    Field of = type.getDeclaredField(names[i]);
                    zeros[i] = ZEROS.get(of.getType());
                    MethodHandle one =
                            type.isRecord() ? lookup.unreflect(type.getMethod(names[i])) : lookup.unreflectGetter(of);
                    MethodHandle into =
                            MethodHandles.insertArguments(MethodHandles.arrayElementSetter(Object[].class), 1, i);
                    MethodHandle take = MethodHandles.filterArguments(
                            into, 1, one.asType(MethodType.methodType(Object.class, Object.class)));
                    taken = MethodHandles.foldArguments(
                            taken, MethodHandles.permuteArguments(take, taken.type(), 1, 0));
                }
            }
            getter = taken;
            List<String> places = Arrays.asList(names);
            maker = type.isRecord() ? record(lookup, type, places) : filled(lookup, type, fields.keySet(), places);
        }

        /** A component that no field gives is zero or null. */
        private static MethodHandle record(MethodHandles.Lookup lookup, Class<?> type, List<String> places)
                throws ReflectiveOperationException {
            RecordComponent[] components = type.getRecordComponents();
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            MethodHandle constructor = lookup.unreflectConstructor(type.getDeclaredConstructor(types));
            MethodHandle[] arguments = new MethodHandle[types.length];
            for (int i = 0; i < types.length; i++) {
                int place = places.indexOf(components[i].getName());
                arguments[i] = place >= 0
                        ? element(place)
                        : MethodHandles.dropArguments(
                                MethodHandles.constant(Object.class, ZEROS.get(types[i])), 0, Object[].class);
            }
            return MethodHandles.permuteArguments(
                    MethodHandles.filterArguments(
                            constructor.asType(constructor.type().generic()), 0, arguments),
                    MethodType.methodType(Object.class, Object[].class),
                    new int[types.length]);
        }

        /** A field that is not there is as in a new object. */
        private static MethodHandle filled(
                MethodHandles.Lookup lookup, Class<?> type, Set<String> fields, List<String> places)
                throws ReflectiveOperationException {
            MethodHandle filled = MethodHandles.dropArguments(MethodHandles.identity(Object.class), 1, Object[].class);
            for (String field : fields) {
                int place = places.indexOf(field);
                if (place >= 0) {
                    MethodHandle setter = lookup.unreflectSetter(type.getDeclaredField(field))
                            .asType(MethodType.methodType(void.class, Object.class, Object.class));
                    filled = MethodHandles.foldArguments(
                            filled, MethodHandles.filterArguments(setter, 1, element(place)));
                }
            }
            MethodHandle made = lookup.unreflectConstructor(type.getDeclaredConstructor());
            return MethodHandles.foldArguments(filled, made.asType(MethodType.methodType(Object.class)));
        }

        private static MethodHandle element(int place) {
            return MethodHandles.insertArguments(MethodHandles.arrayElementGetter(Object[].class), 1, place);
        }
    }

    FlatShape(Class<?> type, String[] names, FlatPart[] parts) {
        if (names.length > LIMIT) {
            throw new IllegalArgumentException(type + " has " + names.length + " fields: at most " + LIMIT);
        }
        this.type = type;
        this.names = names;
        this.parts = parts;
        this.changes = CHANGING.contains(type);
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
            known = Access.of(type, names);
            access = known;
        }
        return known;
    }

    boolean changes() {
        return changes;
    }

    @Override
    public void write(Object value, FlatBytes out) {
        Access of = access();
        @Nullable Object[] values = values(of, value);
        long there = 0;
        for (int i = 0; i < values.length; i++) {
            Object field = values[i];
            if (field != null && (of.zeros[i] == null || !field.equals(of.zeros[i]))) {
                there |= 1L << i;
            }
        }
        out.putUnsigned(there);
        for (int i = 0; i < values.length; i++) {
            if ((there & 1L << i) != 0) {
                parts[i].write(Objects.requireNonNull(values[i]), out);
            }
        }
    }

    @Override
    public Object read(FlatBytes in) {
        Access of = access();
        @Nullable Object[] values = new @Nullable Object[names.length];
        boolean changes = changes();
        long there = in.unsigned();
        for (int i = 0; i < values.length; i++) {
            values[i] = (there & 1L << i) == 0 ? of.zeros[i] : changes ? parts[i].read(in) : parts[i].readForGood(in);
        }
        return make(of, values);
    }

    @Override
    public Object copy(Object value) {
        if (!changes()) {
            return value;
        }
        if (value instanceof Memory<?> memory) {
            return copied(memory);
        }
        Access of = access();
        @Nullable Object[] values = values(of, value);
        for (int i = 0; i < values.length; i++) {
            Object field = values[i];
            values[i] = field == null ? null : parts[i].copy(field);
        }
        return make(of, values);
    }

    /** The first event of a key after a checkpoint asks for it. */
    @SuppressWarnings("unchecked")
    private <F> Memory<F> copied(Memory<F> memory) {
        FlatPart list = parts[Arrays.asList(names).indexOf("facts")];
        return memory.copy(facts -> (List<F>) list.copy(facts));
    }

    private static @Nullable Object[] values(Access of, Object value) {
        @Nullable Object[] values = new @Nullable Object[of.zeros.length];
        try {
            of.getter.invokeExact(value, values);
        } catch (Throwable e) {
            throw broken(e);
        }
        return values;
    }

    private static Object make(Access of, @Nullable Object[] values) {
        try {
            return (Object) of.maker.invokeExact(values);
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
