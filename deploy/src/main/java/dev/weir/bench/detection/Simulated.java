package dev.weir.bench.detection;

import dev.weir.alert.Signal;
import dev.weir.anomaly.Clue;
import dev.weir.anomaly.Seasons;
import dev.weir.anomaly.SeriesMachine;
import dev.weir.anomaly.Vigilance;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Json;
import dev.weir.machine.Memory;
import dev.weir.machine.Step;
import dev.weir.playbook.Grain;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Daily series whose truth is known, and what the series machine says of them, point by point as they come. */
final class Simulated {
    static final Instant MONDAY = Instant.parse("2026-01-05T00:00:00Z");
    private static final double[] WEEK = {1.25, 1.3, 1.25, 1.2, 1.1, 0.45, 0.45};

    private Simulated() {}

    /** What a series is of, and how large. */
    enum Kind {
        RATE("conversion/signup/trial"),
        STAGE("dwell/sales/legal"),
        COUNT("entered/signup/visit"),
        VALUE("wip/sales/legal");

        final String metric;

        Kind(String metric) {
            this.metric = metric;
        }

        /**
         * What is seen on a day: events, exposure, arrivals.
         *
         * @param size how many come on an average day
         * @param rate share that convert, or exits per day at risk
         * @param waiting of a stage, how many are in it
         */
        double[] seen(Random random, int day, double size, double rate, int waiting) {
            double rhythm = WEEK[day % 7];
            return switch (this) {
                case RATE -> {
                    int visits = Draws.poisson(random, size * rhythm);
                    yield new double[] {Draws.binomial(random, visits, rate), visits, 0};
                }
                case STAGE -> {
                    int arrivals = Draws.poisson(random, size * rhythm);
                    int exits = Draws.binomial(random, waiting, 1 - Math.exp(-rate * rhythm));
                    yield new double[] {exits, waiting - exits / 2.0 + arrivals / 2.0, arrivals};
                }
                case COUNT -> new double[] {Draws.poisson(random, size * rhythm), 1, 0};
                case VALUE -> new double[] {size * (1 + 0.05 * random.nextGaussian()), 1, 0};
            };
        }

        /** The point of what was seen; of counts one day long, however many parts it has. */
        MetricPoint point(int day, String breakdown, String value, double[] seen) {
            Instant start = MONDAY.plus(Duration.ofDays(day));
            return new MetricPoint(
                    metric,
                    breakdown,
                    value,
                    "day",
                    start,
                    start.plus(Duration.ofDays(1)),
                    word(this),
                    seen[0],
                    this == COUNT || this == VALUE ? 1 : seen[1],
                    this == STAGE ? Long.valueOf((long) seen[2]) : null,
                    "d1",
                    false);
        }
    }

    /** A series of some days; {@code left} says how much of the usual a day has. */
    static List<MetricPoint> series(Kind kind, long seed, int days, double size, IntToDoubleFunction left) {
        Random random = new Random(seed);
        List<MetricPoint> points = new ArrayList<>();
        int waiting = (int) (size * 5);
        for (int day = 0; day < days; day++) {
            double share = left.applyAsDouble(day);
            boolean sized = kind == Kind.COUNT || kind == Kind.VALUE;
            double rate = kind == Kind.STAGE ? 0.2 : 0.05;
            double[] seen = kind.seen(random, day, sized ? size * share : size, sized ? rate : rate * share, waiting);
            waiting += (int) (seen[2] - seen[0]);
            points.add(kind.point(day, "(total)", "(total)", seen));
        }
        return points;
    }

    private static String word(Kind kind) {
        return switch (kind) {
            case RATE -> MetricPoint.RATE;
            case STAGE -> MetricPoint.DURATION;
            case COUNT -> MetricPoint.COUNT;
            case VALUE -> MetricPoint.VALUE;
        };
    }

    static MetricPoint point(
            String metric, String kind, Instant start, double numerator, double denominator, @Nullable Long arrivals) {
        return new MetricPoint(
                metric,
                "(total)",
                "(total)",
                "day",
                start,
                start.plus(Duration.ofDays(1)),
                kind,
                numerator,
                denominator,
                arrivals,
                "d1",
                false);
    }

    /** The same window with one event more or less. */
    static MetricPoint corrected(MetricPoint point, int by) {
        return new MetricPoint(
                point.metric(),
                point.breakdown(),
                point.value(),
                point.grain(),
                point.windowStart(),
                point.windowEnd(),
                point.kind(),
                Math.max(0, point.numerator() + (by % 2 == 0 ? 1 : -1)),
                point.denominator(),
                point.arrivals(),
                point.definition(),
                point.deleted());
    }

    /** A machine that watches as usual, but with another c. */
    static SeriesMachine machine(double c) {
        return new SeriesMachine(Vigilance.usual(Grain.DAY).withWindowsBetweenFalseAlarms(c), Seasons.NONE);
    }

    /** The signals that stand after all points have come one after the other. */
    static List<Signal> signals(SeriesMachine machine, String key, List<MetricPoint> points) {
        Memory<MetricPoint> memory = new Memory<>();
        Map<String, Signal> standing = new TreeMap<>();
        Step<Clue> step = new Step<>();
        for (MetricPoint point : points) {
            step.advance(machine, key, memory, true, point, point.windowEnd().toEpochMilli());
            step.rows(row -> {
                if (row.table().equals(Signal.TABLE.name())) {
                    Signal signal = Signal.of(row);
                    if (signal.deleted()) {
                        standing.remove(signal.signalId());
                    } else {
                        standing.put(signal.signalId(), signal);
                    }
                }
            });
            step.clear();
        }
        return new ArrayList<>(standing.values());
    }

    /** The day on which a signal was noticed, from the first. */
    static int noticed(Signal signal, Instant first) {
        Object start = Json.read(signal.evidence()).get("window_start");
        return (int)
                Duration.between(first, Instant.parse(String.valueOf(start))).toDays();
    }
}
