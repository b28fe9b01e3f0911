package dev.weir.anomaly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Difference;
import dev.weir.machine.InMemory;
import dev.weir.machine.Json;
import dev.weir.machine.Row;
import dev.weir.testing.Seeds;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CauseMachineTest {
    private static final Instant MONDAY = Instant.parse("2026-01-05T00:00:00Z");
    private static final int WEEKS = 24;
    private static final int CHANGE = 16;

    /** What one value had in a week. */
    private record Week(String breakdown, String value, double reached, double entered) {}

    /** The values of a week, each breakdown whole. */
    private interface Course {
        List<Week> in(int week, Random random);
    }

    /** The machines as the job joins them: points to their series and window, questions, answers, signals. */
    private static final class Watch {
        final InMemory<Clue, Clue> causes = new InMemory<>(new CauseMachine(), Signal.TABLE);
        final InMemory<Clue, Clue> shares = new InMemory<>(new SharesMachine());
        final InMemory<MetricPoint, Clue> series =
                new InMemory<>(new SeriesMachine(), WatchTables.METRIC_POINT, Signal.TABLE);
        private int seen;

        Watch() {
            series.sends(shares::apply);
            shares.sends(causes::apply);
        }

        void see(MetricPoint point) {
            series.comes(SeriesMachine.key(point), point);
            Clue clue = Clue.of(point);
            if (clue != null) {
                shares.comes(Clue.key(new Difference<>("", true, clue, null)), clue);
            }
            List<Row> said = series.said();
            for (; seen < said.size(); seen++) {
                if (said.get(seen).table().equals(Signal.TABLE.name())) {
                    Signal signal = Signal.of(said.get(seen));
                    causes.comes(signal.signalId(), Clue.of(signal));
                }
            }
        }

        /** The signals that stand, of the whole. */
        List<Signal> ofTheWhole() {
            return causes.rows().values().stream()
                    .map(Signal::of)
                    .filter(signal -> !signal.deleted() && "(total)".equals(signal.breakdown()))
                    .toList();
        }
    }

    private static MetricPoint point(int week, String breakdown, String value, double reached, double entered) {
        Instant start = MONDAY.plus(Duration.ofDays(7L * week));
        return new MetricPoint(
                "conversion/signup/trial",
                breakdown,
                value,
                "week",
                start,
                start.plus(Duration.ofDays(7)),
                MetricPoint.RATE,
                reached,
                entered,
                null,
                "d1",
                false);
    }

    private static List<MetricPoint> points(long seed, Course course) {
        Random random = new Random(seed);
        List<MetricPoint> points = new ArrayList<>();
        for (int week = 0; week < WEEKS; week++) {
            List<Week> values = course.in(week, random);
            String first = values.get(0).breakdown;
            double reached = 0;
            double entered = 0;
            for (Week value : values) {
                points.add(point(week, value.breakdown, value.value, value.reached, value.entered));
                reached += value.breakdown.equals(first) ? value.reached : 0;
                entered += value.breakdown.equals(first) ? value.entered : 0;
            }
            points.add(point(week, "(total)", "(total)", reached, entered));
        }
        return points;
    }

    private static Week drawn(Random random, String breakdown, String value, double entered, double rate) {
        double spread = random.nextGaussian() * Math.sqrt(entered * rate * (1 - rate));
        return new Week(breakdown, value, Math.max(0, Math.rint(entered * rate + spread)), Math.rint(entered));
    }

    private static @Nullable Object evidence(Signal signal, String name) {
        return Json.read(signal.evidence()).get(name);
    }

    private static double number(Signal signal, String name) {
        return evidence(signal, name) instanceof BigDecimal number ? number.doubleValue() : Double.NaN;
    }

    @Test
    void othersWhoAlwaysConvertedLessAreTheMixThoughEveryRateStood() {
        Watch watch = new Watch();
        points(1, (week, random) -> {
                    double mobile = week < CHANGE ? 0.2 : 0.67;
                    return List.of(
                            new Week("device", "mobile", Math.rint(10_000 * mobile * 0.05), 10_000 * mobile),
                            new Week(
                                    "device",
                                    "desktop",
                                    Math.rint(10_000 * (1 - mobile) * 0.15),
                                    10_000 * (1 - mobile)),
                            // By channel nothing explains it: all convert less.
                            new Week("channel", "ads", mobile < 0.5 ? 650 : 415, 5_000),
                            new Week("channel", "organic", mobile < 0.5 ? 650 : 415, 5_000));
                })
                .forEach(watch::see);
        assertThat(watch.ofTheWhole()).hasSize(1);
        Signal signal = watch.ofTheWhole().get(0);
        assertThat(evidence(signal, "cause")).isEqualTo("mix");
        assertThat(evidence(signal, "split_by")).isEqualTo("device");
        double change = number(signal, "rate_part") + number(signal, "mix_part");
        assertThat(change).isCloseTo(-0.047, within(0.0005));
        assertThat(Math.abs(number(signal, "rate_part"))).isLessThan(Math.abs(change) / 100);
        assertThat(String.valueOf(evidence(signal, "splits"))).contains("split_by=channel", "cause=rate");
    }

    @Test
    void aBreakInOneOfEightSegmentsIsTheRateAndThatSegmentMovedMost() {
        int named = 0;
        for (int seed = 0; seed < 20; seed++) {
            Watch watch = new Watch();
            points(seed, (week, random) -> {
                        List<Week> values = new ArrayList<>();
                        for (int s = 0; s < 8; s++) {
                            double rate = s == 5 && week >= CHANGE ? 0.05 : 0.15;
                            values.add(
                                    drawn(random, "segment", "s" + s, s == 5 ? 1_000 : 300 + random.nextInt(30), rate));
                        }
                        return values;
                    })
                    .forEach(watch::see);
            for (Signal signal : watch.ofTheWhole()) {
                named +=
                        "rate".equals(evidence(signal, "cause")) && "s5".equals(evidence(signal, "moved_most")) ? 1 : 0;
            }
        }
        assertThat(named).isGreaterThanOrEqualTo(18);
    }

    @Test
    void withoutABreakdownThereIsNoCause() {
        Watch watch = new Watch();
        points(1, (week, random) -> List.of(drawn(random, "x", "x", 1_000, week < CHANGE ? 0.2 : 0.1))).stream()
                .filter(point -> point.breakdown().equals("(total)"))
                .forEach(watch::see);
        assertThat(watch.ofTheWhole()).hasSize(1);
        assertThat(evidence(watch.ofTheWhole().get(0), "cause")).isNull();
    }

    @Test
    void aFallThatWasNeverSoIsTakenBack() {
        Watch watch = new Watch();
        Course fall = (week, random) -> List.of(drawn(random, "device", "mobile", 1_000, week < CHANGE ? 0.2 : 0.1));
        points(1, fall).forEach(watch::see);
        assertThat(watch.ofTheWhole()).hasSize(1);
        points(1, (week, random) -> List.of(drawn(random, "device", "mobile", 1_000, 0.2)))
                .forEach(watch::see);
        assertThat(watch.ofTheWhole()).isEmpty();
        assertThat(watch.shares.sent()).isEmpty();
    }

    @Test
    void inWhateverOrderPointsComeTheCauseIsTheSame() {
        List<MetricPoint> points = points(
                3,
                (week, random) -> List.of(
                        drawn(random, "device", "mobile", 600 + random.nextInt(200), week < CHANGE ? 0.2 : 0.08),
                        drawn(random, "device", "desktop", 400, 0.3)));
        Watch straight = new Watch();
        points.forEach(straight::see);
        List<Signal> expected = straight.ofTheWhole();
        assertThat(expected).isNotEmpty().allSatisfy(signal -> assertThat(evidence(signal, "cause"))
                .isEqualTo("rate"));
        Seeds.hold(40, random -> {
            List<MetricPoint> shuffled = new ArrayList<>(points);
            shuffled.addAll(points.subList(0, random.nextInt(points.size())));
            Collections.shuffle(shuffled, random);
            Watch watch = new Watch();
            shuffled.forEach(watch::see);
            assertThat(watch.ofTheWhole()).isEqualTo(expected);
            assertThat(watch.shares.sent().values()).allSatisfy(CauseMachineTest::eachOnce);
        });
    }

    private static void eachOnce(Map<Clue, Integer> held) {
        assertThat(held.values()).containsOnly(1);
    }
}
