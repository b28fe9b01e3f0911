package dev.weir.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.console.Charts.Change;
import dev.weir.console.Charts.Curve;
import dev.weir.console.Charts.Mark;
import dev.weir.console.Charts.Period;
import dev.weir.console.Charts.Point;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChartsTest {
    private static final LocalDate DAY = LocalDate.of(2026, 3, 2);

    private static Point point(int week, @Nullable Double seen, @Nullable Double lower, @Nullable Double upper) {
        return new Point(DAY.plusWeeks(week), seen, null, lower, upper, "week " + week, true);
    }

    @Test
    void aTrendIsTheSameBytesForTheSameNumbers() {
        List<Point> points = List.of(point(0, 0.1, null, null), point(1, 0.2, 0.05, 0.15), point(2, 0.3, 0.1, 0.2));
        Html chart = Charts.trend("t", "rate", Unit.SHARE, points, List.of());

        assertThat(Charts.trend("t", "rate", Unit.SHARE, points, List.of())).isEqualTo(chart);
        assertThat(chart.text())
                .contains("<title id=\"t-t\">rate</title>")
                .contains("From 2026-03-02 to 2026-03-16; last 30.0 %, usual 10.0 to 20.0 %"
                        .replace("10.0 to 20.0 %", "10.0 % to 20.0 %"))
                .contains("<title>week 1</title>")
                .doesNotContain("style=");
    }

    @Test
    void aLineBreaksWhereNothingWasSeenAndABandWhereNothingIsUsual() {
        String chart = Charts.trend(
                        "t",
                        "rate",
                        Unit.SHARE,
                        List.of(
                                point(0, 0.1, 0.0, 0.2),
                                point(1, 0.1, 0.0, 0.2),
                                new Point(DAY.plusWeeks(2), null, null, null, null, "", true),
                                point(3, 0.1, 0.0, 0.2),
                                point(4, 0.1, 0.0, 0.2)),
                        List.of())
                .text();

        assertThat(chart.split("class=\"band\"", -1)).hasSize(3);
        assertThat(chart).containsPattern("class=\"seen\" d=\"M[^M]*M[^M]*\"");
    }

    @Test
    void aMarkSaysWhatHappenedAndHostileWordsStayWords() {
        String chart = Charts.trend(
                        "t",
                        "rate",
                        Unit.SHARE,
                        List.of(point(0, 0.1, null, null), point(1, 0.1, null, null)),
                        List.of(new Mark(DAY.plusDays(3), "<script>alert(1)</script>", true)))
                .text();

        assertThat(chart)
                .contains("class=\"mark alarm\"")
                .contains("2026-03-05: &lt;script&gt;")
                .doesNotContain("<script>");
    }

    @Test
    void aSeriesWithoutAWindowSaysSo() {
        assertThat(Charts.trend("t", "rate", Unit.SHARE, List.of(), List.of()).text())
                .contains("rate: no window yet");
    }

    @Test
    void theBarsOfAWaterfallHangAtTheLevelBefore() {
        String chart = Charts.waterfall(
                        "w",
                        "money",
                        Unit.MONEY,
                        List.of(
                                new Change("opening", 100, true),
                                new Change("won", -40, false),
                                new Change("closing", 60, true)),
                        80.0)
                .text();

        assertThat(chart)
                .contains("opening 100, won −40, closing 60, target 80.")
                .contains("class=\"less\"");
        // The top of the second bar is the top of the first.
        String top = chart.replaceAll("(?s).*?class=\"level\" x=\"[^\"]*\" y=\"([^\"]*)\".*", "$1");
        assertThat(chart).containsPattern("class=\"less\" x=\"[^\"]*\" y=\"" + top + "\"");
    }

    @Test
    void aCurveEndsAtTheShareThatIsStillThere() {
        assertThat(Charts.curves("c", "stay", List.of(new Curve("legal", List.of(1.0, 5.0), List.of(0.5, 0.25))))
                        .text())
                .contains("legal: 25.0 % still there after 5.0 d.");
    }

    @Test
    void aForecastShowsEachPeriodAgainstItsTargetAndSaysWhatIsNotThere() {
        String chart = Charts.forecast(
                        "f",
                        "quarters",
                        Unit.MONEY,
                        List.of(
                                new Period("2026-01-01", 100.0, 900.0, 700.0, 1100.0, 800.0, 950.0),
                                new Period("2026-04-01", null, 400.0, null, null, null, null)))
                .text();

        assertThat(chart)
                .contains("2026-01-01: expected 900 (700 to 1,100), won by then 100, target 800, came 950")
                .contains("2026-04-01: expected 400, won by then –, no target, not over");
        // One in the legend, and one of the first period.
        assertThat(chart.split("class=\"target\"", -1)).hasSize(3);
        assertThat(chart.split("class=\"band\"", -1)).hasSize(3);
    }

    @Test
    void whereMarksAreTooNearTheOneThatStandsIsNamedAndTheOthersKeepTheirLineAndHint() {
        String chart = Charts.trend(
                        "t",
                        "rate",
                        Unit.SHARE,
                        List.of(point(0, 0.1, null, null), point(50, 0.1, null, null)),
                        List.of(
                                new Mark(DAY.plusDays(10), "resolved", false),
                                new Mark(DAY.plusDays(12), "stands", true),
                                new Mark(DAY.plusDays(300), "far", false)))
                .text();

        assertThat(chart).contains(">stands</text>", ">far</text>", ": resolved</title>");
        assertThat(chart).doesNotContain(">resolved</text>");
    }
}
