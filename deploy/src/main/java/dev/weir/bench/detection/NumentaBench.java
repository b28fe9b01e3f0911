package dev.weir.bench.detection;

import dev.weir.anomaly.RecordExcess;
import dev.weir.bench.detection.Numenta.Answers;
import dev.weir.bench.detection.Numenta.Profile;
import dev.weir.bench.detection.Numenta.Series;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.zip.GZIPInputStream;

/** The benchmark's published detectors and our own, side by side. */
final class NumentaBench {
    /** Three detectors whose raw answers come with the data: what our scorer makes of them is known. */
    private static final List<String> PUBLISHED = List.of("contextOSE", "numenta", "windowedGaussian");

    private static final int HALF_HOURS = 48;
    private static final int STATISTICS = 6;
    private static final int FOLDS = 10;
    private static final int SHUFFLES = 5;

    private final Path folder;
    private final Numenta numenta;

    NumentaBench(Path folder) throws IOException {
        this.folder = folder;
        this.numenta = Numenta.read(folder);
    }

    /** The scores of a published detector's raw answers. */
    double[] published(String detector) throws IOException {
        Map<String, double[]> scores = new HashMap<>();
        numenta.series.forEach(series -> scores.put(series.name(), new double[series.values().length]));
        Path file = folder.resolve("results").resolve(detector + ".csv.gz");
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            lines.readLine();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] fields = line.split(",", -1);
                Objects.requireNonNull(scores.get(fields[0]))[Integer.parseInt(fields[1])] =
                        Double.parseDouble(fields[2]);
            }
        }
        return profiles(numenta.series.stream()
                .map(series -> Answers.of(series, Objects.requireNonNull(scores.get(series.name()))))
                .toList());
    }

    /** Record excess with its weights, over the whole corpus; each file's values times {@code scale}. */
    double[] recordExcess(double scale) {
        return profiles(answers(scale));
    }

    private List<Answers> answers(double scale) {
        List<Answers> answers = new ArrayList<>();
        for (Series series : numenta.series) {
            RecordExcess excess = new RecordExcess(series.probation() / 2, HALF_HOURS);
            double[] scores = new double[series.values().length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = excess.add(scale * series.values()[i], slot(series, i));
            }
            answers.add(Answers.of(series, scores));
        }
        return answers;
    }

    private static int slot(Series series, int point) {
        return series.times()[point].toLocalTime().toSecondOfDay() / (86_400 / HALF_HOURS);
    }

    /** The same with the threshold of each file taken from all other files. */
    double[] leavingOneOut() {
        List<Answers> all = answers(1);
        return scores(profile -> {
            double worth = 0;
            for (Answers answers : all) {
                List<Answers> others = all.stream()
                        .filter(other ->
                                !other.series().name().equals(answers.series().name()))
                        .toList();
                worth += answers.worth(Numenta.best(others, profile).threshold(), profile);
            }
            return scaled(worth, profile);
        });
    }

    /** An alarm at every twentieth part of each file, whatever it holds. */
    double[] blind() {
        return profiles(numenta.series.stream()
                .map(series -> {
                    double[] scores = new double[series.values().length];
                    for (int part = 1; part < 20; part++) {
                        scores[part * scores.length / 20] = 1;
                    }
                    return Answers.of(series, scores);
                })
                .toList());
    }

    /** Weights and threshold sought anew on other files than those they are scored on. */
    double[] nested(List<List<Integer>> parts, List<WeightSearch.File> files) {
        List<List<Answers>> learned = new ArrayList<>();
        List<List<Answers>> unseen = new ArrayList<>();
        for (List<Integer> part : parts) {
            List<WeightSearch.File> others = new ArrayList<>();
            List<WeightSearch.File> scored = new ArrayList<>();
            for (int f = 0; f < files.size(); f++) {
                (part.contains(f) ? scored : others).add(files.get(f));
            }
            double[] weights = WeightSearch.climb(others, STATISTICS);
            learned.add(WeightSearch.answers(others, weights));
            unseen.add(WeightSearch.answers(scored, weights));
        }
        return scores(profile -> {
            double worth = 0;
            for (int part = 0; part < parts.size(); part++) {
                double threshold = Numenta.best(learned.get(part), profile).threshold();
                for (Answers answers : unseen.get(part)) {
                    worth += answers.worth(threshold, profile);
                }
            }
            return scaled(worth, profile);
        });
    }

    List<WeightSearch.File> files() {
        List<WeightSearch.File> files = new ArrayList<>();
        for (Series series : numenta.series) {
            RecordExcess excess = new RecordExcess(series.probation() / 2, HALF_HOURS);
            double[][] excesses = new double[series.values().length][];
            for (int i = 0; i < excesses.length; i++) {
                excesses[i] =
                        excess.excesses(series.values()[i], slot(series, i)).clone();
            }
            files.add(WeightSearch.File.of(series, excesses));
        }
        return files;
    }

    /** Every file by itself. */
    List<List<Integer>> singly() {
        List<List<Integer>> parts = new ArrayList<>();
        for (int f = 0; f < numenta.series.size(); f++) {
            parts.add(List.of(f));
        }
        return parts;
    }

    private List<List<Integer>> tenths(long seed) {
        List<Integer> shuffled = new ArrayList<>();
        for (int f = 0; f < numenta.series.size(); f++) {
            shuffled.add(f);
        }
        Collections.shuffle(shuffled, new Random(seed));
        List<List<Integer>> parts = new ArrayList<>();
        for (int part = 0; part < FOLDS; part++) {
            List<Integer> files = new ArrayList<>();
            for (int at = part; at < shuffled.size(); at += FOLDS) {
                files.add(shuffled.get(at));
            }
            parts.add(files);
        }
        return parts;
    }

    private double scaled(double worth, Profile profile) {
        return Numenta.scaled(worth, Numenta.windows(numenta.series), profile);
    }

    private static double[] profiles(List<Answers> answers) {
        return scores(profile -> Numenta.score(answers, profile));
    }

    /** Standard, low false positives, low false negatives. */
    private static double[] scores(ToDoubleFunction<Profile> score) {
        return Arrays.stream(Profile.values()).mapToDouble(score).toArray();
    }

    private double nanosAPoint() {
        double fastest = Double.POSITIVE_INFINITY;
        int points = numenta.series.stream().mapToInt(s -> s.values().length).sum();
        for (int run = 0; run < 5; run++) {
            long start = System.nanoTime();
            for (Series series : numenta.series) {
                RecordExcess excess = new RecordExcess(series.probation() / 2, HALF_HOURS);
                for (double value : series.values()) {
                    excess.add(value, 0);
                }
            }
            fastest = Math.min(fastest, (double) (System.nanoTime() - start) / points);
        }
        return fastest;
    }

    void report(PrintWriter out) throws IOException {
        out.printf(
                "%nNumenta Anomaly Benchmark: %d files, %d label windows%n%n",
                numenta.series.size(), Numenta.windows(numenta.series));
        out.println("| detector | standard | low FP | low FN |");
        out.println("|---|---|---|---|");
        for (String detector : PUBLISHED) {
            line(out, detector + ", published raw scores", published(detector));
        }
        line(out, "an alarm every 5 %, blind", blind());
        line(out, "record excess, whole corpus", recordExcess(1));
        line(out, "the same, every file times 1,000", recordExcess(1_000));
        line(out, "the same, each file's threshold from all others", leavingOneOut());
        List<WeightSearch.File> files = files();
        double[] weights = WeightSearch.climb(files, STATISTICS);
        line(out, "weights sought anew, whole corpus", profiles(WeightSearch.answers(files, weights)));
        line(out, "nested: weights and threshold from all other files", nested(singly(), files));
        double[] mean = new double[3];
        for (int shuffle = 0; shuffle < SHUFFLES; shuffle++) {
            double[] scores = nested(tenths(shuffle), files);
            for (int p = 0; p < mean.length; p++) {
                mean[p] += scores[p] / SHUFFLES;
            }
        }
        line(out, "nested: ten parts, mean of " + SHUFFLES + " shuffles", mean);
        double threshold = Numenta.best(WeightSearch.answers(files, weights), Profile.STANDARD)
                .threshold();
        out.printf(
                Locale.ROOT,
                "%nrecord excess: %.0f ns a point; weights sought over the whole corpus, threshold 1: %s%n",
                nanosAPoint(),
                Arrays.toString(Arrays.stream(weights)
                        .map(w -> Math.round(w / threshold * 1_000) / 1_000.0)
                        .toArray()));
        out.flush();
    }

    private static void line(PrintWriter out, String detector, double[] scores) {
        out.printf(Locale.ROOT, "| %s | %.3f | %.3f | %.3f |%n", detector, scores[0], scores[1], scores[2]);
    }
}
