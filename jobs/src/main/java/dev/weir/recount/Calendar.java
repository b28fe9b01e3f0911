package dev.weir.recount;

import dev.weir.playbook.Grain;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/** Windows by walking: the first day of the window that holds a day, and of the next. */
record Calendar(ZoneId zone, int fiscalYearStart) {

    LocalDate first(Grain grain, long time) {
        LocalDate day = Instant.ofEpochMilli(time).atZone(zone).toLocalDate();
        while (!begins(grain, day)) {
            day = day.minusDays(1);
        }
        return day;
    }

    private boolean begins(Grain grain, LocalDate day) {
        return switch (grain) {
            case DAY -> true;
            case WEEK -> day.getDayOfWeek() == DayOfWeek.MONDAY;
            case MONTH -> day.getDayOfMonth() == 1;
            case QUARTER -> day.getDayOfMonth() == 1 && (day.getMonthValue() - fiscalYearStart + 12) % 3 == 0;
            case ALL -> throw new IllegalArgumentException("the whole history begins with no day");
        };
    }

    LocalDate next(Grain grain, LocalDate first) {
        LocalDate day = first.plus(1, ChronoUnit.DAYS);
        while (!begins(grain, day)) {
            day = day.plusDays(1);
        }
        return day;
    }

    long start(Grain grain, long time) {
        return grain == Grain.ALL ? 0 : midnight(first(grain, time));
    }

    long end(Grain grain, long time) {
        return grain == Grain.ALL ? Long.MAX_VALUE : midnight(next(grain, first(grain, time)));
    }

    private long midnight(LocalDate day) {
        return day.atStartOfDay(zone).toInstant().toEpochMilli();
    }

    /** The columns that every row of a window has. */
    Cells window(Cells row, Grain grain, long start, long end, long asOf) {
        return row.with("window_start", Instant.ofEpochMilli(start))
                .with("window_end", grain == Grain.ALL ? null : Instant.ofEpochMilli(end))
                .with(
                        "window_date",
                        Instant.ofEpochMilli(start).atZone(zone).toLocalDate().toString())
                .with("timezone", zone.getId())
                .with("is_complete", end <= asOf);
    }
}
