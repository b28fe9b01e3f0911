package dev.weir.anomaly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.playbook.Grain;
import org.junit.jupiter.api.Test;

class FalseAlarmBudgetTest {
    @Test
    void theSeriesTogetherBringNoMoreThanTheBudget() {
        double[] windowsAWeek = {7, 7, 7, 1, 1, 0.23};
        double[] thresholds = new FalseAlarmBudget(0.5).thresholds(windowsAWeek);
        double sum = 0;
        for (int s = 0; s < thresholds.length; s++) {
            sum += windowsAWeek[s] / thresholds[s];
        }
        assertThat(sum).isCloseTo(0.5, within(1e-12));
        assertThat(thresholds[0]).isEqualTo(7 * thresholds[3]);
    }

    @Test
    void twoThousandDailySeriesAndOneAlarmAWeekNeedFourteenThousand() {
        assertThat(FalseAlarmBudget.of("1/week").threshold(Grain.DAY, 2_000)).isEqualTo(14_000);
        assertThat(FalseAlarmBudget.of("1/day").threshold(Grain.DAY, 2_000)).isCloseTo(2_000, within(1e-9));
        assertThat(FalseAlarmBudget.of("3/month").aWeek()).isCloseTo(0.69, within(0.001));
    }

    @Test
    void whatIsNoBudgetIsRefused() {
        assertThatThrownBy(() -> FalseAlarmBudget.of("often")).hasMessageContaining("1/week");
        assertThatThrownBy(() -> FalseAlarmBudget.of("1/year")).hasMessageContaining("1/year");
        assertThatThrownBy(() -> new FalseAlarmBudget(0)).hasMessageContaining("a budget of 0");
    }
}
