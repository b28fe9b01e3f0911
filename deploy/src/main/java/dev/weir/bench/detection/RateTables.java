package dev.weir.bench.detection;

import dev.weir.stats.Jeffreys;
import dev.weir.stats.ShiryaevRoberts;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How long until a rate raises an alarm, without a change and after one: the mixture e-Shiryaev-Roberts procedure beside a
 * binomial CUSUM that knows which change to look for, and a test of each window by itself.
 */
final class RateTables {
    static final double C = 1_000;
    static final double BEFORE = 0.05;
    static final double AFTER = 0.035;
    private static final int[] SIZES = {5, 20, 40, 200};
    /** Windows of the baseline; 0 is a baseline that is known. */
    private static final int[] BASELINES = {0, 8, 26, 52, 200};

    /** Windows before the change, so that it does not begin with an empty statistic. */
    private static final int WARM = 100;
    /** A run is cut here, which only shortens its mean. */
    private static final int LONGEST = 20_000;

    private static final double TAIL = 0.05;

    /** What decides after each window. */
    private interface Procedure {
        boolean alarms(int successes);
    }

    private static Procedure mixture(Random random, int n, int baseline) {
        int seen = Draws.binomial(random, n * baseline, BEFORE);
        double low = baseline == 0 ? BEFORE : Jeffreys.lower(seen, n * baseline, TAIL);
        double high = baseline == 0 ? BEFORE : Jeffreys.upper(seen, n * baseline, TAIL);
        ShiryaevRoberts statistic = new ShiryaevRoberts();
        return successes -> {
            statistic.addRate(successes, n, low, high, 1);
            return statistic.change() >= C;
        };
    }

    private static Procedure cusum(int n, double threshold) {
        double success = Math.log(AFTER / BEFORE);
        double failure = Math.log((1 - AFTER) / (1 - BEFORE));
        double[] sum = new double[1];
        return successes -> {
            sum[0] = Math.max(0, sum[0] + successes * success + (n - successes) * failure);
            return sum[0] >= threshold;
        };
    }

    private static int windowsToAlarm(Random random, Procedure procedure, int n, double rate) {
        int windows = 1;
        while (!procedure.alarms(Draws.binomial(random, n, rate)) && windows < LONGEST) {
            windows++;
        }
        return windows;
    }

    /** Mean windows to an alarm while nothing changes. */
    static double runLength(int n, int baseline, int runs) {
        double total = 0;
        for (int seed = 0; seed < runs; seed++) {
            Random random = new Random(seed);
            total += windowsToAlarm(random, mixture(random, n, baseline), n, BEFORE);
        }
        return total / runs;
    }

    /** Mean windows from the change to the alarm, among the runs without an earlier one. */
    static double delay(int n, int baseline, int runs) {
        double total = 0;
        int counted = 0;
        for (int seed = 0; seed < runs; seed++) {
            Random random = new Random(1_000 + seed);
            Procedure procedure = mixture(random, n, baseline);
            if (quiet(random, procedure, n)) {
                total += windowsToAlarm(random, procedure, n, AFTER);
                counted++;
            }
        }
        return total / counted;
    }

    private static boolean quiet(Random random, Procedure procedure, int n) {
        for (int window = 0; window < WARM; window++) {
            if (procedure.alarms(Draws.binomial(random, n, BEFORE))) {
                return false;
            }
        }
        return true;
    }

    /** The delay of the CUSUM whose run length is C, found by halving. */
    static double cusumDelay(int n, int runs) {
        double low = 0;
        double high = 12;
        for (int half = 0; half < 12; half++) {
            double middle = (low + high) / 2;
            double total = 0;
            for (int seed = 0; seed < runs; seed++) {
                total += windowsToAlarm(new Random(seed), cusum(n, middle), n, BEFORE);
            }
            if (total / runs < C) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double total = 0;
        int counted = 0;
        for (int seed = 0; seed < runs; seed++) {
            Random random = new Random(1_000 + seed);
            Procedure procedure = cusum(n, high);
            if (quiet(random, procedure, n)) {
                total += windowsToAlarm(random, procedure, n, AFTER);
                counted++;
            }
        }
        return total / counted;
    }

    /**
     * The mean delay, exactly, of a two-sided z-test of each window by itself, at the lowest threshold that alarms in no more
     * than one of C windows without a change.
     */
    static double zTestDelay(int n) {
        double[] before = probabilities(n, BEFORE);
        double[] after = probabilities(n, AFTER);
        double falseAlarm = 0;
        double alarm = 0;
        for (int k : IntStream.rangeClosed(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(k -> -Math.abs(k - n * BEFORE)))
                .toList()) {
            falseAlarm += before[k];
            if (falseAlarm > 1 / C) {
                break;
            }
            alarm += after[k];
        }
        return 1 / alarm;
    }

    private static double[] probabilities(int n, double rate) {
        double[] probabilities = new double[n + 1];
        probabilities[0] = Math.pow(1 - rate, n);
        for (int k = 1; k <= n; k++) {
            probabilities[k] = probabilities[k - 1] * (n - k + 1) / k * rate / (1 - rate);
        }
        return probabilities;
    }

    private RateTables() {}

    static void report(PrintWriter out, int runs) {
        out.printf(
                Locale.ROOT,
                "%nRates: c = %,.0f, baseline 5 %%; mean of %d runs, cut at %,d windows%n%n",
                C,
                runs,
                LONGEST);
        out.println("| trials a window | | known baseline | 8 windows | 26 | 52 | 200 | CUSUM | z-test |");
        out.println("|---|---|---|---|---|---|---|---|---|");
        for (int n : SIZES) {
            out.printf(Locale.ROOT, "| %d | windows to a false alarm |", n);
            for (int baseline : BASELINES) {
                out.printf(Locale.ROOT, " %,.0f |", runLength(n, baseline, runs));
            }
            out.printf(Locale.ROOT, " 1,000 | rarer than 1,000 |%n");
            out.printf(Locale.ROOT, "| %d | windows to find a fall to 3.5 %% |", n);
            for (int baseline : BASELINES) {
                out.printf(Locale.ROOT, " %,.0f |", delay(n, baseline, runs));
            }
            out.printf(Locale.ROOT, " %,.0f | %,.0f |%n", cusumDelay(n, runs), zTestDelay(n));
            out.flush();
        }
        out.println(
                "\nThe CUSUM is told which fall to look for, and its threshold is set by simulation to the same run length.");
        out.flush();
    }
}
