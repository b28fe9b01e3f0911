package dev.weir.bench.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Signal;
import dev.weir.testing.SharedData;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A small part of what {@code scripts/bench-detection} measures, so that it cannot get worse unseen. */
class DetectionTest {
    @Test
    void aFallIsFoundAsFastAsTheReadmeSays() {
        assertThat(RateTables.delay(40, 0, 200)).isLessThan(42);
        assertThat(RateTables.delay(200, 0, 200)).isLessThan(13.5);
        assertThat(RateTables.runLength(200, 52, 10)).isGreaterThan(RateTables.C);
    }

    @Test
    void aTestOfEachWindowIsTheWrongTool() {
        assertThat(RateTables.zTestDelay(40)).isGreaterThan(1_000);
        assertThat(RateTables.zTestDelay(200)).isGreaterThan(1_000);
    }

    @Test
    void quietSeriesStayWithinTheBudget() {
        int alarms = QuietSeries.falseAlarms(200, 1).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
        assertThat(alarms).isLessThanOrEqualTo(1);
    }

    @Test
    @Tag("slow")
    void plantedIncidentsAreToldOnceAndRightlyAndTakenBackWhenTheyAreCorrected() {
        PlantedIncidents.Result result = PlantedIncidents.all(4);
        assertThat(result.alone()).isGreaterThanOrEqualTo(18);
        assertThat(result.right()).isGreaterThanOrEqualTo(16);
        assertThat(result.retracted()).isEqualTo(result.found());
    }

    @Test
    void bothSpikesOfTheRealSiteAreFoundAndLittleElse() throws Exception {
        List<Signal> signals = PageViews.signals(
                PageViews.read(SharedData.file("upworthy_ga").resolve("2013.01.01-2015.04.30-daily-pageviews.csv")));
        assertThat(signals).extracting(PageViews::noticed).containsAll(PageViews.SPIKES);
        assertThat(signals).hasSizeLessThanOrEqualTo(5);
    }
}
