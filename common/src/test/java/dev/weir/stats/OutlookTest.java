package dev.weir.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.machine.Sums;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutlookTest {
    private static final long DAY = 86_400_000L;
    private static final long WITHIN = 14 * DAY;

    @Test
    void whoWaitsAtAnAgeArrivesAsOftenAsThoseWhoGotPastIt() {
        // Of 100, 20 arrive on day 1, 10 on day 5, 70 never: of 80 past day 1, 10 will.
        Sums arrived = new Sums();
        Buckets.add(arrived, 0, 0, DAY, 20);
        Buckets.add(arrived, 0, 0, 5 * DAY, 10);
        TreeMap<Integer, Long> never = new TreeMap<>();
        never.put(LogBuckets.bucket(WITHIN), 70L);
        Outlook outlook = new Outlook(Buckets.read(arrived, 0, 0), never);
        assertThat(expected(outlook, 0)).isCloseTo(0.300, within(0.006));
        assertThat(expected(outlook, 2 * DAY)).isCloseTo(10 / 80.0, within(0.007));
        assertThat(expected(outlook, 6 * DAY)).isCloseTo(0, within(0.008)).isGreaterThan(0);
        assertThat(outlook.further(new TreeMap<>(), 0.05)).isEqualTo(Outlook.Further.NOBODY);
    }

    @Test
    void whoIsStillOnTheWayCountsUpToTheirAge() {
        // 100 of full age as above, and 100 seen for two days of whom 20 have arrived: the later half must not look
        // worse.
        Sums arrived = new Sums();
        Buckets.add(arrived, 0, 0, DAY, 40);
        Buckets.add(arrived, 0, 0, 5 * DAY, 10);
        TreeMap<Integer, Long> waiting = new TreeMap<>();
        waiting.put(LogBuckets.bucket(WITHIN), 70L);
        waiting.put(LogBuckets.bucket(2 * DAY), 80L);
        Outlook outlook = new Outlook(Buckets.read(arrived, 0, 0), waiting);
        assertThat(expected(outlook, 0)).isCloseTo(0.300, within(0.006));
    }

    private static double expected(Outlook outlook, long age) {
        TreeMap<Integer, Long> one = new TreeMap<>();
        one.put(LogBuckets.bucket(age), 1L);
        return outlook.further(one, 0.05).expected();
    }

    /**
     * 1,000 cohorts in the middle of their time, each with its own past of a few hundred to some thousands: the final rate
     * lies in the interval as often as that says.
     */
    @ParameterizedTest(name = "{0} a day, {1} finally, {2} days of the past, seen after {3} days")
    @CsvSource({"60, 0.30, 30, 3", "200, 0.10, 21, 5", "400, 0.05, 60, 1", "40, 0.60, 28, 7"})
    void theIntervalHoldsTheFinalRateAsOftenAsItSays(int aDay, double rate, int past, int age) {
        int cohorts = 1_000;
        int held = 0;
        for (int cohort = 0; cohort < cohorts; cohort++) {
            Random random = new Random(cohort);
            double scale = (1 + 3 * random.nextDouble()) * DAY;
            Cohort earlier = new Cohort();
            long now = (past + age) * DAY;
            for (int day = 0; day < past; day++) {
                for (int i = 0; i < aDay; i++) {
                    earlier.add(random, day * DAY + (long) (random.nextDouble() * DAY), now, rate, scale);
                }
            }
            Cohort young = new Cohort();
            for (int i = 0; i < aDay; i++) {
                young.add(random, past * DAY + (long) (random.nextDouble() * DAY), now, rate, scale);
            }
            Outlook.Further further =
                    new Outlook(Buckets.read(earlier.arrived, 0, 0), earlier.waiting).further(young.waiting, 0.05);
            held += further.low() <= young.later && young.later <= further.high() ? 1 : 0;
        }
        System.out.printf(
                "the interval of 90 %% held the final rate in %.1f %% of %d cohorts%n",
                100.0 * held / cohorts, cohorts);
        assertThat(held / (double) cohorts).isBetween(0.88, 0.92);
    }

    /** People who start, seen at a moment. */
    private static final class Cohort {
        final Sums arrived = new Sums();
        final TreeMap<Integer, Long> waiting = new TreeMap<>();
        int later;

        /** Whoever arrives takes an exponential time, within the limit. */
        void add(Random random, long start, long now, double rate, double scale) {
            long takes = random.nextDouble() < rate
                    ? (long) (-scale * Math.log(1 - random.nextDouble() * (1 - Math.exp(-WITHIN / scale))))
                    : Long.MAX_VALUE;
            long age = Math.min(WITHIN, now - start);
            if (takes <= age) {
                Buckets.add(arrived, 0, 0, takes, 1);
            } else {
                waiting.merge(LogBuckets.bucket(age), 1L, Long::sum);
                later += takes <= WITHIN ? 1 : 0;
            }
        }
    }
}
