package dev.weir.anomaly;

import dev.weir.stats.MovingMedian;
import java.util.Arrays;

/**
 * Watches a series of which nothing is known: how far a point exceeds every record of its series.
 *
 * <p>Six statistics look at the series: the value, its short (12) and middle (48) medians, each against the long median
 * (400); the mean of the last six differences from what is usual at that time of the day; the signed root of the value
 * against its median of 24; and the value itself. Each remembers the range it has had. A statistic outside of its range
 * scores by how far, in units of the range, times its weight; the point's score is the greatest. The range of the value
 * itself halves every 1,500 points. A point scores nothing when one of the {@link #ECHO} before it scored higher, so a
 * single event is told once or twice, not a hundred times. From {@link #ANOMALY} on it is worth telling.
 *
 * <p>Guarantee: none on false alarms, so what it finds belongs into a digest and pages nobody. In units of its own range
 * all is the same for a series that is rescaled. It sees a point after all before it and none after it.
 *
 * <p>Cost: about half a microsecond a point and 6 KB a series. Weights and the threshold are tuned over the Numenta
 * benchmark; what that is worth is measured on files they were not tuned on, by {@code scripts/bench-detection numenta}.
 */
public final class RecordExcess {
    /** The score from which a point is worth telling. */
    public static final double ANOMALY = 1;
    /** Points before one in which a higher score silences it. */
    public static final int ECHO = 20;

    /** Weights of value, middle and short median against the long one, day profile, root, value. */
    private static final double[] WEIGHTS = {37.4, 21.2, 24.5, 3.56, 14.4, 1.07};

    /** The statistic whose range decays, and what is left of it after a point. */
    private static final int VALUE = 5;

    private static final double KEPT = StrictMath.pow(2, -1.0 / 1_500);
    private static final int RESIDUALS = 6;

    private final MovingMedian longMedian = new MovingMedian(400);
    private final MovingMedian middleMedian = new MovingMedian(48);
    private final MovingMedian shortMedian = new MovingMedian(12);
    private final MovingMedian rootMedian = new MovingMedian(24);
    private final double[] low = new double[WEIGHTS.length];
    private final double[] high = new double[WEIGHTS.length];
    private final double[] profile;
    private final int[] seen;
    private final double[] residuals = new double[RESIDUALS];
    private final double[] scores = new double[ECHO];
    private final double[] statistics = new double[WEIGHTS.length];
    private final double[] excesses = new double[WEIGHTS.length];
    private final int warmUp;
    private int points;

    /**
     * @param warmUp points that are only learned
     * @param slots parts of a day, or of whatever cycle the series may have, 1 to 100
     */
    public RecordExcess(int warmUp, int slots) {
        if (warmUp < 1 || slots < 1 || slots > 100) {
            throw new IllegalArgumentException(warmUp + " points of warm-up, " + slots + " slots");
        }
        this.warmUp = warmUp;
        this.profile = new double[slots];
        this.seen = new int[slots];
        Arrays.fill(low, Double.POSITIVE_INFINITY);
        Arrays.fill(high, Double.NEGATIVE_INFINITY);
    }

    /**
     * Takes the next point and gives its score.
     *
     * @param slot in which part of the cycle the point lies, from 0
     * @return 0 or more; compare with {@link #ANOMALY}
     */
    public double add(double value, int slot) {
        double[] beyond = excesses(value, slot);
        double score = 0;
        for (int s = 0; s < beyond.length; s++) {
            score = Math.max(score, WEIGHTS[s] * beyond[s]);
        }
        double told = score;
        for (double before : scores) {
            told = before > score ? 0 : told;
        }
        scores[points % ECHO] = score;
        return told;
    }

    /**
     * Takes the next point and gives, for each statistic, how far it exceeds its range in units of the range: what the
     * weights are tuned on. The array is written again with the next point.
     */
    public double[] excesses(double value, int slot) {
        look(value, slot);
        for (int s = 0; s < excesses.length; s++) {
            double range = high[s] - low[s];
            excesses[s] = 0;
            if (range > 0) {
                if (points >= warmUp) {
                    excesses[s] = Math.max(0, Math.max(statistics[s] - high[s], low[s] - statistics[s]) / range);
                }
                if (s == VALUE) {
                    double lost = (1 - KEPT) * range / 2;
                    high[s] -= lost;
                    low[s] += lost;
                }
            }
            high[s] = Math.max(high[s], statistics[s]);
            low[s] = Math.min(low[s], statistics[s]);
        }
        points++;
        return excesses;
    }

    private void look(double value, int slot) {
        double root = Math.copySign(Math.sqrt(Math.abs(value)), value);
        longMedian.add(value);
        middleMedian.add(value);
        shortMedian.add(value);
        rootMedian.add(root);
        double usual = longMedian.median();
        statistics[0] = value - usual;
        statistics[1] = middleMedian.median() - usual;
        statistics[2] = shortMedian.median() - usual;
        residuals[points % RESIDUALS] = seen[slot] == 0 ? 0 : value - profile[slot];
        profile[slot] += (value - profile[slot]) / ++seen[slot];
        double sum = 0;
        for (double residual : residuals) {
            sum += residual;
        }
        statistics[3] = sum / RESIDUALS;
        statistics[4] = root - rootMedian.median();
        statistics[VALUE] = value;
    }

    /** Whether the next point can score. */
    public boolean warm() {
        return points >= warmUp;
    }

    /** What is usual now: the long median. */
    public double usual() {
        return longMedian.median();
    }

    /** The least that {@link #usual} plus a difference seen before would give. */
    public double lower() {
        return usual() + low[0];
    }

    /** The most that {@link #usual} plus a difference seen before would give. */
    public double upper() {
        return usual() + high[0];
    }
}
