package dev.weir.playbook;

import java.io.Serializable;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;

/**
 * Half-open windows of each grain, aligned in one zone: days at local midnight, ISO weeks, months, quarters of the fiscal
 * year. All times are epoch milliseconds.
 *
 * @param fiscalYearStart month 1-12 in which quarters begin
 */
public record Windows(ZoneId zone, int fiscalYearStart) implements Serializable {
    private static final long DAY = 86_400_000L;
    private static final long WEEK = 7 * DAY;
    /** The first Monday at or before the epoch, in days from it. */
    private static final long MONDAY = -3;

    /** The window of {@link Grain#ALL} starts here and never ends. */
    public static final long BEGINNING = 0;

    public static Windows of(Playbook playbook) {
        return new Windows(playbook.zone(), playbook.calendar().fiscalYearStart());
    }

    /** Start of the window that holds {@code time}. */
    public long start(Grain grain, long time) {
        if (grain == Grain.ALL) {
            return BEGINNING;
        }
        if (length(grain) > 0 && zone.normalized() instanceof ZoneOffset offset) {
            long first = (grain == Grain.WEEK ? MONDAY * DAY : 0) - offset.getTotalSeconds() * 1000L;
            return Math.floorDiv(time - first, length(grain)) * length(grain) + first;
        }
        return millis(first(grain, LocalDate.ofInstant(Instant.ofEpochMilli(time), zone)));
    }

    /** Of the grains whose windows are of one length where clocks never change; 0 for the others. */
    private static long length(Grain grain) {
        return grain == Grain.DAY ? DAY : grain == Grain.WEEK ? WEEK : 0;
    }

    /** End of the window that starts at {@code start}, which is the start of the next. */
    public long end(Grain grain, long start) {
        if (grain == Grain.ALL) {
            return Long.MAX_VALUE;
        }
        if (length(grain) > 0 && zone.normalized() instanceof ZoneOffset) {
            return start + length(grain);
        }
        LocalDate date = date(start);
        return millis(
                switch (grain) {
                    case DAY -> date.plusDays(1);
                    case WEEK -> date.plusWeeks(1);
                    case MONTH -> date.plusMonths(1);
                    case QUARTER -> date.plusMonths(3);
                    case ALL -> throw new IllegalStateException();
                });
    }

    /** How many windows lie between the start of one and the start of another: 1 for the next. */
    public long between(Grain grain, long from, long to) {
        if (length(grain) > 0 && zone.normalized() instanceof ZoneOffset) {
            return (to - from) / length(grain);
        }
        return switch (grain) {
            case DAY -> ChronoUnit.DAYS.between(date(from), date(to));
            case WEEK -> ChronoUnit.WEEKS.between(date(from), date(to));
            case MONTH -> ChronoUnit.MONTHS.between(date(from), date(to));
            case QUARTER -> ChronoUnit.MONTHS.between(date(from), date(to)) / 3;
            case ALL -> 0;
        };
    }

    /**
     * Start of a fiscal quarter by its name, as {@code 2026-Q1}. A fiscal year has the number of the calendar year in which it
     * ends.
     */
    public long quarter(String name) {
        int year = Integer.parseInt(name.substring(0, 4)) - (fiscalYearStart > 1 ? 1 : 0);
        int quarter = Integer.parseInt(name.substring(6));
        return millis(LocalDate.of(year, fiscalYearStart, 1).plusMonths(3L * (quarter - 1)));
    }

    /** The local date on which the window starts. */
    public LocalDate date(long start) {
        return LocalDate.ofInstant(Instant.ofEpochMilli(start), zone);
    }

    private LocalDate first(Grain grain, LocalDate date) {
        return switch (grain) {
            case DAY -> date;
            case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTH -> date.withDayOfMonth(1);
            case QUARTER ->
                date.withDayOfMonth(1).minusMonths(Math.floorMod(date.getMonthValue() - fiscalYearStart, 3));
            case ALL -> throw new IllegalStateException();
        };
    }

    private long millis(LocalDate date) {
        return date.atStartOfDay(zone).toInstant().toEpochMilli();
    }
}
