package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EstimateTest {
    /** Newcombe's example 56/70 against 48/80: by Wilson's intervals 0.0524 to 0.3339; Jeffreys' differ by little. */
    @Test
    void theDifferenceOfTwoSharesIsThatOfNewcombe() {
        Estimate difference = Estimate.share(56, 70).minus(Estimate.share(48, 80));
        assertThat(difference.value()).isCloseTo(0.2, within(1e-12));
        assertThat(difference.low()).isCloseTo(0.0524, within(0.004));
        assertThat(difference.high()).isCloseTo(0.3339, within(0.004));
        assertThat(difference.isClear()).isTrue();
    }

    @Test
    void withoutCasesNothingIsClear() {
        assertThat(Estimate.share(0, 0).minus(Estimate.share(5, 10)).isClear()).isFalse();
        assertThat(Estimate.logRate(0, 1).minus(Estimate.logRate(3, 1)).isClear())
                .isFalse();
        assertThat(Estimate.share(3, 10).minus(Estimate.share(3, 10)).isClear()).isFalse();
    }

    /** Where nothing changed, four intervals put together leave out 0 in about one of twenty reviews. */
    @Test
    void ofReviewsOfNothingAboutOneInTwentyIsClear() {
        Random draws = new Random(7);
        int clear = 0;
        for (int i = 0; i < 2000; i++) {
            Estimate here = share(draws, 200, 0.2).minus(share(draws, 300, 0.2));
            Estimate there = share(draws, 150, 0.4).minus(share(draws, 300, 0.4));
            clear += here.minus(there).isClear() ? 1 : 0;
        }
        assertThat(clear / 2000.0).isBetween(0.03, 0.07);
    }

    private static Estimate share(Random draws, int trials, double rate) {
        long successes = draws.doubles(trials).filter(draw -> draw < rate).count();
        return Estimate.share((double) successes, trials);
    }
}
