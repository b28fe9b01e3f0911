package dev.weir.cycletime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BottlenecksTest {
    private static final int DEMO = 0;
    private static final int LEGAL = 1;

    @Test
    void loadSaysWhereTimeGoesWithoutABefore() {
        List<Bottlenecks.Ranked> ranked =
                new Bottlenecks().rank(List.of(stage(DEMO, 10, 10, 30), stage(LEGAL, 5, 5, 90)), 7, false);
        assertThat(ranked.get(DEMO).loadRank()).isEqualTo(2);
        assertThat(ranked.get(LEGAL).loadRank()).isEqualTo(1);
        assertThat(ranked.get(LEGAL).loadShare()).isEqualTo(.75);
        assertThat(ranked.get(LEGAL).changeRank()).isNull();
        assertThat(ranked.get(LEGAL).extraWip()).isNull();
    }

    @Test
    void changeSaysWhatTakesLongerThanItDid() {
        Bottlenecks bottlenecks = new Bottlenecks();
        // Both: 2 days a deal in legal, 4 in demo.
        for (int week = 0; week < 3; week++) {
            List<Bottlenecks.Ranked> quiet =
                    bottlenecks.rank(List.of(stage(DEMO, 7, 7, 28), stage(LEGAL, 7, 7, 14)), 7, true);
            assertThat(quiet.get(LEGAL).changeRank()).isEqualTo(week == 0 ? null : Integer.valueOf(2));
        }
        // Legal takes 5 days now: with one arrival a day three more wait than would have.
        List<Bottlenecks.Ranked> slow =
                bottlenecks.rank(List.of(stage(DEMO, 7, 7, 28), stage(LEGAL, 7, 4, 20)), 7, true);
        assertThat(slow.get(LEGAL).daysLostPerDeal()).isEqualTo(3);
        assertThat(slow.get(LEGAL).extraWip()).isEqualTo(3);
        assertThat(slow.get(LEGAL).changeRank()).isEqualTo(1);
        assertThat(slow.get(LEGAL).loadRank()).isEqualTo(2);
        assertThat(slow.get(DEMO).extraWip()).isZero();
        assertThat(slow.get(LEGAL).arrivalRate()).isEqualTo(1);
        assertThat(slow.get(LEGAL).exitRate()).isEqualTo(4 / 7.);
    }

    @Test
    void withoutExitsThereIsNoFigure() {
        Bottlenecks bottlenecks = new Bottlenecks();
        bottlenecks.rank(List.of(stage(DEMO, 7, 7, 28)), 7, true);
        Bottlenecks.Ranked stuck =
                bottlenecks.rank(List.of(stage(DEMO, 7, 0, 28)), 7, true).get(0);
        assertThat(stuck.daysLostPerDeal()).isNull();
        assertThat(stuck.changeRank()).isNull();
        assertThat(stuck.loadRank()).isEqualTo(1);
    }

    @Test
    void theBaselineTrails() {
        Bottlenecks bottlenecks = new Bottlenecks();
        bottlenecks.rank(List.of(stage(DEMO, 7, 7, 700)), 7, true);
        for (int week = 0; week < 8; week++) {
            bottlenecks.rank(List.of(stage(DEMO, 7, 7, 28)), 7, true);
        }
        assertThat(bottlenecks
                        .rank(List.of(stage(DEMO, 7, 7, 28)), 7, true)
                        .get(0)
                        .daysLostPerDeal())
                .isZero();
    }

    private static Bottlenecks.Stage stage(int part, long entered, long exited, double atRiskDays) {
        return new Bottlenecks.Stage(part, entered, exited, 0, atRiskDays);
    }
}
