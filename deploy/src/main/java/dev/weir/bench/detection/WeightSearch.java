package dev.weir.bench.detection;

import dev.weir.anomaly.RecordExcess;
import dev.weir.bench.detection.Numenta.Answers;
import dev.weir.bench.detection.Numenta.Profile;
import dev.weir.bench.detection.Numenta.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Seeks the weights of record excess: from equal ones, one after the other up and down, by ever smaller factors, as long as
 * the score of the given files grows. The standard profile counts twice.
 */
final class WeightSearch {
    private static final double[] FACTORS = {8, 4, 2, 1.4, 1.2, 1.1, 1.03};
    private static final int ROUNDS = 4;

    private WeightSearch() {}

    /** The points of a file at which any statistic exceeds its range; all others score nothing under any weights. */
    record File(Series series, int[] points, double[][] excesses) {

        static File of(Series series, double[][] excesses) {
            int[] points = IntStream.range(0, excesses.length)
                    .filter(i -> Arrays.stream(excesses[i]).anyMatch(e -> e > 0))
                    .toArray();
            return new File(
                    series,
                    points,
                    Arrays.stream(points).mapToObj(i -> excesses[i]).toArray(double[][]::new));
        }

        Answers answers(double[] weights) {
            double[] scores = new double[points.length];
            List<Integer> told = new ArrayList<>();
            for (int p = 0; p < points.length; p++) {
                for (int s = 0; s < weights.length; s++) {
                    scores[p] = Math.max(scores[p], weights[s] * excesses[p][s]);
                }
                if (points[p] >= series.probation() && !echo(scores, p)) {
                    told.add(p);
                }
            }
            told.sort(Comparator.comparingDouble(p -> -scores[p]));
            return new Answers(
                    series,
                    told.stream().mapToInt(p -> points[p]).toArray(),
                    told.stream().mapToDouble(p -> scores[p]).toArray());
        }

        private boolean echo(double[] scores, int p) {
            for (int q = p - 1; q >= 0 && points[q] >= points[p] - RecordExcess.ECHO; q--) {
                if (scores[q] > scores[p]) {
                    return true;
                }
            }
            return false;
        }
    }

    static List<Answers> answers(List<File> files, double[] weights) {
        return files.stream().map(file -> file.answers(weights)).toList();
    }

    static double[] climb(List<File> files, int statistics) {
        double[] weights = new double[statistics];
        Arrays.fill(weights, 1);
        double best = score(files, weights);
        for (double factor : FACTORS) {
            double before = Double.NEGATIVE_INFINITY;
            for (int round = 0; round < ROUNDS && best > before; round++) {
                before = best;
                for (int step = 0; step < 2 * statistics; step++) {
                    double old = weights[step / 2];
                    weights[step / 2] = step % 2 == 0 ? old * factor : old / factor;
                    double score = score(files, weights);
                    if (score > best) {
                        best = score;
                    } else {
                        weights[step / 2] = old;
                    }
                }
            }
        }
        return weights;
    }

    private static double score(List<File> files, double[] weights) {
        List<Answers> answers = answers(files, weights);
        return (2 * Numenta.score(answers, Profile.STANDARD)
                        + Numenta.score(answers, Profile.LOW_FALSE_POSITIVES)
                        + Numenta.score(answers, Profile.LOW_FALSE_NEGATIVES))
                / 4;
    }
}
