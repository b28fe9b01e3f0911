package dev.weir.machine;

import java.util.Arrays;

/**
 * A sparse vector of whole numbers: what every tally adds and subtracts. Cells that are zero are not there.
 *
 * <p>It is a commutative group, element by element: {@link #plus} is associative and commutative, {@link #minus} undoes
 * plus, an empty one is zero. Counts, sums, quantile buckets, hazard tables and entry buckets are all cells of it, so the
 * group law is proved once, here, for all of them. Cells are kept sorted, so equal vectors have equal arrays whatever the
 * order of their making.
 *
 * <p>The fields are public for the state serializer; only this class writes them.
 */
public final class Sums {
    private static final long[] NONE = {};

    /** Sorted cells; the first {@link #size} count. */
    public long[] cells;
    /** The amount of each cell, never zero within {@link #size}. */
    public long[] amounts;
    /** How many cells are there. */
    public int size;

    public Sums() {
        cells = NONE;
        amounts = NONE;
    }

    /** Adds to one cell. Amounts wrap at 64 bits, as a group of machine words does. */
    public void add(long cell, long amount) {
        if (amount == 0) {
            return;
        }
        boolean last = size == 0 || cells[size - 1] < cell;
        int at = last ? -size - 1 : Arrays.binarySearch(cells, 0, size, cell);
        if (at >= 0) {
            amounts[at] += amount;
            if (amounts[at] == 0) {
                remove(at);
            }
        } else {
            insert(-at - 1, cell, amount);
        }
    }

    /** What the cell holds; zero where there is none. */
    public long get(long cell) {
        int at = Arrays.binarySearch(cells, 0, size, cell);
        return at >= 0 ? amounts[at] : 0;
    }

    /** The index of the first cell that is not before {@code cell}: where a scan of a range starts. */
    public int from(long cell) {
        int at = Arrays.binarySearch(cells, 0, size, cell);
        return at >= 0 ? at : -at - 1;
    }

    public boolean isZero() {
        return size == 0;
    }

    public void plus(Sums other) {
        combine(other, 1);
    }

    public void minus(Sums other) {
        combine(other, -1);
    }

    /** Empties it, keeping its arrays for the next use. */
    public void clear() {
        size = 0;
    }

    /** An independent vector without spare room, as state and the network want it. */
    public Sums copy() {
        Sums copy = new Sums();
        copy.cells = Arrays.copyOf(cells, size);
        copy.amounts = Arrays.copyOf(amounts, size);
        copy.size = size;
        return copy;
    }

    /** Merges two sorted vectors in one pass, or adds a few cells to many one by one. */
    private void combine(Sums other, int sign) {
        if (other.size <= Math.max(4, size >> 4) && other.cells != cells) {
            for (int i = 0; i < other.size; i++) {
                add(other.cells[i], sign * other.amounts[i]);
            }
            return;
        }
        long[] mergedCells = new long[size + other.size];
        long[] mergedAmounts = new long[size + other.size];
        int n = 0;
        int i = 0;
        int j = 0;
        while (i < size || j < other.size) {
            boolean mine = j == other.size || (i < size && cells[i] <= other.cells[j]);
            boolean theirs = i == size || (j < other.size && other.cells[j] <= cells[i]);
            long cell = mine ? cells[i] : other.cells[j];
            long amount = (mine ? amounts[i++] : 0) + (theirs ? sign * other.amounts[j++] : 0);
            if (amount != 0) {
                mergedCells[n] = cell;
                mergedAmounts[n++] = amount;
            }
        }
        cells = mergedCells;
        amounts = mergedAmounts;
        size = n;
    }

    private void insert(int at, long cell, long amount) {
        if (size == cells.length) {
            int room = Math.max(4, size * 2);
            cells = Arrays.copyOf(cells, room);
            amounts = Arrays.copyOf(amounts, room);
        }
        System.arraycopy(cells, at, cells, at + 1, size - at);
        System.arraycopy(amounts, at, amounts, at + 1, size - at);
        cells[at] = cell;
        amounts[at] = amount;
        size++;
    }

    private void remove(int at) {
        System.arraycopy(cells, at + 1, cells, at, size - at - 1);
        System.arraycopy(amounts, at + 1, amounts, at, size - at - 1);
        size--;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sums sums
                && Arrays.equals(cells, 0, size, sums.cells, 0, sums.size)
                && Arrays.equals(amounts, 0, size, sums.amounts, 0, sums.size);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < size; i++) {
            hash = 31 * (31 * hash + Long.hashCode(cells[i])) + Long.hashCode(amounts[i]);
        }
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ", ")
                    .append(Cell.text(cells[i]))
                    .append('=')
                    .append(amounts[i]);
        }
        return text.append('}').toString();
    }
}
