package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sharing out a total, the effect of removing a state, and why a rate moved. */
class SharesTest {

    @Test
    void partsSumToTheTotalAndNoneIsAUnitAwayFromItsQuota() {
        Seeds.hold(random -> {
            double[] weights = random.doubles(1 + random.nextInt(9))
                    .map(w -> w < 0.2 ? 0 : w)
                    .toArray();
            weights[random.nextInt(weights.length)] = 1;
            long total = random.nextInt(4) == 0 ? random.nextInt(5) : random.nextLong() >> random.nextInt(60);
            long[] parts = Apportionment.split(total, weights);
            assertThat(Arrays.stream(parts).sum()).isEqualTo(total);
            double sum = Arrays.stream(weights).sum();
            for (int i = 0; i < parts.length; i++) {
                double quota = total * (weights[i] / sum);
                assertThat(parts[i] - quota).isCloseTo(0, within(1 + Math.abs(total) * 1e-8));
            }
        });
    }

    @Test
    void whatIsLeftGoesToTheLargestRemaindersFirst() {
        assertThat(Apportionment.split(100, new double[] {1, 1, 1})).containsExactly(34, 33, 33);
        assertThat(Apportionment.split(-100, new double[] {1, 1, 1})).containsExactly(-34, -33, -33);
        assertThat(Apportionment.split(10, new double[] {4, 2, 4, 9})).containsExactly(2, 1, 2, 5);
        assertThat(Apportionment.split(5, new double[] {0, 0})).containsExactly(3, 2);
        assertThat(Apportionment.split(0, new double[] {1, 2})).containsExactly(0, 0);
    }

    @Test
    void removalEffectsOfAnExampleDoneByHand() {
        // a > b > c > won; a > nothing; b > c > nothing: p = 1/3, without a 1/6, without b or c 0.
        double[] effects = RemovalEffect.of(
                new long[] {2, 1, 0}, new long[][] {{0, 1, 0}, {0, 0, 2}, {0, 0, 0}}, new long[] {0, 0, 1}, new long[] {
                    1, 0, 1
                });
        assertThat(effects[0]).isCloseTo(0.5, within(1e-12));
        assertThat(effects[1]).isCloseTo(1, within(1e-12));
        assertThat(effects[2]).isCloseTo(1, within(1e-12));
    }

    @Test
    void aStateThatFollowsItselfChangesNothingAndNothingComesOfNoWins() {
        long[][] follows = {{7, 2}, {3, 0}};
        double[] with = RemovalEffect.of(new long[] {4, 1}, follows, new long[] {1, 2}, new long[] {3, 1});
        follows[0][0] = 0;
        assertThat(RemovalEffect.of(new long[] {4, 1}, follows, new long[] {1, 2}, new long[] {3, 1}))
                .isEqualTo(with);
        assertThat(RemovalEffect.of(new long[] {4, 1}, follows, new long[2], new long[] {3, 1}))
                .containsOnly(0);
        assertThat(RemovalEffect.of(new long[2], new long[2][2], new long[2], new long[2]))
                .containsOnly(0);
    }

    @Test
    void theChanceOfAChainIsThatOfManyWalks() {
        Seeds.hold(20, random -> {
            int n = 2 + random.nextInt(3);
            long[] starts = random.longs(n, 1, 9).toArray();
            long[] converts = random.longs(n, 0, 5).toArray();
            long[] ends = random.longs(n, 1, 9).toArray();
            long[][] follows = new long[n][];
            for (int i = 0; i < n; i++) {
                follows[i] = random.longs(n, 0, 4).toArray();
                follows[i][i] = 0;
            }
            int won = 0;
            int walks = 40_000;
            for (int w = 0; w < walks; w++) {
                int at = draw(starts, random);
                while (at >= 0) {
                    long[] next = Arrays.copyOf(follows[at], n + 2);
                    next[n] = converts[at];
                    next[n + 1] = ends[at];
                    int to = draw(next, random);
                    won += to == n ? 1 : 0;
                    at = to < n ? to : -1;
                }
            }
            double p = RemovalEffect.conversion(starts, follows, converts, ends, -1);
            assertThat((double) won / walks).isCloseTo(p, within(0.012));
        });
    }

    @Test
    void theSplitSumsToTheChange() {
        Seeds.hold(random -> {
            List<RateSplit.Segment> segments = new ArrayList<>();
            for (int i = random.nextInt(7); i >= 0; i--) {
                double before = random.nextInt(3) == 0 ? 0 : random.nextInt(500);
                double now = random.nextInt(3) == 0 ? 0 : random.nextInt(500);
                segments.add(new RateSplit.Segment(
                        "s" + i,
                        Math.floor(before * random.nextDouble()),
                        before,
                        Math.floor(now * random.nextDouble()),
                        now));
            }
            RateSplit split = RateSplit.of(segments);
            assertThat(split.rate() + split.mix()).isCloseTo(split.change(), within(1e-12));
            assertThat(split.segments().stream()
                            .mapToDouble(RateSplit.Part::moved)
                            .sum())
                    .isCloseTo(split.change(), within(1e-12));
        });
    }

    @Test
    void aMixOfSegmentsWhoseRatesStoodStillIsCalledMix() {
        // The weak segment grows from 20 % to 67 %: the whole falls by 4.7 points and no segment moved.
        RateSplit split = RateSplit.of(List.of(
                new RateSplit.Segment("mobile", 10, 200, 33.5, 670),
                new RateSplit.Segment("desktop", 120, 800, 49.5, 330)));
        assertThat(split.change()).isCloseTo(-0.047, within(1e-12));
        assertThat(split.rate()).isCloseTo(0, within(1e-12));
        assertThat(split.mix()).isCloseTo(-0.047, within(1e-12));
        assertThat(split.cause()).isEqualTo("mix");
    }

    @Test
    void aBreakInOneOfEightSegmentsIsCalledRateAndThatSegmentComesFirst() {
        Seeds.hold(50, random -> {
            int broken = random.nextInt(8);
            List<RateSplit.Segment> segments = new ArrayList<>();
            for (int s = 0; s < 8; s++) {
                double rate = 0.2 + 0.03 * s;
                segments.add(new RateSplit.Segment(
                        "s" + s,
                        draw(8_000, rate, random),
                        8_000,
                        draw(1_000, s == broken ? rate / 3 : rate, random),
                        1_000));
            }
            RateSplit split = RateSplit.of(segments);
            assertThat(split.cause()).isEqualTo("rate");
            assertThat(split.segments().get(0).name()).isEqualTo("s" + broken);
        });
    }

    @Test
    void aSegmentThatComesOrGoesIsMixAlone() {
        RateSplit split = RateSplit.of(
                List.of(new RateSplit.Segment("old", 50, 100, 50, 100), new RateSplit.Segment("new", 0, 0, 0, 100)));
        assertThat(split.rate()).isZero();
        assertThat(split.change()).isCloseTo(-0.25, within(1e-12));
        assertThat(RateSplit.of(List.of(new RateSplit.Segment("only before", 1, 2, 0, 0)))
                        .change())
                .isZero();
    }

    private static int draw(int trials, double rate, Random random) {
        int successes = 0;
        for (int i = 0; i < trials; i++) {
            successes += random.nextDouble() < rate ? 1 : 0;
        }
        return successes;
    }

    private static int draw(long[] weights, Random random) {
        long at = (long) (random.nextDouble() * Arrays.stream(weights).sum());
        int i = 0;
        while (at >= weights[i]) {
            at -= weights[i++];
        }
        return i;
    }
}
