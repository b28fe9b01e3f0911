package dev.weir.machine;

/**
 * The address of one number in a {@link Sums}: a major part of 40 bits (a window, a ledger bucket), a part of 8 bits (a
 * stage, a step) and a measure of 16 bits (a count, a sum, a quantile bucket), packed so that cells sort by major, then
 * part, then measure.
 */
public final class Cell {
    /** One past the largest part. */
    public static final int PARTS = 1 << 8;
    /** One past the largest measure. */
    public static final int MEASURES = 1 << 16;

    private static final long MAJORS = 1L << 39;

    private Cell() {}

    /**
     * @param major from -2^39 to 2^39 - 1
     * @param part from 0 to 255
     * @param measure from 0 to 65,535
     */
    public static long of(long major, int part, int measure) {
        if (major < -MAJORS || major >= MAJORS || part < 0 || part >= PARTS || measure < 0 || measure >= MEASURES) {
            throw new IllegalArgumentException("no cell " + major + "/" + part + "/" + measure);
        }
        return major << 24 | (long) part << 16 | measure;
    }

    public static long major(long cell) {
        return cell >> 24;
    }

    public static int part(long cell) {
        return (int) (cell >> 16) & (PARTS - 1);
    }

    public static int measure(long cell) {
        return (int) cell & (MEASURES - 1);
    }

    static String text(long cell) {
        return major(cell) + "/" + part(cell) + "/" + measure(cell);
    }
}
