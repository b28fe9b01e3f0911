package dev.weir.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void sharesKeepTheDecimalThatTellsThemApart() {
        assertThat(Figures.percent(0.0423)).isEqualTo("4.2 %");
        assertThat(Figures.percent(0.00423)).isEqualTo("0.42 %");
        assertThat(Figures.percent(0.0)).isEqualTo("0.0 %");
        assertThat(Figures.percent(1.0)).isEqualTo("100.0 %");
        assertThat(Figures.interval(0.031, 0.056)).isEqualTo("3.1 to 5.6 %");
        assertThat(Figures.points(-0.0131)).isEqualTo("−1.3 points");
    }

    @Test
    void lengthsOfTimeTakeTheUnitInWhichTheyAreShort() {
        assertThat(Figures.duration(45.0)).isEqualTo("45 s");
        assertThat(Figures.duration(1_260.0)).isEqualTo("21 min");
        assertThat(Figures.duration(18_000.0)).isEqualTo("5.0 h");
        assertThat(Figures.duration(302_400.0)).isEqualTo("3.5 d");
        assertThat(Figures.days(365.0)).isEqualTo("365 d");
    }

    @Test
    void moneyLeavesItsSmallestPartsAway() {
        assertThat(Figures.money(new BigDecimal("12300.4200"))).isEqualTo("12,300");
        assertThat(Figures.money(new BigDecimal("-1240000"))).isEqualTo("−1.24 M");
    }

    @Test
    void whatIsNotKnownIsADashAndNeverANought() {
        assertThat(Figures.percent(null)).isEqualTo(Figures.NONE);
        assertThat(Figures.interval(0.1, null)).isEqualTo(Figures.NONE);
        assertThat(Figures.count(null)).isEqualTo(Figures.NONE);
        assertThat(Figures.duration(null)).isEqualTo(Figures.NONE);
        assertThat(Figures.money(null)).isEqualTo(Figures.NONE);
        assertThat(Figures.cut("", 5)).isEqualTo(Figures.NONE);
    }

    @Test
    void aLongTextIsCutBetweenCharactersAndSaysHowLongItWas() {
        assertThat(Figures.cut("😀😀😀", 2)).isEqualTo("😀😀… (3 characters)");
        assertThat(Figures.cut("short", 5)).isEqualTo("short");
    }

    @Test
    void thinEvidenceAndYoungWindowsAreSaidInWords() {
        assertThat(Figures.caution("thin")).contains("few cases");
        assertThat(Figures.caution("none")).isEqualTo("no cases yet");
        assertThat(Figures.caution("enough")).isEmpty();
        assertThat(Figures.maturity(0.62)).isEqualTo("62.0 % matured, may still move");
        assertThat(Figures.maturity(1.0)).isEmpty();
    }
}
