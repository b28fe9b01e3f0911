package dev.weir.flink;

import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** What a checkpoint keeps of a {@link FlatShape}, so that a later version reads it: fields may have come or gone. */
public final class FlatSnapshot<T> implements TypeSerializerSnapshot<T> {
    private @Nullable FlatShape shape;

    /** For whoever reads a checkpoint. */
    public FlatSnapshot() {}

    FlatSnapshot(FlatShape shape) {
        this.shape = shape;
    }

    @Override
    public int getCurrentVersion() {
        return 1;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
        write(Objects.requireNonNull(shape), out);
    }

    private static void write(FlatPart part, DataOutputView out) throws IOException {
        out.writeUTF(part.word());
        if (part instanceof FlatPart.ListOf list) {
            write(list.item(), out);
        } else if (part instanceof FlatPart.MapOf map) {
            write(map.key(), out);
            write(map.item(), out);
        } else if (part instanceof FlatShape of) {
            out.writeUTF(of.type.getName());
            out.writeInt(of.names.length);
            for (int i = 0; i < of.names.length; i++) {
                out.writeUTF(of.names[i]);
                write(of.parts[i], out);
            }
        }
    }

    @Override
    public void readSnapshot(int version, DataInputView in, ClassLoader classes) throws IOException {
        shape = (FlatShape) read(in, classes);
    }

    private static FlatPart read(DataInputView in, ClassLoader classes) throws IOException {
        String word = in.readUTF();
        return switch (word) {
            case FlatPart.ListOf.WORD -> new FlatPart.ListOf(read(in, classes));
            case FlatPart.MapOf.WORD -> new FlatPart.MapOf(read(in, classes), read(in, classes));
            case FlatShape.WORD -> {
                Class<?> type = type(in.readUTF(), classes);
                String[] names = new String[in.readInt()];
                FlatPart[] parts = new FlatPart[names.length];
                for (int i = 0; i < names.length; i++) {
                    names[i] = in.readUTF();
                    parts[i] = read(in, classes);
                }
                yield new FlatShape(type, names, parts);
            }
            default -> leaf(word);
        };
    }

    private static Class<?> type(String name, ClassLoader classes) throws IOException {
        try {
            return Class.forName(name, false, classes);
        } catch (ClassNotFoundException e) {
            throw new IOException("state holds a " + name + ", which this version does not know", e);
        }
    }

    private static FlatPart leaf(String word) throws IOException {
        for (FlatPart.Leaf leaf : FlatPart.Leaf.values()) {
            if (leaf.word().equals(word)) {
                return leaf;
            }
        }
        throw new IOException("state holds a " + word + ", which this version does not know");
    }

    @Override
    public TypeSerializer<T> restoreSerializer() {
        return new FlatSerializer<>(Objects.requireNonNull(shape));
    }

    @Override
    public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(TypeSerializerSnapshot<T> before) {
        if (before instanceof PojoSerializerSnapshot) { // of versions that left all to Flink
            return TypeSerializerSchemaCompatibility.compatibleAfterMigration();
        }
        if (!(before instanceof FlatSnapshot<T> flat)) {
            return TypeSerializerSchemaCompatibility.incompatible();
        }
        FlatShape now = Objects.requireNonNull(shape);
        FlatShape then = Objects.requireNonNull(flat.shape);
        return then.equals(now)
                ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                : reads(then, now)
                        ? TypeSerializerSchemaCompatibility.compatibleAfterMigration()
                        : TypeSerializerSchemaCompatibility.incompatible();
    }

    /** Whether what was written as one is what the other is: fields may differ, but not what a field holds. */
    private static boolean reads(FlatPart then, FlatPart now) {
        if (then instanceof FlatPart.ListOf a && now instanceof FlatPart.ListOf b) {
            return reads(a.item(), b.item());
        }
        if (then instanceof FlatPart.MapOf a && now instanceof FlatPart.MapOf b) {
            return reads(a.key(), b.key()) && reads(a.item(), b.item());
        }
        if (!(then instanceof FlatShape a && now instanceof FlatShape b)) {
            return then.equals(now);
        }
        if (a.type != b.type) {
            return false;
        }
        for (int i = 0; i < a.names.length; i++) {
            int place = Arrays.binarySearch(b.names, a.names[i]);
            if (place >= 0 && !reads(a.parts[i], b.parts[place])) {
                return false;
            }
        }
        return true;
    }
}
