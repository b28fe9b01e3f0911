package dev.weir.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.MetricPoint;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Season;
import dev.weir.playbook.Windows;
import dev.weir.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeasonsTest {
    private static final Seasons DECLARED =
            new Seasons(List.of(new Season("win_rate", Season.Cycle.MONTH_OF_QUARTER)), new Windows(ZoneOffset.UTC, 1));

    private static MetricPoint month(LocalDate first, String metric, double won, double closed) {
        Instant start = first.atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant end = first.plusMonths(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return new MetricPoint(
                metric, "(total)", "(total)", "month", start, end, MetricPoint.RATE, won, closed, null, "d", false);
    }

    private static List<Watch.Episode> episodes(List<MetricPoint> points, Seasons seasons) {
        SeriesWatch watch = new SeriesWatch(points.get(0), Vigilance.usual(Grain.MONTH), seasons);
        watch.see(points);
        return watch.episodes;
    }

    /** Win rates of .49, .54 and .83 in the months of a quarter, of 600 to 800 deals each. */
    private static List<MetricPoint> drawn(Random random, int months) {
        double[] rates = {.49, .54, .83};
        List<MetricPoint> points = new ArrayList<>();
        for (int m = 0; m < months; m++) {
            int closed = 600 + random.nextInt(200);
            int won = 0;
            for (int i = 0; i < closed; i++) {
                won += random.nextDouble() < rates[m % 3] ? 1 : 0;
            }
            points.add(month(LocalDate.of(2023, 1, 1).plusMonths(m), "win_rate/sales", won, closed));
        }
        return points;
    }

    /** The last month is a November in which three in ten wins are missing. */
    private static List<MetricPoint> fallen(List<MetricPoint> points) {
        List<MetricPoint> fallen = new ArrayList<>(points);
        MetricPoint last = points.get(22);
        fallen.set(
                22,
                month(LocalDate.of(2024, 11, 1), last.metric(), Math.rint(.7 * last.numerator()), last.denominator()));
        return fallen;
    }

    @Test
    void aSeasonDeclaredOrLearnedIsNoNewsAndAFallWithinItIs() {
        int found = 0;
        int foundLearned = 0;
        for (int seed = 0; seed < 100; seed++) {
            List<MetricPoint> points = drawn(new Random(seed), 23);
            assertThat(episodes(points, DECLARED)).as("seed %d", seed).isEmpty();
            List<MetricPoint> fallen = fallen(points);
            found += episodes(fallen, DECLARED).stream().anyMatch(e -> e.anchor == 22) ? 1 : 0;
            assertThat(episodes(points, Seasons.NONE))
                    .as("seed %d, learned", seed)
                    .isEmpty();
            foundLearned += episodes(fallen, Seasons.NONE).stream().anyMatch(e -> e.anchor == 22) ? 1 : 0;
        }
        assertThat(found).isGreaterThanOrEqualTo(95);
        assertThat(foundLearned).as("learned from four quarters").isGreaterThanOrEqualTo(90);
    }

    @Test
    void aSeasonIsOfTheMetricItNames() {
        assertThat(DECLARED.declares(Seasons.Cycle.MONTH_OF_QUARTER, "win_rate/sales"))
                .isTrue();
        assertThat(DECLARED.declares(Seasons.Cycle.MONTH_OF_QUARTER, "conversion/signup/trial"))
                .isFalse();
        assertThat(DECLARED.declares(Seasons.Cycle.WEEKDAY, "win_rate/sales")).isFalse();
        Seasons.Place may = DECLARED.place(Instant.parse("2023-05-01T00:00:00Z").toEpochMilli());
        assertThat(may.month()).isEqualTo(1);
        assertThat(may.weekday()).as("a Monday").isZero();
        assertThat(may.quarter())
                .isEqualTo(DECLARED.place(Instant.parse("2023-06-30T00:00:00Z").toEpochMilli())
                        .quarter());
    }

    /** Real opportunities: a third month of .79 to .83 after first ones of .49 is usual, a November at 70 % of itself is not. */
    @Test
    void realWinRatesOfTenMonthsAreQuietUntilNovemberFalls() throws IOException {
        List<MetricPoint> points = new ArrayList<>();
        List<MetricPoint> fallen = new ArrayList<>();
        for (int m = 10; m < 15; m++) {
            // Deals were created from October on, and none closed before March.
            MetricPoint empty = month(LocalDate.of(2016, 1, 1).plusMonths(m - 1), "win_rate/sales", 0, 0);
            points.add(empty);
            fallen.add(empty);
        }
        for (String line : Files.readAllLines(SharedData.file("expected/maven_by_close_month.csv"))) {
            String[] values = line.split(",", -1);
            if (!values[0].equals("close_date")) {
                LocalDate first = LocalDate.parse(values[0] + "-01");
                double closed = Double.parseDouble(values[1]);
                double won = Double.parseDouble(values[2]);
                points.add(month(first, "win_rate/sales", won, closed));
                boolean november = first.getMonthValue() == 11;
                fallen.add(month(first, "win_rate/sales", november ? Math.rint(.7 * won) : won, closed));
            }
        }
        assertThat(episodes(points, DECLARED)).isEmpty();
        assertThat(episodes(fallen, DECLARED)).hasSize(1);
        assertThat(fallen.get(episodes(fallen, DECLARED).get(0).anchor).windowStart())
                .isEqualTo(Instant.parse("2017-11-01T00:00:00Z"));
    }
}
