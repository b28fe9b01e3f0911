package dev.weir.bench.detection;

import dev.weir.anomaly.Clue;
import dev.weir.anomaly.SeriesMachine;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Memory;
import dev.weir.machine.Step;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** What a point of a long series costs the series machine: newest last, corrected near the end, corrected anywhere. */
final class PointCost {
    private static final int CORRECTIONS = 300;

    private PointCost() {}

    static void report(PrintWriter out) {
        out.printf("%nCost of a point, microseconds%n%n");
        out.println("| windows of the series | each in order | a correction 10 windows back | a correction anywhere |");
        out.println("|---|---|---|---|");
        for (int windows : new int[] {100, 400, 1_600}) {
            line(windows);
            double[] micros = line(windows);
            out.printf(Locale.ROOT, "| %,d | %.1f | %.1f | %.1f |%n", windows, micros[0], micros[1], micros[2]);
        }
        out.flush();
    }

    private static double[] line(int windows) {
        List<MetricPoint> points = Simulated.series(Simulated.Kind.RATE, 1, windows, 200, day -> 1);
        SeriesMachine machine = new SeriesMachine();
        double inOrder = 0;
        Memory<MetricPoint> memory = new Memory<>();
        int series = 20_000 / windows;
        for (int s = 0; s < series; s++) {
            memory = new Memory<>();
            long start = System.nanoTime();
            for (MetricPoint point : points) {
                take(machine, "series-" + s, memory, point);
            }
            inOrder += (System.nanoTime() - start) / 1e3 / windows / series;
        }
        Random random = new Random(1);
        double[] corrections = new double[2];
        for (int anywhere = 0; anywhere < 2; anywhere++) {
            long start = System.nanoTime();
            for (int i = 0; i < CORRECTIONS; i++) {
                MetricPoint point = points.get(anywhere == 1 ? random.nextInt(windows) : windows - 10);
                take(machine, "series-" + (series - 1), memory, Simulated.corrected(point, i));
            }
            corrections[anywhere] = (System.nanoTime() - start) / 1e3 / CORRECTIONS;
        }
        return new double[] {inOrder, corrections[0], corrections[1]};
    }

    private static void take(SeriesMachine machine, String key, Memory<MetricPoint> memory, MetricPoint point) {
        Step<Clue> step = new Step<>();
        step.advance(machine, key, memory, true, point, 0);
        step.rows(row -> {});
    }
}
