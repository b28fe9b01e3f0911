package dev.weir.bench.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.bench.detection.Numenta.Answers;
import dev.weir.bench.detection.Numenta.Profile;
import dev.weir.bench.detection.Numenta.Series;
import dev.weir.testing.SharedData;
import java.time.LocalDateTime;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NumentaTest {
    private static final Offset<Double> HUNDREDTH = within(0.01);

    /** Twenty points, probation of three, one window at 10 to 13. */
    private static Series series() {
        int[] window = new int[20];
        double[] worth = new double[20];
        for (int i = 0; i < 20; i++) {
            window[i] = i >= 10 && i <= 13 ? 0 : -1;
            worth[i] = i < 10 ? -1 : i <= 13 ? (14 - i) / 4.0 : -0.5;
        }
        return new Series("made", new LocalDateTime[20], new double[20], window, 1, worth);
    }

    private static Answers alarms(double threshold, int... points) {
        double[] scores = new double[20];
        for (int point : points) {
            scores[point] = threshold;
        }
        return Answers.of(series(), scores);
    }

    @Test
    void silenceIsZeroAndAnAlarmAtTheFirstPointOfTheWindowAHundred() {
        for (Profile profile : Profile.values()) {
            assertThat(Numenta.score(List.of(alarms(1)), profile)).isZero();
            assertThat(Numenta.score(List.of(alarms(1, 10)), profile)).isEqualTo(100);
            assertThat(Numenta.score(List.of(alarms(1, 0, 1, 2, 10, 11, 12)), profile))
                    .as("probation and later alarms of a window do not count")
                    .isEqualTo(100);
        }
    }

    @Test
    void aLaterAlarmIsWorthLessAndAFalseOneCosts() {
        assertThat(alarms(1, 12).worth(1, Profile.STANDARD)).isEqualTo(0.5);
        assertThat(alarms(1, 5, 10).worth(1, Profile.STANDARD)).isEqualTo(0.89);
        assertThat(alarms(1, 5, 10).worth(1, Profile.LOW_FALSE_POSITIVES)).isEqualTo(0.78);
        assertThat(alarms(1, 5).worth(1, Profile.LOW_FALSE_NEGATIVES)).isEqualTo(-2.11);
        assertThat(alarms(1, 5).worth(1.1, Profile.STANDARD)).isEqualTo(-1);
    }

    @Test
    void theBestThresholdTakesAllOrNoneOfEqualScores() {
        double[] scores = new double[20];
        scores[10] = 0.9;
        scores[15] = 0.9;
        scores[16] = 0.4;
        Numenta.Best best = Numenta.best(List.of(Answers.of(series(), scores)), Profile.STANDARD);
        assertThat(best.threshold()).isEqualTo(0.9);
        assertThat(best.worth()).isCloseTo(1 - 0.055, within(1e-12));
    }

    @Test
    @Tag("slow")
    void theScorerGivesWhatTheBenchmarkPublishedAndRecordExcessWhatTheReadmeSays() throws Exception {
        NumentaBench bench = new NumentaBench(SharedData.file("nab"));
        assertThat(bench.published("contextOSE")[0]).isCloseTo(69.900, HUNDREDTH);
        assertThat(bench.published("numenta")[0]).isCloseTo(70.101, HUNDREDTH);
        assertThat(bench.published("windowedGaussian")[0]).isCloseTo(39.650, HUNDREDTH);
        double[] ours = bench.recordExcess(1);
        assertThat(ours[0]).isGreaterThanOrEqualTo(74.9);
        assertThat(ours[1]).isGreaterThanOrEqualTo(67.0);
        assertThat(ours[2]).isGreaterThanOrEqualTo(79.5);
        assertThat(bench.recordExcess(1_000)).containsExactly(ours, within(0.1));
    }
}
