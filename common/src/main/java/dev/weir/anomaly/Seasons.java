package dev.weir.anomaly;

import dev.weir.playbook.Playbook;
import dev.weir.playbook.Season;
import dev.weir.playbook.Windows;
import java.io.Serializable;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The rhythms that a series may have. Which it has is learned, from eight weeks on for weekdays and from four quarters on for
 * the months of a quarter; one that the playbook declares is believed after two.
 *
 * @param declared what the playbook says
 * @param windows for local dates and fiscal quarters
 */
public record Seasons(List<Season> declared, Windows windows) implements Serializable {
    /** None declared; dates in UTC, quarters of the calendar. */
    public static final Seasons NONE = new Seasons(List.of(), new Windows(ZoneOffset.UTC, 1));

    private static final int MONTHS = 3;
    private static final LocalDate MONDAY = LocalDate.of(1970, 1, 5);

    public static Seasons of(Playbook playbook) {
        return new Seasons(playbook.seasons(), Windows.of(playbook));
    }

    /** What repeats. */
    enum Cycle {
        WEEKDAY(7, 8),
        MONTH_OF_QUARTER(MONTHS, 4);

        /** Parts of one turn. */
        final int cells;
        /** Turns from which it is learned. */
        final int turns;

        Cycle(int cells, int turns) {
            this.cells = cells;
            this.turns = turns;
        }
    }

    /** Turns from which a declared cycle is used. */
    static final int TURNS_WHEN_DECLARED = 2;

    /** Where a window stands in each cycle: its cell, and which turn it belongs to. */
    record Place(int weekday, long week, int month, long quarter) {

        int cell(Cycle cycle) {
            return switch (cycle) {
                case WEEKDAY -> weekday;
                case MONTH_OF_QUARTER -> month;
            };
        }

        long turn(Cycle cycle) {
            return switch (cycle) {
                case WEEKDAY -> week;
                case MONTH_OF_QUARTER -> quarter;
            };
        }
    }

    Place place(long windowStart) {
        LocalDate date = windows.date(windowStart);
        long days = ChronoUnit.DAYS.between(MONDAY, date);
        long months = date.getYear() * 12L + date.getMonthValue() - windows.fiscalYearStart();
        return new Place(
                (int) Math.floorMod(days, 7L),
                Math.floorDiv(days, 7L),
                (int) Math.floorMod(months, (long) MONTHS),
                Math.floorDiv(months, (long) MONTHS));
    }

    boolean declares(Cycle cycle, String metric) {
        String kind = metric.substring(0, Math.max(0, metric.indexOf('/')));
        return cycle == Cycle.MONTH_OF_QUARTER
                && declared.stream()
                        .anyMatch(season -> season.cycle() == Season.Cycle.MONTH_OF_QUARTER
                                && season.metric().equals(kind));
    }
}
