package dev.weir.playbook;

import java.io.Serializable;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Arrays;

/**
 * How much of a time span is working time by a calendar: right to the millisecond, also where clocks change within it.
 *
 * <p>Between two changes of the zone's offset local time runs evenly, so the working time of a span is the difference of two
 * closed forms: whole weeks, days of the last week, holidays by search, hours of the last day. What it costs grows with the
 * number of clock changes in the span, not with its days. All times are epoch milliseconds, working time is milliseconds.
 */
public final class WorkingTime implements Serializable {
    private static final long DAY = 86_400_000L;

    private final ZoneId zone;
    private final long opens;
    private final long closes;
    /** How many days before each day of the week, from Monday, are workdays; one more entry for the whole week. */
    private final int[] workdaysBefore = new int[DayOfWeek.values().length + 1];
    /** Epoch days of holidays that would else be workdays, sorted. */
    private final long[] holidays;

    public WorkingTime(ZoneId zone, WorkCalendar calendar) {
        this.zone = zone;
        opens = calendar.opens().toNanoOfDay() / 1_000_000;
        closes = calendar.closes().toNanoOfDay() / 1_000_000;
        for (DayOfWeek day : DayOfWeek.values()) {
            workdaysBefore[day.getValue()] =
                    workdaysBefore[day.getValue() - 1] + (calendar.workdays().contains(day) ? 1 : 0);
        }
        holidays = calendar.holidays().stream()
                .filter(day -> calendar.workdays().contains(day.getDayOfWeek()))
                .mapToLong(LocalDate::toEpochDay)
                .sorted()
                .distinct()
                .toArray();
    }

    public static WorkingTime of(Playbook playbook) {
        return new WorkingTime(playbook.zone(), playbook.calendar());
    }

    /** Working time from one instant to a later one; 0 where {@code to} is not later. */
    public long between(long from, long to) {
        ZoneRules rules = zone.getRules();
        long worked = 0;
        for (long at = from; at < to; ) {
            long end = Math.min(to, nextChange(rules, at));
            long shift = shift(rules, at);
            worked += before(end + shift) - before(at + shift);
            at = end;
        }
        return worked;
    }

    /**
     * The first instant at which so much working time has passed since {@code from}.
     *
     * @param work more than nothing
     * @return {@link Long#MAX_VALUE} when the calendar has not that much in a thousand years
     */
    public long after(long from, long work) {
        ZoneRules rules = zone.getRules();
        long left = work;
        long last = from + 366_000 * DAY;
        for (long at = from; at < last; ) {
            long end = Math.min(last, nextChange(rules, at));
            long shift = shift(rules, at);
            long reached = before(at + shift) + left;
            long most = before(end + shift);
            if (reached <= most) {
                return local(reached, at + shift, end + shift) - shift;
            }
            left = reached - most;
            at = end;
        }
        return Long.MAX_VALUE;
    }

    /** The first opening of a working day that is not before {@code from}: when what waits for a working morning is due. */
    public long nextOpening(long from) {
        for (long day = Math.floorDiv(from + shift(zone.getRules(), from), DAY) - 1; ; day++) {
            long opening = LocalDate.ofEpochDay(day)
                    .atStartOfDay()
                    .plusNanos(opens * 1_000_000)
                    .atZone(zone)
                    .toInstant()
                    .toEpochMilli();
            if (opening >= from && (isWorkday(day) || workdaysBefore[7] == 0)) {
                return opening;
            }
        }
    }

    /** The least local time from {@code low} to {@code high} before which there is so much working time. */
    private long local(long reached, long low, long high) {
        long first = Math.floorDiv(low, DAY);
        long last = Math.floorDiv(high, DAY);
        while (first < last) {
            long middle = first + (last - first) / 2;
            if (before((middle + 1) * DAY) >= reached) {
                last = middle;
            } else {
                first = middle + 1;
            }
        }
        return first * DAY + opens + (reached - before(first * DAY));
    }

    /** Working time from the local epoch to a local time, in milliseconds both; negative before it. */
    private long before(long local) {
        long day = Math.floorDiv(local, DAY);
        long hours = isWorkday(day) ? Math.max(0, Math.min(local - day * DAY, closes) - opens) : 0;
        return workdaysTo(day) * (closes - opens) + hours;
    }

    /** Workdays from the epoch to the start of a day; negative before it. */
    private long workdaysTo(long day) {
        long monday = Math.floorDiv(day + 3, 7); // 1970-01-01 was a Thursday
        int weekday = Math.floorMod(day + 3, 7);
        int found = Arrays.binarySearch(holidays, day);
        return monday * workdaysBefore[7] + workdaysBefore[weekday] - (found >= 0 ? found : -found - 1);
    }

    private boolean isWorkday(long day) {
        return workdaysTo(day + 1) > workdaysTo(day);
    }

    private static long nextChange(ZoneRules rules, long at) {
        if (rules.isFixedOffset()) {
            return Long.MAX_VALUE;
        }
        ZoneOffsetTransition next = rules.nextTransition(Instant.ofEpochMilli(at));
        return next == null ? Long.MAX_VALUE : next.toEpochSecond() * 1000;
    }

    private static long shift(ZoneRules rules, long at) {
        return rules.getOffset(Instant.ofEpochMilli(at)).getTotalSeconds() * 1000L;
    }
}
