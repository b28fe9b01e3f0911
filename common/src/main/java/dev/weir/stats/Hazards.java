package dev.weir.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How long things last that end in one of several ways, of which some last still: the hazard table, the survival curve and
 * the share that has ended in each way by an age.
 *
 * <p>It is filled from {@link Buckets}, which add and subtract, so whatever order they were counted in gives the same table.
 * The survival S(t) is Kaplan and Meier's; the incidence of a way k is Aalen and Johansen's, the sum of S before t times the
 * share of those at risk that end in way k at t. Ways compete: their incidences and S add up to one. Reading each way alone,
 * with the others as censored, would give shares that add up to more.
 *
 * <p>Within a bucket ends come before censorings, and an age counts where the mean of its bucket lies: an error of at most
 * the 2 % of a bucket's width.
 *
 * <p>Source: Kaplan, Meier, JASA 53 (1958); Aalen, Johansen, An empirical transition matrix for non-homogeneous Markov chains
 * based on censored observations, Scandinavian Journal of Statistics 5 (1978).
 */
public final class Hazards {
    private final int ways;
    private final TreeMap<Integer, Bin> bins = new TreeMap<>();

    /** What lies in one bucket of ages. */
    private static final class Bin {
        final long[] ends;
        long ended;
        long endedMillis;
        long censored;
        long censoredMillis;

        Bin(int ways) {
            ends = new long[ways];
        }

        double meanMillis() {
            return (double) (endedMillis + censoredMillis) / Math.max(1, ended + censored);
        }
    }

    /**
     * The ages between two bounds.
     *
     * @param fromMillis the youngest age
     * @param toMillis the first age beyond; {@link Long#MAX_VALUE} for the last interval
     * @param atRisk how many were seen at {@code fromMillis} or older
     * @param atRiskMillis the time they were seen at these ages
     * @param ends how many ended at these ages, by way
     * @param survival share that lasts to {@code toMillis}
     * @param survivalOfEnded the same of those alone that have ended: the figure that leaves out what still lasts
     * @param incidence share that has ended by {@code toMillis}, by way
     * @param incidenceOfEnded the same of those alone that have ended
     */
    public record Interval(
            long fromMillis,
            long toMillis,
            long atRisk,
            long atRiskMillis,
            long[] ends,
            double survival,
            double survivalOfEnded,
            double[] incidence,
            double[] incidenceOfEnded) {}

    /** @param ways how many ways to end there are, numbered from 0 */
    public Hazards(int ways) {
        this.ways = ways;
    }

    /** Adds durations that are over, in whatever way: how many and how long. See {@link #ended}. */
    public void over(Buckets all) {
        for (int i = 0; i < all.size; i++) {
            Bin bin = bin(all.buckets[i]);
            bin.ended += all.counts[i];
            bin.endedMillis += all.sums[i];
        }
    }

    /** Says in which way some of the durations that are over ended; only the counts are read. */
    public void ended(int way, Buckets some) {
        for (int i = 0; i < some.size; i++) {
            bin(some.buckets[i]).ends[way] += some.counts[i];
        }
    }

    /** Adds durations that were cut short. */
    public void censored(Buckets some) {
        for (int i = 0; i < some.size; i++) {
            Bin bin = bin(some.buckets[i]);
            bin.censored += some.counts[i];
            bin.censoredMillis += some.sums[i];
        }
    }

    /** Adds durations that last still, all of one age. */
    public void lasting(long ageMillis, long count) {
        Bin bin = bin(LogBuckets.bucket(Math.max(0, ageMillis)));
        bin.censored += count;
        bin.censoredMillis += Math.max(0, ageMillis) * count;
    }

    private Bin bin(int bucket) {
        return bins.computeIfAbsent(bucket, b -> new Bin(ways));
    }

    /** How many are over. */
    public long ended() {
        return bins.values().stream().mapToLong(bin -> bin.ended).sum();
    }

    /** How many last still or were cut short. */
    public long lasting() {
        return bins.values().stream().mapToLong(bin -> bin.censored).sum();
    }

    /** All time seen, of those that are over and of those that are not. */
    public long exposureMillis() {
        return bins.values().stream()
                .mapToLong(bin -> bin.endedMillis + bin.censoredMillis)
                .sum();
    }

    /**
     * The mean duration in milliseconds with those counted that last still: all time seen for each that ended, the maximum
     * likelihood mean of an exponential duration.
     *
     * @return null when nothing has ended
     */
    public @Nullable Double exposureMeanMillis() {
        long ended = ended();
        return ended <= 0 ? null : Double.valueOf((double) exposureMillis() / ended);
    }

    /** The mean in milliseconds of those alone that are over; null when none is. */
    public @Nullable Double endedMeanMillis() {
        long ended = ended();
        long millis = bins.values().stream().mapToLong(bin -> bin.endedMillis).sum();
        return ended <= 0 ? null : Double.valueOf((double) millis / ended);
    }

    /**
     * The age in milliseconds by which a share of q has ended; null while fewer have.
     *
     * @param q above 0, at most 1
     */
    public @Nullable Double quantileMillis(double q) {
        int n = bins.size();
        int[] buckets = new int[n];
        long[] ended = new long[n];
        long[] sums = new long[n];
        long[] censored = new long[n];
        int i = 0;
        for (var entry : bins.entrySet()) {
            buckets[i] = entry.getKey();
            ended[i] = entry.getValue().ended;
            sums[i] = entry.getValue().endedMillis;
            censored[i++] = entry.getValue().censored;
        }
        return KaplanMeier.quantile(q, buckets, ended, sums, n, buckets, censored, n);
    }

    /**
     * The table between bounds; intervals that nobody reached are left out.
     *
     * @param bounds ages in milliseconds at which an interval begins, ascending, the first 0
     */
    public List<Interval> table(long... bounds) {
        List<Interval> table = new ArrayList<>();
        Walk walk = new Walk();
        for (int i = 0; i < bounds.length; i++) {
            long to = i + 1 < bounds.length ? bounds[i + 1] : Long.MAX_VALUE;
            if (walk.atRisk <= 0) {
                break;
            }
            table.add(walk.through(bounds[i], to));
        }
        return table;
    }

    /** One way through the bins, youngest first. */
    private final class Walk {
        private final List<Bin> ascending = new ArrayList<>(bins.values());
        private final long everEnded = ended();
        private final double[] incidence = new double[ways];
        private final long[] endedSoFar = new long[ways];
        private long overSoFar;
        private long atRisk = everEnded + lasting();
        private double survival = 1;
        private int next;

        Interval through(long from, long to) {
            long before = atRisk;
            long millis = 0;
            long[] ends = new long[ways];
            for (; next < ascending.size() && ascending.get(next).meanMillis() < to; next++) {
                Bin bin = ascending.get(next);
                millis += bin.endedMillis + bin.censoredMillis - (bin.ended + bin.censored) * from;
                take(bin, ends);
            }
            if (to != Long.MAX_VALUE) {
                millis += atRisk * (to - from);
            }
            return new Interval(
                    from,
                    to,
                    before,
                    Math.max(0, millis),
                    ends,
                    survival,
                    everEnded <= 0 ? 1 : 1 - (double) overSoFar / everEnded,
                    incidence.clone(),
                    shares());
        }

        private void take(Bin bin, long[] ends) {
            if (bin.ended > 0 && atRisk > 0) {
                for (int way = 0; way < ways; way++) {
                    incidence[way] += survival * bin.ends[way] / atRisk;
                    endedSoFar[way] += bin.ends[way];
                    ends[way] += bin.ends[way];
                }
                survival *= Math.max(0, (double) (atRisk - bin.ended) / atRisk);
                overSoFar += bin.ended;
            }
            atRisk -= bin.ended + bin.censored;
        }

        private double[] shares() {
            double[] shares = new double[ways];
            for (int way = 0; way < ways && everEnded > 0; way++) {
                shares[way] = (double) endedSoFar[way] / everEnded;
            }
            return shares;
        }
    }
}
