package dev.weir.flink;

import dev.weir.machine.Facts;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * A list of what is seldom looked at, kept as its bytes one after the other: one object for all of it, which a checkpoint
 * writes as it is. Each look makes an object anew.
 */
final class PackedList<T> extends AbstractList<T> implements RandomAccess {
    private static final int LEAST = 4;

    private final Packing packing;
    private byte[] bytes;
    /** Where each ends. */
    private int[] ends;

    private int size;

    /** How its items are made bytes and back; of one thread, unlike the bytes. */
    static final class Packing {
        final FlatPart part;
        final FlatBytes scratch = new FlatBytes();

        // What was looked at last: what is said before and after a change looks at the same.
        private @Nullable Object list;
        private int at;
        private @Nullable Object item;

        Packing(FlatPart part) {
            this.part = part;
        }
    }

    PackedList(Packing packing, List<T> items) {
        this.packing = packing;
        bytes = new byte[64];
        ends = new int[LEAST];
        addAll(items);
    }

    private PackedList(PackedList<T> from) {
        packing = from.packing;
        bytes = from.bytes.clone();
        ends = from.ends.clone();
        size = from.size;
    }

    /** Whether facts are kept in one. */
    static boolean keeps(List<?> facts) {
        return facts instanceof Facts<?> known && known.items() instanceof PackedList;
    }

    PackedList<T> copy() {
        return new PackedList<>(this);
    }

    /** All of it, as {@link FlatPart.ListOf} writes a list. */
    void writeTo(FlatBytes out) {
        out.putUnsigned(size);
        out.putAll(bytes, start(size));
    }

    private int start(int at) {
        return at == 0 ? 0 : ends[at - 1];
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    @SuppressWarnings("unchecked")
    public T get(int at) {
        Objects.checkIndex(at, size);
        Packing of = packing;
        if (of.list != this || of.at != at) {
            of.scratch.readFrom(bytes, start(at), ends[at]);
            of.item = of.part.read(of.scratch);
            of.list = this;
            of.at = at;
        }
        return (T) Objects.requireNonNull(of.item);
    }

    @Override
    public void add(int at, T item) {
        Objects.checkIndex(at, size + 1);
        FlatBytes out = packing.scratch;
        out.clear();
        packing.part.write(Objects.requireNonNull(item), out);
        int length = out.length();
        int start = start(at);
        int all = start(size);
        if (all + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(all + length, all + all / 2));
        }
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, 2 * size);
        }
        System.arraycopy(bytes, start, bytes, start + length, all - start);
        out.copyTo(bytes, start);
        System.arraycopy(ends, at, ends, at + 1, size - at);
        ends[at] = start;
        size++;
        shift(at, length);
        forget(at);
    }

    @Override
    public T remove(int at) {
        T item = get(at);
        int length = ends[at] - start(at);
        System.arraycopy(bytes, ends[at], bytes, start(at), start(size) - ends[at]);
        System.arraycopy(ends, at + 1, ends, at, size - at - 1);
        size--;
        shift(at, -length);
        forget(at);
        return item;
    }

    /** What was looked at last, where it does not stand in its place any more. */
    private void forget(int from) {
        if (packing.list == this && packing.at >= from) {
            packing.list = null;
        }
    }

    private void shift(int from, int by) {
        for (int i = from; i < size; i++) {
            ends[i] += by;
        }
    }

    @Override
    public void clear() {
        size = 0;
        forget(0);
    }
}
