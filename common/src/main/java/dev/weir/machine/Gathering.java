package dev.weir.machine;

import java.util.Arrays;

/**
 * Many small vectors on their way to be one: what a {@link Sums} would hold after adding them all, without keeping cells in
 * order meanwhile. A sorted vector of n cells costs n moves for each vector added to it; here each cell costs one probe of a
 * hash table, and order is made once, at the end.
 */
public final class Gathering {
    private static final int LEAST = 8;

    private long[] cells = new long[LEAST];
    /** Zero where a slot is free, and where what came to a cell cancelled out. */
    private long[] amounts = new long[LEAST];

    private boolean[] taken = new boolean[LEAST];
    private int size;

    /** Adds a vector. */
    public void plus(Sums sums) {
        for (int i = 0; i < sums.size; i++) {
            add(sums.cells[i], sums.amounts[i]);
        }
    }

    private void add(long cell, long amount) {
        int at = slot(cell);
        if (!taken[at]) {
            if (2 * (size + 1) > cells.length) {
                grow();
                at = slot(cell);
            }
            taken[at] = true;
            cells[at] = cell;
            size++;
        }
        amounts[at] += amount;
    }

    /** What was added up; empty where it cancelled out. */
    public Sums sums() {
        long[] sorted = new long[size];
        int n = 0;
        for (int i = 0; i < cells.length; i++) {
            if (amounts[i] != 0) {
                sorted[n++] = cells[i];
            }
        }
        Arrays.sort(sorted, 0, n);
        Sums sums = new Sums();
        sums.cells = Arrays.copyOf(sorted, n);
        sums.amounts = new long[n];
        sums.size = n;
        for (int i = 0; i < n; i++) {
            sums.amounts[i] = amounts[slot(sorted[i])];
        }
        return sums;
    }

    /** Where a cell is, or would be. */
    private int slot(long cell) {
        int at = (int) (mix(cell) >>> 32) & (cells.length - 1);
        while (taken[at] && cells[at] != cell) {
            at = at + 1 & (cells.length - 1);
        }
        return at;
    }

    /** Fibonacci hashing: neighbours, as the windows and buckets of one series are, come to lie apart. */
    private static long mix(long cell) {
        return (cell ^ cell >>> 29) * 0x9e3779b97f4a7c15L;
    }

    private void grow() {
        long[] oldCells = cells;
        long[] oldAmounts = amounts;
        cells = new long[2 * oldCells.length];
        amounts = new long[cells.length];
        taken = new boolean[cells.length];
        size = 0;
        for (int i = 0; i < oldCells.length; i++) {
            if (oldAmounts[i] != 0) {
                add(oldCells[i], oldAmounts[i]);
            }
        }
    }
}
