package dev.weir.playbook;

import java.io.Serializable;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;

/**
 * When the business works.
 *
 * @param opens start of the working day, local time
 * @param closes end of the working day, local time
 * @param fiscalYearStart month 1-12 in which the fiscal year and so its quarters start
 */
public record WorkCalendar(
        List<DayOfWeek> workdays, LocalTime opens, LocalTime closes, List<LocalDate> holidays, int fiscalYearStart)
        implements Serializable {

    /** Length of one working day. */
    public Duration workingDay() {
        return Duration.between(opens, closes);
    }
}
