package dev.weir.console;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A range of values laid over a range of pixels, with round numbers to mark it.
 *
 * @param low the least value shown
 * @param high the greatest
 * @param from pixel of the least
 * @param to pixel of the greatest
 */
record Scale(double low, double high, double from, double to) {
    private static final int MARKS = 4;

    /** A scale that holds all values, from 0 where they come near it, its ends rounded outwards. */
    static Scale of(DoubleStream values, double from, double to) {
        double[] all = values.toArray();
        double least = DoubleStream.of(all).min().orElse(0);
        double most = DoubleStream.of(all).max().orElse(1);
        double low = least > 0 && least < 0.7 * most ? 0 : least;
        double high = most > low ? most : low + Math.max(1e-9, Math.abs(low));
        double step = step(high - low);
        return new Scale(Math.floor(low / step) * step, Math.ceil(high / step) * step, from, to);
    }

    private static double step(double span) {
        double rough = span / MARKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double lead = rough / power;
        return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    }

    /** Where a value lies; what is outside of the scale lies at its end. */
    double at(double value) {
        double share = (Math.max(low, Math.min(high, value)) - low) / (high - low);
        return from + share * (to - from);
    }

    /** Round values over the whole scale. */
    List<Double> marks() {
        double step = step(high - low);
        List<Double> marks = new ArrayList<>();
        long last = Math.round((high - low) / step);
        for (long i = 0; i <= last; i++) {
            marks.add(low + i * step);
        }
        return marks;
    }
}
