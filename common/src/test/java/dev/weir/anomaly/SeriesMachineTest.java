package dev.weir.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Json;
import dev.weir.machine.Memory;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Season;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
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
    private static final SeriesMachine MACHINE = new SeriesMachine();

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
        final SeriesMachine machine;
        final Memory<MetricPoint> memory = new Memory<>();
        final Map<String, Row> rows = new TreeMap<>();

        Run() {
            this(MACHINE);
        }

        Run(SeriesMachine machine) {
            this.machine = machine;
        }

        Run take(List<MetricPoint> points) {
            for (MetricPoint point : points) {
                take(point);
            }
            return this;
        }

        void take(MetricPoint point) {
            Step<Clue> step = new Step<>();
            step.advance(machine, SeriesMachine.key(point), memory, true, point, 0);
            publish(step);
        }

        private void publish(Step<Clue> step) {
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

    private static SeriesWatch watch(List<MetricPoint> points) {
        SeriesWatch watch = new SeriesWatch(points.get(0), Vigilance.usual(Grain.DAY), Seasons.NONE);
        watch.see(points);
        return watch;
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
                SeriesWatch watch = watch(points);
                assertThat(watch.moments.get(89).score).isNotNaN();
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
            SeriesWatch watch = watch(stage(seed, 90, 3, day -> day < 56 ? 1 : 0.38));
            for (Watch.Episode episode : watch.episodes) {
                assertThat(episode.anchor).as("seed %d", seed).isGreaterThanOrEqualTo(56);
                delays += episode.anchor - 56;
                found++;
            }
        }
        assertThat(found).isBetween(97, 100);
        assertThat(delays / found).isLessThan(15);
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
        MetricPoint gone = point(9, MetricPoint.RATE, 0, 0, null);
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

    @Test
    void aWalkTakenUpAgainEndsWhereANewOneDoes() {
        Seeds.hold(60, random -> {
            List<MetricPoint> points = new ArrayList<>(
                    random.nextBoolean()
                            ? count(random.nextLong(), 120, 60, day -> day < 60 ? 1 : 0.4)
                            : rate(random.nextLong(), 120, 150, day -> day < 60 || day > 90 ? 1 : 0.4));
            SeriesMachine machine = new SeriesMachine();
            Run remembered = new Run(machine);
            for (int i = 0; i < 150; i++) {
                MetricPoint point = points.get(i < 120 ? i : random.nextInt(120));
                int wrong = random.nextInt(10);
                remembered.take(wrong < 8 ? point : changed(point, 2 * point.numerator(), wrong == 8));
            }
            Run fresh = new Run(new SeriesMachine());
            remembered.memory.facts.forEach(fresh::take);
            assertThat(standing(remembered)).isEqualTo(standing(fresh));
        });
    }

    private static MetricPoint changed(MetricPoint point, double numerator, boolean deleted) {
        return new MetricPoint(
                point.metric(),
                point.breakdown(),
                point.value(),
                point.grain(),
                point.windowStart(),
                point.windowEnd(),
                point.kind(),
                numerator,
                point.denominator(),
                point.arrivals(),
                "d1",
                deleted);
    }

    /** Visits a day, with a weekly rhythm. */
    private static List<MetricPoint> count(long seed, int days, double mean, Course course) {
        Random random = new Random(seed);
        List<MetricPoint> points = new ArrayList<>();
        for (int day = 0; day < days; day++) {
            points.add(
                    point(day, MetricPoint.COUNT, poisson(random, mean * WEEK[day % 7] * course.left(day)), 1, null));
        }
        return points;
    }

    @Test
    void aCountIsToldOfOnEitherSide() {
        List<Signal> fewer =
                new Run().take(count(1, 100, 80, day -> day < 80 ? 1 : 0.5)).signals();
        assertThat(fewer).extracting(Signal::kind).containsExactly(Signal.VOLUME_DROP);
        assertThat(day(Instant.parse(evidence(fewer.get(0), "window_start")))).isBetween(80.0, 86.0);
        List<Signal> more =
                new Run().take(count(1, 100, 80, day -> day < 80 ? 1 : 2)).signals();
        assertThat(more).extracting(Signal::kind).containsExactly(Signal.VOLUME_RISE);
        assertThat(Double.parseDouble(evidence(more.get(0), "fall"))).isBetween(0.4, 0.6);
    }

    @Test
    void aNewLevelOfACountIsUsualAfterFourWeeks() {
        Run run = new Run().take(count(2, 160, 80, day -> day < 80 ? 1 : 2));
        assertThat(run.signals()).hasSize(1);
        assertThat(day(Objects.requireNonNull(run.signals().get(0).endedAt()))).isBetween(106.0, 116.0);
    }

    @Test
    void weekdaysAreLearnedFromEightWeeks() {
        SeriesWatch watch = watch(count(4, 130, 100, day -> 1));
        assertThat(watch.moments.get(120).expected / watch.moments.get(125).expected)
                .as("a Tuesday to a Sunday")
                .isBetween(2.2, 3.6);
        assertThat(watch.moments.get(45).expected).isEqualTo(watch.moments.get(48).expected);
        assertThat(watch.episodes).isEmpty();
    }

    @Test
    void windowsWithoutAPointAreEmptyOnes() {
        Run run = new Run();
        run.take(point(0, MetricPoint.RATE, 5, 100, null));
        run.take(point(4, MetricPoint.RATE, 5, 100, null));
        assertThat(run.rows).hasSize(5);
        run.take(point(100, MetricPoint.RATE, 5, 100, null));
        assertThat(run.rows).as("thirty of them, then the series had ended").hasSize(5 + 30 + 1);
        run.take(point(2, MetricPoint.RATE, 7, 100, null));
        assertThat(run.rows.values().stream().filter(row -> "7.0".equals(row.values()[6])))
                .hasSize(1);
        assertThat(run.rows.values().stream().filter(row -> !row.deleted())).hasSize(36);
    }

    /** The win rate of months whose third is far better, 150 deals each; a planted fall from some month on. */
    private static List<MetricPoint> quarters(long seed, int months, int fallFrom) {
        Random random = new Random(seed);
        List<MetricPoint> points = new ArrayList<>();
        for (int month = 0; month < months; month++) {
            LocalDate date = LocalDate.of(2020, 1, 1).plusMonths(month);
            double share = new double[] {0.49, 0.63, 0.83}[month % 3] * (month < fallFrom ? 1 : 0.7);
            int won = 0;
            for (int deal = 0; deal < 150; deal++) {
                won += random.nextDouble() < share ? 1 : 0;
            }
            points.add(new MetricPoint(
                    "win_rate/sales",
                    "(total)",
                    "(total)",
                    "month",
                    date.atStartOfDay(ZoneOffset.UTC).toInstant(),
                    date.plusMonths(1).atStartOfDay(ZoneOffset.UTC).toInstant(),
                    MetricPoint.RATE,
                    won,
                    150,
                    null,
                    "d1",
                    false));
        }
        return points;
    }

    @Test
    void theMonthsOfAQuarterDoNotAlarmAndAFallInThemDoes() {
        Seasons declared =
                new Seasons(List.of(new Season("win_rate", Season.Cycle.MONTH_OF_QUARTER)), Seasons.NONE.windows());
        for (Seasons seasons : List.of(Seasons.NONE, declared)) {
            int found = 0;
            for (int seed = 0; seed < 20; seed++) {
                SeriesMachine machine = new SeriesMachine(Vigilance.usual(Grain.MONTH), seasons);
                assertThat(new Run(machine).take(quarters(seed, 36, 36)).signals())
                        .as("seed %d, %s", seed, seasons)
                        .isEmpty();
                List<Signal> signals =
                        new Run(machine).take(quarters(seed, 36, 24)).signals();
                found += signals.isEmpty() ? 0 : 1;
                assertThat(signals).allMatch(s -> !Instant.parse(evidence(s, "window_start"))
                        .isBefore(Instant.parse("2022-01-01T00:00:00Z")));
            }
            assertThat(found).as("of 20, %s", seasons).isGreaterThanOrEqualTo(18);
        }
    }

    @Test
    void aSeriesThatIsSmallByDayIsWatchedByWeek() {
        Playbook playbook = Playbooks.of(
                List.of(), List.of(Playbooks.funnel("signup", "a b", 1_000, List.of(), Grain.DAY, Grain.WEEK)));
        String definition = playbook.funnels().get(0).definition();
        List<MetricPoint> days = new ArrayList<>();
        List<MetricPoint> weeks = new ArrayList<>();
        Random random = new Random(1);
        for (int week = 0; week < 60; week++) {
            double all = 0;
            double trials = 0;
            for (int day = 0; day < 7; day++) {
                int visits = poisson(random, 5);
                int reached = 0;
                for (int v = 0; v < visits; v++) {
                    reached += random.nextDouble() < (week < 40 ? 0.5 : 0.15) ? 1 : 0;
                }
                days.add(of(definition, Grain.DAY, 7 * week + day, reached, visits));
                all += visits;
                trials += reached;
            }
            weeks.add(of(definition, Grain.WEEK, 7 * week, trials, all));
        }
        SeriesMachine machine = new SeriesMachine(playbook);
        assertThat(new Run(machine).take(days).signals()).isEmpty();
        assertThat(new Run(machine).take(weeks).signals()).hasSize(1);
        assertThat(new Run(new SeriesMachine()).take(weeks).signals())
                .as("where no other grain is named")
                .hasSize(1);
    }

    private static MetricPoint of(String definition, Grain grain, int day, double numerator, double denominator) {
        Instant start = MONDAY.plus(Duration.ofDays(day));
        return new MetricPoint(
                "conversion/signup/trial",
                "channel",
                "ads",
                grain.word(),
                start,
                start.plus(Duration.ofDays(grain == Grain.DAY ? 1 : 7)),
                MetricPoint.RATE,
                numerator,
                denominator,
                null,
                definition,
                false);
    }

    @Test
    void aValueBeyondItsRecordsIsUnusualForAWindow() {
        Random random = new Random(3);
        List<MetricPoint> points = new ArrayList<>();
        for (int day = 0; day < 260; day++) {
            points.add(point(day, MetricPoint.VALUE, (day == 240 ? 3 : 1) * (40 + 2 * random.nextGaussian()), 1, null));
        }
        List<Signal> signals = new Run().take(points).signals();
        assertThat(signals).extracting(Signal::kind).contains(Signal.UNUSUAL);
        assertThat(signals).anyMatch(s -> s.startedAt().equals(MONDAY.plus(Duration.ofDays(240))));
        assertThat(signals).allMatch(s -> s.endedAt() != null);
        assertThat(new Run().take(points.subList(0, 199)).rows.values())
                .as("nothing is expected yet")
                .allMatch(row -> row.values()[9] == null);
    }
}
