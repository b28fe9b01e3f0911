package dev.weir.bench.detection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The Numenta Anomaly Benchmark: its files, and its score of a detector's answers, written anew from its paper and rules.
 *
 * <p>A file's first 15 %, at most 750 points, are probation and do not count. Inside a label window only the earliest alarm
 * counts, the more the earlier; outside each alarm costs, the more the farther it comes after a window. A window without an
 * alarm costs. One threshold serves the whole corpus: the one that gives the best sum. The sum is then scaled so that a
 * detector that never alarms has 0 and one that alarms at the first point of each window only has 100.
 *
 * <p>Source: Lavin, Ahmad, Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark, ICMLA 2015,
 * arXiv 1510.03336.
 */
final class Numenta {
    private static final double PROBATION = 0.15;
    private static final int LONGEST_PROBATION = 750;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    /** What true and false alarms and missed windows weigh. */
    enum Profile {
        STANDARD(1, 0.11),
        LOW_FALSE_POSITIVES(1, 0.22),
        LOW_FALSE_NEGATIVES(2, 0.11);

        final double missed;
        final double falseAlarm;

        Profile(double missed, double falseAlarm) {
            this.missed = missed;
            this.falseAlarm = falseAlarm;
        }
    }

    /** One series. {@code window} holds for each point the label window it lies in, or -1. */
    record Series(String name, LocalDateTime[] times, double[] values, int[] window, int windows, double[] worth) {

        int probation() {
            return (int) Math.min(Math.floor(PROBATION * values.length), LONGEST_PROBATION);
        }
    }

    final List<Series> series;

    private Numenta(List<Series> series) {
        this.series = series;
    }

    /** @param folder with {@code data} and {@code labels} as the benchmark lays them out */
    static Numenta read(Path folder) throws IOException {
        JsonNode labels = new ObjectMapper()
                .readTree(folder.resolve("labels/combined_windows.json").toFile());
        Map<String, Path> files = new TreeMap<>();
        Path data = folder.resolve("data");
        try (Stream<Path> walk = Files.walk(data)) {
            walk.filter(file -> file.toString().endsWith(".csv"))
                    .forEach(file -> files.put(data.relativize(file).toString().replace('\\', '/'), file));
        }
        List<Series> series = new ArrayList<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            series.add(series(file.getKey(), Files.readAllLines(file.getValue()), labels.get(file.getKey())));
        }
        return new Numenta(series);
    }

    private static Series series(String name, List<String> lines, JsonNode labels) {
        int n = lines.size() - 1;
        LocalDateTime[] times = new LocalDateTime[n];
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            String line = lines.get(i + 1);
            int comma = line.indexOf(',');
            times[i] = LocalDateTime.parse(line.substring(0, comma), TIME);
            values[i] = Double.parseDouble(line.substring(comma + 1));
        }
        int[] window = new int[n];
        double[] worth = new double[n];
        int w = 0;
        int right = -1;
        int width = 0;
        for (int i = 0; i < n; i++) {
            if (w < labels.size() && times[i].equals(time(labels.get(w).get(0)))) {
                int last = i;
                while (!times[last].equals(time(labels.get(w).get(1)))) {
                    last++;
                }
                for (int j = i; j <= last; j++) {
                    window[j] = w;
                    worth[j] = sigmoid(-(last - j + 1.0) / (last - i + 1)) / sigmoid(-1);
                }
                right = last;
                width = last - i + 1;
                w++;
                i = last;
            } else {
                window[i] = -1;
                worth[i] = right < 0 ? -1 : sigmoid((i - right) / (width - 1.0));
            }
        }
        return new Series(name, times, values, window, w, worth);
    }

    private static LocalDateTime time(JsonNode text) {
        return LocalDateTime.parse(text.asText().substring(0, 19), TIME);
    }

    /** From 1 before to -1 after; the benchmark cuts it three widths behind a window. */
    private static double sigmoid(double position) {
        return position > 3 ? -1 : 2 / (1 + StrictMath.exp(5 * position)) - 1;
    }

    /** The label windows of some files together. */
    static int windows(List<Series> series) {
        return series.stream().mapToInt(Series::windows).sum();
    }

    /** The points of one file that could be alarms: those after the probation with a score, by falling score. */
    record Answers(Series series, int[] points, double[] scores) {

        static Answers of(Series series, double[] scores) {
            int[] points = IntStream.range(series.probation(), scores.length)
                    .boxed()
                    .filter(i -> scores[i] > 0)
                    .sorted(Comparator.comparingDouble(i -> -scores[i]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            return new Answers(
                    series,
                    points,
                    Arrays.stream(points).mapToDouble(i -> scores[i]).toArray());
        }

        /** What the alarms at or above a threshold are worth, less what the missed windows cost. */
        double worth(double threshold, Profile profile) {
            double[] found = new double[series.windows];
            Arrays.fill(found, -profile.missed);
            double sum = 0;
            for (int a = 0; a < points.length && scores[a] >= threshold; a++) {
                sum += take(points[a], found, profile);
            }
            return sum + Arrays.stream(found).sum();
        }

        /** What one more alarm changes outside the windows; what it changes inside is noted in {@code found}. */
        private double take(int point, double[] found, Profile profile) {
            int window = series.window[point];
            if (window < 0) {
                return profile.falseAlarm * series.worth[point];
            }
            found[window] = Math.max(found[window], series.worth[point]);
            return 0;
        }
    }

    /** The best threshold for some files, and what it is worth there. */
    record Best(double threshold, double worth) {}

    static Best best(List<Answers> files, Profile profile) {
        int n = files.stream().mapToInt(f -> f.points.length).sum();
        double[] keys = new double[n];
        int[][] where = new int[n][];
        int at = 0;
        for (int f = 0; f < files.size(); f++) {
            for (int a = 0; a < files.get(f).points.length; a++) {
                where[at] = new int[] {f, a};
                keys[at++] = files.get(f).scores[a];
            }
        }
        int[] order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -keys[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[][] found = new double[files.size()][];
        double sum = 0;
        for (int f = 0; f < files.size(); f++) {
            found[f] = new double[files.get(f).series.windows];
            Arrays.fill(found[f], -profile.missed);
            sum -= profile.missed * found[f].length;
        }
        Best best = new Best(Double.POSITIVE_INFINITY, sum);
        for (int i = 0; i < n; i++) {
            int f = where[order[i]][0];
            int point = files.get(f).points[where[order[i]][1]];
            int window = files.get(f).series.window[point];
            double before = window < 0 ? 0 : found[f][window];
            sum += files.get(f).take(point, found[f], profile);
            sum += window < 0 ? 0 : found[f][window] - before;
            boolean last = i + 1 == n || keys[order[i + 1]] != keys[order[i]];
            if (last && sum > best.worth) {
                best = new Best(keys[order[i]], sum);
            }
        }
        return best;
    }

    /** A sum of worth as the benchmark reports it: 0 for silence, 100 for every window at its first point and no more. */
    static double scaled(double worth, int windows, Profile profile) {
        double silence = -profile.missed * windows;
        return 100 * (worth - silence) / (windows - silence);
    }

    /** The score of a detector over the whole corpus. */
    static double score(List<Answers> files, Profile profile) {
        return scaled(
                best(files, profile).worth,
                windows(files.stream().map(Answers::series).toList()),
                profile);
    }
}
