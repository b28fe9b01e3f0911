package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class IntervalsTest {

    @Test
    void jeffreysBoundsAreThoseOfTheTables() {
        // Brown, Cai, DasGupta 2001, appendix: n = 7 to 30, 95 %, to three decimals.
        assertThat(Jeffreys.lower(0, 7, 0.025)).isZero();
        assertThat(Jeffreys.upper(0, 7, 0.025)).isCloseTo(0.292, within(0.0006));
        assertThat(Jeffreys.lower(1, 7, 0.025)).isCloseTo(0.016, within(0.0006));
        assertThat(Jeffreys.upper(1, 7, 0.025)).isCloseTo(0.501, within(0.0006));
        assertThat(Jeffreys.upper(7, 7, 0.025)).isEqualTo(1);
        assertThat(Jeffreys.lower(2, 10, 0.025)).isCloseTo(0.044, within(0.0006));
        assertThat(Jeffreys.upper(2, 10, 0.025)).isCloseTo(0.503, within(0.0006));
    }

    @Test
    void quantilesUndoTheirDistributions() {
        for (double a : new double[] {0.5, 1, 3.5, 40, 5_000, 400_000}) {
            for (double p : new double[] {0.001, 0.05, 0.5, 0.95, 0.999}) {
                assertThat(SpecialFunctions.gamma(SpecialFunctions.gammaQuantile(p, a), a))
                        .as("gamma %s %s", p, a)
                        .isCloseTo(p, within(1e-9));
                for (double b : new double[] {2, 90, 100_000}) {
                    assertThat(SpecialFunctions.beta(SpecialFunctions.betaQuantile(p, a, b), a, b))
                            .as("beta %s %s %s", p, a, b)
                            .isCloseTo(p, within(1e-6));
                }
            }
        }
    }

    @Test
    void closedFormsAreMet() {
        assertThat(SpecialFunctions.logGamma(0.5)).isCloseTo(Math.log(Math.sqrt(Math.PI)), within(1e-13));
        assertThat(SpecialFunctions.logGamma(11)).isCloseTo(Math.log(3_628_800), within(1e-12));
        assertThat(SpecialFunctions.beta(0.3, 1, 4)).isCloseTo(1 - Math.pow(0.7, 4), within(1e-13));
        assertThat(SpecialFunctions.beta(0.3, 0.5, 0.5))
                .isCloseTo(2 / Math.PI * Math.asin(Math.sqrt(0.3)), within(1e-12));
        assertThat(SpecialFunctions.gamma(2.5, 1)).isCloseTo(1 - Math.exp(-2.5), within(1e-13));
    }

    @Test
    void theBinomialTestAddsAllThatIsAsUnlikely() {
        assertThat(BinomialTest.twoSided(5, 5, 0.5)).isCloseTo(2.0 / 32, within(1e-12));
        assertThat(BinomialTest.twoSided(5, 10, 0.5)).isCloseTo(1, within(1e-12));
        // R: binom.test(682, 925, p = 3/4)$p.value = 0.3825
        assertThat(BinomialTest.twoSided(682, 925, 0.75)).isCloseTo(0.3825, within(0.00005));
        assertThat(BinomialTest.twoSided(0, 0, 0.5)).isCloseTo(1, within(1e-12));
        assertThatThrownBy(() -> BinomialTest.twoSided(6, 5, 0.5)).hasMessageContaining("6 of 5");
    }

    @Test
    void evidenceIsGradedByWhatAFigureNeeds() {
        assertThat(Evidence.of(0, Evidence.MEDIAN_NEEDS)).isEqualTo(Evidence.NONE);
        assertThat(Evidence.of(5, Evidence.MEDIAN_NEEDS)).isEqualTo(Evidence.THIN);
        assertThat(Evidence.of(6, Evidence.MEDIAN_NEEDS)).isEqualTo(Evidence.ENOUGH);
        assertThat(Evidence.of(35, Evidence.NINTH_DECILE_NEEDS).word()).isEqualTo("thin");
    }

    @Test
    void atOneHalfTheBinomialTestNeedsNoSum() {
        for (int n = 0; n <= 60; n++) {
            for (int k = 0; k <= n; k++) {
                assertThat(BinomialTest.twoSidedAtOneHalf(k, n))
                        .as("%s of %s", k, n)
                        .isCloseTo(BinomialTest.twoSided(k, n, 0.5), within(1e-9));
            }
        }
        assertThat(BinomialTest.twoSidedAtOneHalf(1_000_000, 2_010_000)).isLessThan(1e-6);
    }
}
