package dev.weir.recount;

import dev.weir.recount.Cells.Between;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Quantiles of whole sorted lists, in seconds, as wide as the tables' buckets are. */
final class Durations {
    /** The width of a bucket of the tables: neither more is promised there. */
    private static final double BUCKET = 0.0203;

    private Durations() {}

    /** The median where there are 6, by the linear definition. */
    static @Nullable Object p50(List<Long> millis) {
        return quantile(millis, 0.5, 6);
    }

    /** The median in days. */
    static @Nullable Object p50Days(List<Long> millis) {
        return p50(millis) instanceof Between range ? new Between(range.low() / 86_400, range.high() / 86_400) : null;
    }

    /** The 90th percentile where there are 36. */
    static @Nullable Object p90(List<Long> millis) {
        return quantile(millis, 0.9, 36);
    }

    /** The 99th percentile where there are 360. */
    static @Nullable Object p99(List<Long> millis) {
        return quantile(millis, 0.99, 360);
    }

    private static @Nullable Object quantile(List<Long> millis, double q, int enough) {
        if (millis.size() < enough) {
            return null;
        }
        List<Long> sorted = new ArrayList<>(millis);
        Collections.sort(sorted);
        double place = (sorted.size() - 1) * q;
        int below = (int) place;
        double low = sorted.get(below);
        double high = sorted.get(Math.min(below + 1, sorted.size() - 1));
        return about(low + (place - below) * (high - low), low, high);
    }

    private static Between about(double value, double low, double high) {
        double reach = BUCKET * Math.max(low, high) + 1;
        return new Between((value - reach) / 1000, (value + reach) / 1000);
    }

    /**
     * The Kaplan-Meier median where there are 6 exits. Both lie in buckets and ages are kept roughly, so the curve is
     * drawn twice, with ages a little shorter and a little longer; the median lies between.
     *
     * @param slack by how many milliseconds an age may be off
     */
    static @Nullable Object median(List<Long> exits, List<Long> ages, long slack) {
        if (exits.size() < 6) {
            return null;
        }
        double low = median(exits, ages, 1 - BUCKET, -slack);
        double high = median(exits, ages, 1 + BUCKET, slack);
        if (low == Double.POSITIVE_INFINITY) {
            return null;
        }
        return new Between((low * (1 - BUCKET) - 1) / 1000, (high * (1 + BUCKET) + 1) / 1000);
    }

    private static double median(List<Long> exits, List<Long> ages, double stretch, long shift) {
        List<Long> sorted = new ArrayList<>(exits);
        Collections.sort(sorted);
        double surviving = 1;
        for (int i = 0; i < sorted.size(); i++) {
            double at = sorted.get(i);
            long stillThere = ages.stream()
                    .filter(age -> Math.max(0, age * stretch + shift) >= at)
                    .count();
            double atRisk = sorted.size() - i + (double) stillThere;
            surviving *= (atRisk - 1) / atRisk;
            if (surviving <= 0.5 + 1e-12) {
                return at;
            }
        }
        return Double.POSITIVE_INFINITY;
    }
}
