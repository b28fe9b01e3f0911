package dev.weir.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Json;
import dev.weir.machine.Memory;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.playbook.Grain;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SeriesMachineTest {
    private static final Instant MONDAY = Instant.parse("2026-01-05T00:00:00Z");
    private static final double[] WEEK = {1.25, 1.3, 1.25, 1.2, 1.1, 0.45, 0.45};
    private static final SeriesMachine MACHINE = new SeriesMachine(Seasons.NONE);

    /** How much of the usual a day has. */
    private interface Course {
        double left(int day);
    }

    private static int poisson(Random random, double mean) {
        int k = 0;
        for (double t = -Math.log(1 - random.nextDouble()); t < mean; t -= Math.log(1 - random.nextDouble())) {
            k++;
        }
        return k;
    }

    private static MetricPoint point(int day, String kind, double events, double exposure, @Nullable Long arrivals) {
        Instant start = MONDAY.plus(Duration.ofDays(day));
        String metric = kind.equals(MetricPoint.RATE) ? "conversion/signup/trial" : "dwell/sales/legal";
        return new MetricPoint(
                metric,
                "channel",
                "ads",
                "day",
                start,
                start.plus(Duration.ofDays(1)),
                kind,
                events,
                exposure,
                arrivals,
                "d1",
                false);
    }

    /** A conversion rate of 5 % among about n visits on an average day. */
    private static List<MetricPoint> rate(long seed, int days, double n, Course course) {
        Random random = new Random(seed);
        List<MetricPoint> points = new ArrayList<>();
        for (int day = 0; day < days; day++) {
            int visits = poisson(random, n * WEEK[day % 7]);
            int trials = 0;
            for (int v = 0; v < visits; v++) {
                trials += random.nextDouble() < 0.05 * course.left(day) ? 1 : 0;
            }
            points.add(point(day, MetricPoint.RATE, trials, visits, null));
        }
        return points;
    }

    /** A stage that work leaves at a fifth a day, less on weekends, with so many arrivals a day. */
    private static List<MetricPoint> stage(long seed, int days, double arrivalsADay, Course course) {
        Random random = new Random(seed);
        List<MetricPoint> points = new ArrayList<>();
        int waiting = (int) (arrivalsADay * 5);
        for (int day = 0; day < days; day++) {
            int arrivals = poisson(random, arrivalsADay * WEEK[day % 7]);
            int exits = 0;
            double hazard = 0.2 * WEEK[day % 7] * course.left(day);
            for (int d = 0; d < waiting; d++) {
                exits += random.nextDouble() < 1 - Math.exp(-hazard) ? 1 : 0;
            }
            points.add(
                    point(day, MetricPoint.DURATION, exits, waiting - exits / 2.0 + arrivals / 2.0, (long) arrivals));
            waiting += arrivals - exits;
        }
        return points;
    }

    private static final class Run {
        final Memory<MetricPoint> memory = new Memory<>();
        final Map<String, Row> rows = new TreeMap<>();

        Run take(List<MetricPoint> points) {
            for (MetricPoint point : points) {
                take(point);
            }
            return this;
        }

        void take(MetricPoint point) {
            Step<Signal> step = new Step<>();
            step.advance(MACHINE, SeriesMachine.key(point), memory, true, point, 0);
            publish(step);
        }

        private void publish(Step<Signal> step) {
            step.rows(row -> rows.put(
                    row.table() + row.key(row.table().equals("signal") ? Signal.TABLE : WatchTables.METRIC_POINT),
                    row));
        }

        List<Signal> signals() {
            return rows.values().stream()
                    .filter(row -> row.table().equals("signal") && !row.deleted())
                    .map(Signal::of)
                    .toList();
        }
    }

    private static double day(Instant instant) {
        return Duration.between(MONDAY, instant).toHours() / 24.0;
    }

    @Test
    @Tag("slow")
    void aHalvedConversionRateIsFoundInFewDays() {
        double delays = 0;
        for (int seed = 0; seed < 20; seed++) {
            Run run = new Run().take(rate(seed, 90, 200, day -> day < 60 ? 1 : 0.5));
            assertThat(run.signals()).as("seed %d", seed).hasSize(1);
            Signal signal = run.signals().get(0);
            assertThat(signal.kind()).isEqualTo(Signal.CONVERSION_DROP);
            assertThat(signal.subject()).isEqualTo("signup/trial");
            assertThat(signal.endedAt()).isNull();
            assertThat(day(signal.startedAt())).as("seed %d", seed).isBetween(53.0, 68.0);
            double noticed = day(Instant.parse(evidence(signal, "window_start")));
            assertThat(noticed).as("seed %d", seed).isBetween(60.0, 80.0);
            delays += noticed - 60;
        }
        assertThat(delays / 20).isLessThan(13);
    }

    private static String evidence(Signal signal, String name) {
        return String.valueOf(Json.read(signal.evidence()).get(name));
    }

    @Test
    void quietSeriesRaiseNothing() {
        for (int seed = 0; seed < 5; seed++) {
            for (int series = 0; series < 60; series++) {
                long of = seed * 1_000L + series;
                double size = new double[] {30, 80, 300}[series % 3];
                List<MetricPoint> points =
                        series % 2 == 0 ? rate(of, 90, size, day -> 1) : stage(of, 90, size / 8, day -> 1);
                SeriesWatch watch = new SeriesWatch(points, Vigilance.usual(Grain.DAY), Seasons.NONE);
                assertThat(watch.score[89]).isNotNull();
                assertThat(watch.episodes).as("seed %d series %d", seed, series).isEmpty();
            }
        }
    }

    @Test
    void aStageThatSlowsDownIsABottleneck() {
        List<Signal> signals =
                new Run().take(stage(1, 90, 3, day -> day < 56 ? 1 : 0.38)).signals();
        assertThat(signals).hasSize(1);
        assertThat(signals.get(0).kind()).isEqualTo(Signal.BOTTLENECK);
        assertThat(signals.get(0).subject()).isEqualTo("sales/legal");
        assertThat(day(signals.get(0).startedAt())).isBetween(50.0, 60.0);
    }

    @Test
    void threeDealsADayAreEnoughToFindASlowStageInTwoWeeks() {
        double delays = 0;
        int found = 0;
        for (int seed = 0; seed < 100; seed++) {
            SeriesWatch watch = new SeriesWatch(
                    stage(seed, 90, 3, day -> day < 56 ? 1 : 0.38), Vigilance.usual(Grain.DAY), Seasons.NONE);
            for (SeriesWatch.Episode episode : watch.episodes) {
                assertThat(episode.anchor).as("seed %d", seed).isGreaterThanOrEqualTo(56);
                delays += episode.anchor - 56;
                found++;
            }
        }
        assertThat(found).isBetween(97, 100);
        assertThat(delays / found).isLessThan(14);
    }

    @Test
    void aRiseIsNothing() {
        assertThat(new Run().take(stage(1, 90, 3, day -> day < 56 ? 1 : 2)).signals())
                .isEmpty();
        assertThat(new Run().take(rate(1, 90, 200, day -> day < 56 ? 1 : 2)).signals())
                .isEmpty();
    }

    @Test
    void aFallThatHealsEndsAndTheNextOneIsAnother() {
        Run run = new Run().take(rate(3, 200, 300, day -> (day >= 60 && day < 80) || day >= 140 ? 0.4 : 1));
        List<Signal> signals = new ArrayList<>(run.signals());
        signals.sort((a, b) -> a.startedAt().compareTo(b.startedAt()));
        assertThat(signals).hasSize(2);
        Instant ended = signals.get(0).endedAt();
        assertThat(day(Objects.requireNonNull(ended))).isBetween(78.0, 84.0);
        assertThat(day(signals.get(1).startedAt())).isBetween(138.0, 143.0);
        assertThat(signals.get(1).endedAt()).isNull();
    }

    @Test
    void aDropDoesNotBecomeTheNorm() {
        Run run = new Run().take(rate(5, 250, 200, day -> day < 60 ? 1 : 0.5));
        assertThat(run.signals()).hasSize(1);
        assertThat(run.signals().get(0).endedAt()).isNull();
    }

    @Test
    void anyOrderOfPointsAndTheirCorrectionsEndsInTheSameRows() {
        for (int seed = 0; seed < 8; seed++) {
            List<MetricPoint> points = rate(seed, 80, 200, day -> day < 50 ? 1 : 0.4);
            Run straight = new Run().take(points);
            List<MetricPoint> shuffled = new ArrayList<>(points);
            Collections.shuffle(shuffled, new Random(seed));
            Run disordered = new Run();
            Random random = new Random(seed);
            for (MetricPoint point : shuffled) {
                if (random.nextInt(3) == 0) {
                    // A first version, wrong; the right one comes after it and takes its place.
                    disordered.take(new MetricPoint(
                            point.metric(),
                            point.breakdown(),
                            point.value(),
                            point.grain(),
                            point.windowStart(),
                            point.windowEnd(),
                            point.kind(),
                            0,
                            point.denominator(),
                            null,
                            "d1",
                            random.nextBoolean()));
                }
                disordered.take(point);
                disordered.take(point);
            }
            assertThat(standing(disordered)).as("seed %d", seed).isEqualTo(standing(straight));
        }
    }

    private static List<String> standing(Run run) {
        return run.rows.values().stream()
                .filter(row -> !row.deleted())
                .map(Row::toString)
                .toList();
    }

    @Test
    void aSignalThatACorrectionVoidsIsSentAsDeleted() {
        List<MetricPoint> points = rate(1, 80, 200, day -> day < 60 ? 1 : 0.3);
        Run run = new Run().take(points);
        assertThat(run.signals()).hasSize(1);
        run.take(rate(1, 80, 200, day -> 1));
        assertThat(run.signals()).isEmpty();
        assertThat(run.rows.values().stream().filter(row -> row.table().equals("signal") && row.deleted()))
                .isNotEmpty();
    }

    @Test
    void everyWindowIsARowAndTooShortASeriesIsOnlyLearned() {
        Run run = new Run().take(rate(1, 10, 200, day -> 0.01));
        assertThat(run.rows).hasSize(10);
        Row row = run.rows.values().iterator().next();
        assertThat(row.values()).hasSize(WatchTables.METRIC_POINT.columns().size());
        assertThat(row.values()[9]).isNull();
        assertThat(row.values()[12]).isNull();
        MetricPoint gone = point(3, MetricPoint.RATE, 0, 0, null);
        run.take(new MetricPoint(
                gone.metric(),
                gone.breakdown(),
                gone.value(),
                gone.grain(),
                gone.windowStart(),
                gone.windowEnd(),
                gone.kind(),
                0,
                0,
                null,
                "d1",
                true));
        assertThat(run.rows.values().stream().filter(Row::deleted)).hasSize(1);
    }
}
