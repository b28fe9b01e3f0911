package dev.weir.recount;

import dev.weir.playbook.Grain;
import dev.weir.playbook.WorkCalendar;
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

    /** First day of a quarter such as 2026-Q1: a fiscal year is called after the year in which it ends. */
    LocalDate quarter(String name) {
        LocalDate last = LocalDate.of(Integer.parseInt(name.substring(0, 4)), 12, 31);
        LocalDate year = fiscalYearStart == 1
                ? last.withDayOfYear(1)
                : last.withDayOfYear(1).minusMonths(13L - fiscalYearStart);
        return year.plusMonths(3L * (name.charAt(6) - '1'));
    }

    /** Milliseconds of working time between two instants, day by day. */
    long working(WorkCalendar work, long from, long to) {
        long sum = 0;
        LocalDate last = Instant.ofEpochMilli(to).atZone(zone).toLocalDate();
        for (LocalDate day = Instant.ofEpochMilli(from).atZone(zone).toLocalDate();
                !day.isAfter(last);
                day = day.plusDays(1)) {
            if (work.workdays().contains(day.getDayOfWeek()) && !work.holidays().contains(day)) {
                long opens = day.atTime(work.opens()).atZone(zone).toInstant().toEpochMilli();
                long closes = day.atTime(work.closes()).atZone(zone).toInstant().toEpochMilli();
                sum += Math.max(0, Math.min(to, closes) - Math.max(from, opens));
            }
        }
        return sum;
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
