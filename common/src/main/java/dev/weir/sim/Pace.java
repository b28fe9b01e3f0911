package dev.weir.sim;

import java.util.function.LongToDoubleFunction;

/**
 * How fast work goes, hour by hour. A piece of work of {@code d} days is done when the speeds since its begin have added up to
 * {@code d}, so that quiet weekends and slow times delay whatever is under way, not only what begins then.
 */
final class Pace {
    private static final long HOUR = 3_600_000L;

    private final long first;
    private final double[] done;

    /**
     * @param first begin of the first hour, epoch milliseconds
     * @param hours how many hours are known
     * @param speed by begin of the hour; 1 is an average hour
     */
    Pace(long first, int hours, LongToDoubleFunction speed) {
        this.first = first;
        this.done = new double[hours + 1];
        for (int h = 0; h < hours; h++) {
            done[h + 1] = done[h] + speed.applyAsDouble(first + h * HOUR) / 24;
        }
    }

    /** When work of so many days is done that begins at {@code from}; {@link Long#MAX_VALUE} if after all known hours. */
    long after(long from, double days) {
        int hour = (int) ((from - first) / HOUR);
        if (hour >= done.length - 1) {
            return Long.MAX_VALUE;
        }
        double goal = done[hour] + (done[hour + 1] - done[hour]) * (from - first - hour * HOUR) / HOUR + days;
        if (goal >= done[done.length - 1]) {
            return Long.MAX_VALUE;
        }
        int low = hour;
        int high = done.length - 1;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (done[middle] <= goal) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double share = (goal - done[low]) / (done[low + 1] - done[low]);
        return first + low * HOUR + (long) (share * HOUR);
    }
}
