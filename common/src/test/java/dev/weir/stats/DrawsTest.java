package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class DrawsTest {
    private static final int N = 40_000;

    private static void moments(ToDoubleFunction<Draws> draw, double mean, double variance) {
        Draws draws = new Draws(7);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < N; i++) {
            double x = draw.applyAsDouble(draws) - mean;
            sum += x;
            squares += x * x;
        }
        assertThat(sum / N).isCloseTo(0, within(5 * Math.sqrt(variance / N)));
        assertThat(squares / N).isCloseTo(variance, within(0.06 * variance));
    }

    @Test
    void meanAndVarianceAreThoseOfTheBook() {
        moments(Draws::normal, 0, 1);
        moments(draws -> draws.gamma(0.4), 0.4, 0.4);
        moments(draws -> draws.gamma(7.5), 7.5, 7.5);
        moments(draws -> draws.beta(2, 6), 0.25, 12. / (64 * 9));
        moments(draws -> draws.binomial(12, 0.3), 3.6, 2.52);
        moments(draws -> draws.binomial(1_000, 0.03), 30, 29.1);
        moments(draws -> draws.poisson(0.7), 0.7, 0.7);
        moments(draws -> draws.poisson(250), 250, 250);
    }

    @Test
    void edgesAreCertain() {
        Draws draws = new Draws(1);
        assertThat(draws.binomial(0, 0.5)).isZero();
        assertThat(draws.binomial(100, 0)).isZero();
        assertThat(draws.binomial(100, 1)).isEqualTo(100);
        assertThat(draws.poisson(0)).isZero();
    }

    @Test
    void theSameSeedDrawsTheSame() {
        Draws one = new Draws(42);
        Draws other = new Draws(42);
        for (int i = 0; i < 1_000; i++) {
            assertThat(one.gamma(1.5)).isEqualTo(other.gamma(1.5));
            assertThat(one.poisson(40)).isEqualTo(other.poisson(40));
        }
    }
}
