package dev.weir.bench.detection;

import dev.weir.alert.Signal;
import dev.weir.anomaly.SeriesMachine;
import dev.weir.event.MetricPoint;
import dev.weir.io.PlaybookLoader;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * False alarms of small counts that stay what they are: a segment in which somebody turns up now and then, by day, week and month
 * as a playbook names them, one by one or in clumps. After 30 windows with nobody a series says nothing until somebody comes,
 * as the jobs do.
 */
final class SparseVolumes {
    static final int SERIES = 500;
    static final int DAYS = 728;
    private static final double[] SIZES = {0.1, 0.5, 2, 6};
    /** How many come at once, on average, where they come in clumps. */
    private static final double CLUMP = 3;

    private static final Playbook PLAYBOOK = PlaybookLoader.load("""
            playbook: sparse
            teams: {growth: {}}
            funnels:
              - name: signup
                steps:
                  - {name: visit, when: "engagement.kind == 'page_view'"}
                  - {name: trial, when: "engagement.kind == 'form_submit'"}
                within: 14d
                breakdowns: [channel, campaign, asset, properties.device]
                windows: [day, week, month]
            alerts:
              budget: {growth: 1/week}
              routes:
                - {kind: volume_drop, to: growth}
                - {kind: volume_rise, to: growth}
            """, "sparse.yaml");

    private SparseVolumes() {}

    /** Alerts that people are told of, by kind. */
    static Map<String, Integer> falseAlarms(int series, double size, boolean clumps, long seed) {
        Map<String, Integer> alarms = new HashMap<>();
        for (int s = 0; s < series; s++) {
            SimulatedDesk desk = new SimulatedDesk(new SeriesMachine(PLAYBOOK));
            points(size, clumps, new Random(seed * SERIES + s)).forEach(desk::take);
            desk.pages().forEach(alert -> alarms.merge(alert.kind(), 1, Integer::sum));
        }
        return alarms;
    }

    /** In the order in which their windows end, as the jobs say them. */
    private static List<MetricPoint> points(double size, boolean clumps, Random random) {
        double[] days = new double[DAYS];
        for (int day = 0; day < DAYS; day++) {
            days[day] = clumps ? clumped(random, size) : Draws.poisson(random, size);
        }
        List<MetricPoint> points = new ArrayList<>();
        for (Grain grain : List.of(Grain.DAY, Grain.WEEK, Grain.MONTH)) {
            points(grain, days, points);
        }
        points.sort(Comparator.comparing(MetricPoint::windowEnd));
        return points;
    }

    private static double clumped(Random random, double size) {
        double all = 0;
        for (int clumps = Draws.poisson(random, size / CLUMP); clumps > 0; clumps--) {
            all++;
            while (random.nextDouble() >= 1 / CLUMP) {
                all++;
            }
        }
        return all;
    }

    private static void points(Grain grain, double[] days, List<MetricPoint> points) {
        Windows windows = Windows.of(PLAYBOOK);
        Instant last = Simulated.MONDAY.plus(Duration.ofDays(DAYS));
        int empty = MetricPoint.RETIRED;
        long start = windows.start(grain, Simulated.MONDAY.toEpochMilli());
        for (long end = windows.end(grain, start); end <= last.toEpochMilli(); end = windows.end(grain, start)) {
            double count = 0;
            for (int day = day(start); day < day(end); day++) {
                count += day < 0 ? 0 : days[day];
            }
            empty = count > 0 ? 0 : empty + 1;
            if (empty < MetricPoint.RETIRED) {
                points.add(point(grain, start, end, count));
            }
            start = end;
        }
    }

    private static int day(long time) {
        return (int)
                Duration.between(Simulated.MONDAY, Instant.ofEpochMilli(time)).toDays();
    }

    private static MetricPoint point(Grain grain, long start, long end, double count) {
        return new MetricPoint(
                Simulated.Kind.COUNT.metric,
                "channel",
                "ads",
                grain.word(),
                Instant.ofEpochMilli(start),
                Instant.ofEpochMilli(end),
                MetricPoint.COUNT,
                count,
                MetricPoint.days(start, end),
                null,
                PLAYBOOK.funnels().get(0).definition(),
                false);
    }

    static void report(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%nSparse volumes: %d series of each size, by day, week and month, for two years; false alarms a week of 2,000"
                        + " such series, of which a budget accepts one%n%n",
                SERIES);
        out.println("| come a day | one by one: drops | rises | in clumps of three: drops | rises |");
        out.println("|---|---|---|---|---|");
        double weeks = DAYS / 7.0 * SERIES / QuietSeries.SERIES;
        for (double size : SIZES) {
            Map<String, Integer> single = falseAlarms(SERIES, size, false, 1);
            Map<String, Integer> clumped = falseAlarms(SERIES, size, true, 2);
            out.printf(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %.2f | %.2f |%n",
                    size,
                    single.getOrDefault(Signal.VOLUME_DROP, 0) / weeks,
                    single.getOrDefault(Signal.VOLUME_RISE, 0) / weeks,
                    clumped.getOrDefault(Signal.VOLUME_DROP, 0) / weeks,
                    clumped.getOrDefault(Signal.VOLUME_RISE, 0) / weeks);
            out.flush();
        }
    }
}
