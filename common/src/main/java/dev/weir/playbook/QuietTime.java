package dev.weir.playbook;

import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * When nobody is told of alerts.
 *
 * @param from local time of day at which it begins; null where no hours are quiet
 * @param to local time of day at which it ends, on the next day when that is not after {@code from}
 * @param daysOff whether days without business hours are quiet as a whole
 * @param critical whether critical alerts wait too
 */
public record QuietTime(@Nullable LocalTime from, @Nullable LocalTime to, boolean daysOff, boolean critical)
        implements Serializable {
    /** More days than a calendar has holidays in a row. */
    private static final int DAYS = 1_100;

    /** The first instant from one on that is not quiet; the instant itself after years of nothing but quiet. */
    public Instant end(Instant at, ZoneId zone, WorkCalendar calendar) {
        LocalDateTime local = LocalDateTime.ofInstant(at, zone);
        for (int moves = 0; moves < 2 * DAYS; moves++) {
            LocalDateTime next = next(local, calendar);
            if (next.equals(local)) {
                return moves == 0 ? at : local.atZone(zone).toInstant();
            }
            local = next;
        }
        return at;
    }

    private LocalDateTime next(LocalDateTime local, WorkCalendar calendar) {
        LocalDate day = local.toLocalDate();
        LocalTime time = local.toLocalTime();
        if (daysOff
                && (!calendar.workdays().contains(day.getDayOfWeek())
                        || calendar.holidays().contains(day))) {
            return day.plusDays(1).atStartOfDay();
        }
        if (from == null || to == null) {
            return local;
        }
        if (from.isBefore(to)) {
            return !time.isBefore(from) && time.isBefore(to) ? day.atTime(to) : local;
        }
        if (time.isBefore(to)) {
            return day.atTime(to);
        }
        return time.isBefore(from) ? local : day.plusDays(1).atTime(to);
    }
}
