package dev.weir.flink;

import dev.weir.machine.Facts;
import java.io.Serializable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a field of a flat type may hold, as bytes. No part is null; whether a field is there is said before its parts. */
interface FlatPart extends Serializable {
    void write(Object value, FlatBytes out);

    Object read(FlatBytes in);

    /** The same where nothing will change it, so that one value may stand in many places. */
    default Object readForGood(FlatBytes in) {
        return read(in);
    }

    /** A value that may change without the other. */
    default Object copy(Object value) {
        return value;
    }

    /** Its word in a snapshot; what stands under one word is read in one way for ever. */
    String word();

    /** The parts that stand for themselves. */
    enum Leaf implements FlatPart {
        STRING("String") {
            @Override
            public void write(Object value, FlatBytes out) {
                out.putText((String) value);
            }

            @Override
            public Object read(FlatBytes in) {
                return in.text();
            }
        },
        LONG("Long") {
            @Override
            public void write(Object value, FlatBytes out) {
                out.putLong((Long) value);
            }

            @Override
            public Object read(FlatBytes in) {
                return in.getLong();
            }
        },
        INT("Int") {
            @Override
            public void write(Object value, FlatBytes out) {
                out.putLong((Integer) value);
            }

            @Override
            public Object read(FlatBytes in) {
                return (int) in.getLong();
            }
        },
        DOUBLE("Double") {
            @Override
            public void write(Object value, FlatBytes out) {
                out.putDouble((Double) value);
            }

            @Override
            public Object read(FlatBytes in) {
                return in.getDouble();
            }
        },
        BOOLEAN("Boolean") {
            @Override
            public void write(Object value, FlatBytes out) {
                out.putUnsigned((Boolean) value ? 1 : 0);
            }

            @Override
            public Object read(FlatBytes in) {
                return in.unsigned() != 0;
            }
        },
        INSTANT("Instant") {
            @Override
            public void write(Object value, FlatBytes out) {
                out.putInstant((Instant) value);
            }

            @Override
            public Object read(FlatBytes in) {
                return in.instant();
            }
        },
        DECIMAL("BigDec") {
            @Override
            public void write(Object value, FlatBytes out) {
                out.putDecimal((BigDecimal) value);
            }

            @Override
            public Object read(FlatBytes in) {
                return in.decimal();
            }
        },
        BYTES("BytePrimitiveArray") {
            @Override
            public void write(Object value, FlatBytes out) {
                out.putBytes((byte[]) value);
            }

            @Override
            public Object read(FlatBytes in) {
                return in.getBytes();
            }
        },
        /** Each as what it is more than the one before: those in order take few bytes. */
        LONGS("LongPrimitiveArray") {
            @Override
            public void write(Object value, FlatBytes out) {
                long[] longs = (long[]) value;
                out.putUnsigned(longs.length);
                long before = 0;
                for (long number : longs) {
                    out.putLong(number - before);
                    before = number;
                }
            }

            @Override
            public Object read(FlatBytes in) {
                long[] longs = new long[(int) in.unsigned()];
                long before = 0;
                for (int i = 0; i < longs.length; i++) {
                    before += in.getLong();
                    longs[i] = before;
                }
                return longs;
            }

            @Override
            public Object readForGood(FlatBytes in) {
                return in.known((long[]) read(in));
            }

            @Override
            public Object copy(Object value) {
                return ((long[]) value).clone();
            }
        },
        /** Texts of which some may be null. */
        TEXTS("StringArray") {
            @Override
            public void write(Object value, FlatBytes out) {
                @Nullable String[] texts = (@Nullable String[]) value;
                out.putUnsigned(texts.length);
                for (String text : texts) {
                    out.putUnsigned(text == null ? 0 : 1);
                    if (text != null) {
                        out.putText(text);
                    }
                }
            }

            @Override
            public Object read(FlatBytes in) {
                @Nullable String[] texts = new @Nullable String[(int) in.unsigned()];
                for (int i = 0; i < texts.length; i++) {
                    texts[i] = in.unsigned() == 0 ? null : in.text();
                }
                return texts;
            }
        };

        private final String word;

        Leaf(String word) {
            this.word = word;
        }

        @Override
        public String word() {
            return word;
        }
    }

    /** Values of one kind in order. */
    record ListOf(FlatPart item) implements FlatPart {
        static final String WORD = "list";

        @Override
        public void write(Object value, FlatBytes out) {
            if (value instanceof PackedFacts<?> packed) {
                packed.writeTo(out);
                return;
            }
            List<?> list = (List<?>) value;
            out.putUnsigned(list.size());
            for (Object one : list) {
                item.write(one, out);
            }
        }

        @Override
        public Object read(FlatBytes in) {
            int size = (int) in.unsigned();
            List<Object> list = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                list.add(item.read(in));
            }
            return list;
        }

        @Override
        public Object copy(Object value) {
            return value instanceof Facts<?> facts ? facts.copy(this::copied) : copied((List<?>) value);
        }

        @SuppressWarnings("unchecked")
        private <T> List<T> copied(List<T> list) {
            List<T> copied = new ArrayList<>(list);
            copied.replaceAll(one -> (T) item.copy(Objects.requireNonNull(one)));
            return copied;
        }

        @Override
        public String word() {
            return WORD;
        }
    }

    /** Values by a key, in no order. */
    record MapOf(FlatPart key, FlatPart item) implements FlatPart {
        static final String WORD = "map";

        @Override
        public void write(Object value, FlatBytes out) {
            Map<?, ?> map = (Map<?, ?>) value;
            out.putUnsigned(map.size());
            map.forEach((name, one) -> {
                key.write(name, out);
                item.write(one, out);
            });
        }

        @Override
        public Object read(FlatBytes in) {
            int size = (int) in.unsigned();
            Map<Object, Object> map = new HashMap<>(size + size / 2);
            for (int i = 0; i < size; i++) {
                map.put(key.read(in), item.read(in));
            }
            return map;
        }

        @Override
        public Object copy(Object value) {
            Map<Object, Object> map = new HashMap<>((Map<?, ?>) value);
            map.replaceAll((name, one) -> item.copy(one));
            return map;
        }

        @Override
        public String word() {
            return WORD;
        }
    }

    /**
     * The part for a field.
     *
     * @param argument what a type parameter of the field's class stands for
     * @throws IllegalArgumentException for a type that is not flat
     */
    static FlatPart of(Type type, @Nullable Class<?> argument) {
        if (type instanceof TypeVariable) {
            return of(Objects.requireNonNull(argument), null);
        }
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? new ListOf(of(arguments[0], argument))
                    : generic.getRawType() == Map.class
                            ? new MapOf(of(arguments[0], argument), of(arguments[1], argument))
                            : refuse(type);
        }
        return type instanceof Class<?> plain ? of(plain) : refuse(type);
    }

    private static FlatPart of(Class<?> type) {
        return switch (type.getName()) {
            case "java.lang.String" -> Leaf.STRING;
            case "long", "java.lang.Long" -> Leaf.LONG;
            case "int", "java.lang.Integer" -> Leaf.INT;
            case "double", "java.lang.Double" -> Leaf.DOUBLE;
            case "boolean", "java.lang.Boolean" -> Leaf.BOOLEAN;
            case "java.time.Instant" -> Leaf.INSTANT;
            case "java.math.BigDecimal" -> Leaf.DECIMAL;
            case "[B" -> Leaf.BYTES;
            case "[J" -> Leaf.LONGS;
            case "[Ljava.lang.String;" -> Leaf.TEXTS;
            default ->
                type.isPrimitive() || type.isArray() || type.isEnum() || type.isInterface()
                        ? refuse(type)
                        : FlatShape.of(type, null);
        };
    }

    private static FlatPart refuse(Type type) {
        throw new IllegalArgumentException(type + (type instanceof GenericArrayType ? " is generic" : " is not flat")
                + ": use String, long, int, double, boolean, Instant, BigDecimal, arrays of long, byte and String,"
                + " lists and maps of those, or public records of them");
    }
}
