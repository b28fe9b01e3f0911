package dev.weir.machine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Many small vectors on their way to be one: what a {@link Sums} would hold after adding them all, without keeping cells in
 * order meanwhile. A sorted vector of n cells costs n moves for each vector added to it; here each cell costs one probe of a
 * hash table, and order is made once, at the end. One that comes alone stays as it is.
 *
 * <p>Two cells that differ in their last bit, as the count and the sum of a bucket do, lie in one slot, and a slot lies in one
 * place: with many tables the memory that a probe touches is what it costs.
 */
public final class Gathering {
    private static final int LEAST = 8;
    /** Of a slot: its odd cell, which is never zero where the slot is taken, then the even one's amount and the odd one's. */
    private static final int WIDTH = 3;

    static final int SLOT_BYTES = WIDTH * Long.BYTES;

    private static final long[] NONE = {};

    /** The only vector that has come; null before, and from the second on. */
    private @Nullable Sums only;

    private long[] slots = NONE;
    private int mask;
    private int size;

    /** Adds a vector, which does not change from now on. */
    public void plus(Sums sums) {
        if (slots.length == 0) {
            if (only == null) {
                only = sums;
                return;
            }
            // Cells of the two may share slots: more than half of this is seldom needed.
            int most = Math.max(LEAST, Integer.highestOneBit(only.size + sums.size));
            slots = new long[most * WIDTH];
            mask = most - 1;
            addAll(only);
            only = null;
        }
        addAll(sums);
    }

    private void addAll(Sums sums) {
        for (int i = 0; i < sums.size; i++) {
            add(sums.cells[i], sums.amounts[i]);
        }
    }

    private void add(long cell, long amount) {
        long odd = cell | 1;
        int at = slot(odd);
        if (slots[at] == 0) {
            if (3 * (size + 1) > 2 * (mask + 1)) {
                grow();
                at = slot(odd);
            }
            slots[at] = odd;
            size++;
        }
        slots[at + 1 + (int) (cell & 1)] += amount;
    }

    /** How much memory it takes, in slots of {@value #SLOT_BYTES} bytes. */
    int room() {
        return only == null ? mask + 1 : LEAST + only.size;
    }

    /** What was added up, without spare room; empty where it cancelled out. It is not to be changed. */
    public Sums sums() {
        if (only != null) {
            return only.size == only.cells.length ? only : only.copy();
        }
        long[] sorted = new long[size];
        int n = 0;
        for (int at = 0; at < slots.length; at += WIDTH) {
            if (slots[at + 1] != 0 || slots[at + 2] != 0) {
                sorted[n++] = slots[at];
            }
        }
        Arrays.sort(sorted, 0, n);
        Sums sums = new Sums();
        long[] cells = new long[2 * n];
        long[] amounts = new long[2 * n];
        int filled = 0;
        for (int i = 0; i < n; i++) {
            int at = slot(sorted[i]);
            for (int last = 0; last < 2; last++) {
                if (slots[at + 1 + last] != 0) {
                    cells[filled] = sorted[i] - 1 + last;
                    amounts[filled++] = slots[at + 1 + last];
                }
            }
        }
        sums.cells = Arrays.copyOf(cells, filled);
        sums.amounts = Arrays.copyOf(amounts, filled);
        sums.size = filled;
        return sums;
    }

    /** Where the slot of an odd cell is, or would be. */
    private int slot(long odd) {
        int at = (int) (mix(odd) >>> 32) & mask;
        while (slots[at * WIDTH] != 0 && slots[at * WIDTH] != odd) {
            at = at + 1 & mask;
        }
        return at * WIDTH;
    }

    /** Fibonacci hashing: neighbours, as the windows and buckets of one series are, come to lie apart. */
    private static long mix(long cell) {
        return (cell ^ cell >>> 29) * 0x9e3779b97f4a7c15L;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[2 * old.length];
        mask = 2 * mask + 1;
        size = 0;
        for (int from = 0; from < old.length; from += WIDTH) {
            if (old[from + 1] != 0 || old[from + 2] != 0) {
                int at = slot(old[from]);
                System.arraycopy(old, from, slots, at, WIDTH);
                size++;
            }
        }
    }
}
