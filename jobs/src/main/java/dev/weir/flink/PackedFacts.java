package dev.weir.flink;

import dev.weir.machine.Facts;
import dev.weir.machine.Machine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Facts that are seldom looked at, in one page of bytes, as databases keep rows: the facts grow from its front, as they came,
 * and from its back, in their order, the words that stand beside them and where each lies. Each look makes an object anew.
 *
 * <p>One object for all that a key has: an event that finds it in no cache waits for the memory a few times instead of a
 * dozen. A checkpoint writes the page of that moment while new facts are added behind it, so that a copy shares it until a
 * fact goes or comes between others.
 */
final class PackedFacts<F> extends Facts<F> {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final int LEAST = 256;

    private final Packing packing;
    /** Bytes that the words of one fact take, with the one that says where it lies: its start, and its length. */
    private final int width;

    private byte[] page;
    private int size;
    /** The facts end here. Those that went leave a hole until a page of its own is taken. */
    private int end;
    /** Bytes of the facts that are there. */
    private int used;
    /** Whether the page is read by another too: then what lies there stays. */
    private boolean shared;
    /** Whether it is another who adds to a shared page. */
    private boolean frozen;

    /** How facts are made bytes and back; of one thread, unlike the bytes. */
    static final class Packing {
        final FlatPart part;
        final FlatBytes writer = new FlatBytes();
        final FlatBytes reader = new FlatBytes();

        // What was looked at last: what is said before and after a change looks at the same.
        private @Nullable Object facts;
        private int at;
        private @Nullable Object fact;

        Packing(FlatPart part) {
            this.part = part;
        }
    }

    PackedFacts(Machine<F, ?> machine, Packing packing, List<F> facts) {
        super(machine);
        this.packing = packing;
        width = (words + 1) * Long.BYTES;
        page = new byte[LEAST];
        addAll(facts);
    }

    private PackedFacts(PackedFacts<F> from) {
        super(from);
        packing = from.packing;
        width = from.width;
        page = from.page;
        size = from.size;
        end = from.end;
        used = from.used;
    }

    /** From now on only the copy adds to the page. */
    @Override
    public Facts<F> copy(UnaryOperator<List<F>> copied) {
        PackedFacts<F> copy = new PackedFacts<>(this);
        if (frozen) {
            copy.page = page.clone();
        } else {
            frozen = true;
            shared = true;
            copy.shared = true;
        }
        return copy;
    }

    /** All of it, as {@link FlatPart.ListOf} writes a list. */
    void writeTo(FlatBytes out) {
        out.putUnsigned(size);
        for (int at = 0; at < size; at++) {
            long place = place(at);
            out.putAll(page, start(place), length(place));
        }
    }

    private int slot(int at) {
        return page.length - (at + 1) * width;
    }

    @Override
    protected long word(int at, int word) {
        return (long) WORD.get(page, slot(at) + word * Long.BYTES);
    }

    private long place(int at) {
        return word(at, words);
    }

    private static int start(long place) {
        return (int) (place >>> 32);
    }

    private static int length(long place) {
        return (int) place;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    @SuppressWarnings("unchecked")
    public F get(int at) {
        Objects.checkIndex(at, size);
        Packing of = packing;
        if (of.facts != this || of.at != at) {
            of.reader.over(page, start(place(at)));
            of.fact = of.part.read(of.reader);
            of.facts = this;
            of.at = at;
        }
        return (F) Objects.requireNonNull(of.fact);
    }

    @Override
    protected void put(int at, F fact) {
        Objects.checkIndex(at, size + 1);
        FlatBytes out = packing.writer;
        out.clear();
        packing.part.write(fact, out);
        int length = out.length();
        if (end + length + (size + 1) * width > page.length) {
            int room = used + length + (size + 1) * width;
            move(room + room / 2);
        } else if (frozen || (shared && at < size)) {
            move(page.length);
        }
        out.copyTo(page, end);
        int last = slot(size - 1);
        System.arraycopy(page, last, page, last - width, (size - at) * width);
        for (int word = 0; word < words; word++) {
            WORD.set(page, slot(at) + word * Long.BYTES, word(fact, word));
        }
        WORD.set(page, slot(at) + words * Long.BYTES, (long) end << 32 | length);
        end += length;
        used += length;
        size++;
        forget();
    }

    /** Takes a page of its own, without holes. */
    private void move(int length) {
        byte[] own = new byte[length];
        int slots = size * width;
        System.arraycopy(page, page.length - slots, own, length - slots, slots);
        if (end == used) {
            System.arraycopy(page, 0, own, 0, used);
        } else {
            end = 0;
            for (int at = 0; at < size; at++) {
                long place = place(at);
                System.arraycopy(page, start(place), own, end, length(place));
                WORD.set(own, length - (at + 1) * width + words * Long.BYTES, (long) end << 32 | length(place));
                end += length(place);
            }
        }
        page = own;
        shared = false;
        frozen = false;
    }

    @Override
    protected void drop(int at) {
        if (shared) {
            move(page.length);
        }
        used -= length(place(at));
        int last = slot(size - 1);
        System.arraycopy(page, last, page, last + width, (size - at - 1) * width);
        size--;
        forget();
    }

    @Override
    public void clear() {
        super.clear();
        page = new byte[LEAST];
        shared = false;
        frozen = false;
        size = 0;
        end = 0;
        used = 0;
        forget();
    }

    private void forget() {
        if (packing.facts == this) {
            packing.facts = null;
        }
    }
}
