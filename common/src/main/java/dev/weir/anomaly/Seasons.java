package dev.weir.anomaly;

import dev.weir.event.MetricPoint;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Season;
import dev.weir.playbook.Windows;
import java.io.Serializable;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The rhythms that a playbook says its metrics have: each window stands in one of some phases, and is expected at the level
 * of its phase. Of what is not declared, a daily series has weekdays and no other has any.
 */
public record Seasons(List<Season> declared, Windows windows) implements Serializable {
    /** None declared. */
    public static final Seasons NONE = new Seasons(List.of(), new Windows(ZoneOffset.UTC, 1));

    private static final int MONTHS = 3;

    public static Seasons of(Playbook playbook) {
        return new Seasons(playbook.seasons(), Windows.of(playbook));
    }

    /** How many phases the playbook says the series of a point has; 0 where it says nothing. */
    int phases(MetricPoint point) {
        String kind = point.metric().substring(0, Math.max(0, point.metric().indexOf('/')));
        // A quarter has all of its months.
        boolean months = !point.grain().equals("quarter")
                && declared.stream()
                        .anyMatch(season -> season.cycle() == Season.Cycle.MONTH_OF_QUARTER
                                && season.metric().equals(kind));
        return months ? MONTHS : 0;
    }

    /** The phase of a window of such a series, from 0: the month in which it starts, of the fiscal quarter. */
    int phase(MetricPoint point) {
        int month = windows.date(point.windowStart().toEpochMilli()).getMonthValue();
        return Math.floorMod(month - windows.fiscalYearStart(), MONTHS);
    }
}
