package dev.weir.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkingTimeTest {
    private static final long MINUTE = 60_000;
    private static final List<DayOfWeek> MON_TO_FRI =
            List.of(DayOfWeek.MONDAY, DayOfWeek.TUESDAY, DayOfWeek.WEDNESDAY, DayOfWeek.THURSDAY, DayOfWeek.FRIDAY);
    private static final WorkingTime BERLIN = new WorkingTime(
            ZoneId.of("Europe/Berlin"), calendar(MON_TO_FRI, "09:00", "17:00", LocalDate.of(2026, 4, 6)));
    /** Works at night, on all days, in a zone whose clocks change at 02:00. */
    private static final WorkingTime NIGHT =
            new WorkingTime(ZoneId.of("America/New_York"), calendar(List.of(DayOfWeek.values()), "00:00", "06:00"));

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a morning,                       2026-01-05T08:00:00Z, 2026-01-05T10:30:00Z,     9000",
        "before it opens,                 2026-01-05T03:00:00Z, 2026-01-05T08:00:00Z,     0",
        "the last second,                 2026-01-05T15:59:59Z, 2026-01-05T20:00:00Z,     1",
        "a part of a second,              2026-01-05T15:59:59.500Z, 2026-01-05T20:00:00Z, 0.5",
        "over a night,                    2026-01-05T15:00:00Z, 2026-01-06T09:00:00Z,     7200",
        "over a weekend,                  2026-01-09T15:00:00Z, 2026-01-12T09:00:00Z,     7200",
        "a whole week,                    2026-01-05T00:00:00Z, 2026-01-12T00:00:00Z,     144000",
        "a week with a holiday,           2026-04-03T23:00:00Z, 2026-04-11T00:00:00Z,     115200",
        "winter to summer time,           2026-03-27T15:00:00Z, 2026-03-30T08:00:00Z,     7200",
        "backwards there is none,         2026-01-06T09:00:00Z, 2026-01-05T09:00:00Z,     0",
        "long before the epoch,           1960-01-04T00:00:00Z, 1960-01-11T00:00:00Z,     144000",
    })
    void workingSecondsInBerlin(String what, Instant from, Instant to, double seconds) {
        assertThat(BERLIN.between(from.toEpochMilli(), to.toEpochMilli()) / 1000.0)
                .as(what)
                .isEqualTo(seconds);
    }

    /** 6 hours of local time are 5 where the clock jumps forward and 7 where it jumps back. */
    @Test
    void aWorkingDayOverAClockChangeIsAsLongAsItWas() {
        assertThat(hours(NIGHT, "2026-03-07T05:00:00Z", "2026-03-08T05:00:00Z")).isEqualTo(6);
        assertThat(hours(NIGHT, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")).isEqualTo(5);
        assertThat(hours(NIGHT, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")).isEqualTo(7);
        // Samoa had no 30 December 2011.
        WorkingTime apia = new WorkingTime(ZoneId.of("Pacific/Apia"), calendar(MON_TO_FRI, "09:00", "17:00"));
        assertThat(hours(apia, "2011-12-28T10:00:00Z", "2012-01-01T10:00:00Z")).isEqualTo(16);
    }

    @Test
    void aMorningIsThatOfTheNextWorkday() {
        assertThat(opening("2026-01-09T07:59:59Z")).isEqualTo("2026-01-09T08:00:00Z");
        assertThat(opening("2026-01-09T08:00:00Z")).isEqualTo("2026-01-09T08:00:00Z");
        assertThat(opening("2026-01-09T08:00:00.001Z")).as("a Friday").isEqualTo("2026-01-12T08:00:00Z");
        assertThat(opening("2026-04-03T12:00:00Z")).as("before Easter").isEqualTo("2026-04-07T07:00:00Z");
    }

    @Test
    void aCalendarOfHolidaysNeverGetsThere() {
        WorkingTime once = new WorkingTime(
                ZoneId.of("UTC"), calendar(List.of(DayOfWeek.MONDAY), "09:00", "09:01", LocalDate.of(2026, 1, 5)));
        assertThat(once.after(0, Duration.ofDays(3650).toMillis())).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void itIsWhatAWalkMinuteByMinuteCounts() {
        Seeds.hold(300, random -> {
            ZoneId zone = ZoneId.of(List.of(
                            "UTC",
                            "Europe/Berlin",
                            "America/New_York",
                            "Australia/Lord_Howe",
                            "Pacific/Apia",
                            "Africa/Casablanca",
                            "America/Sao_Paulo",
                            "Asia/Kathmandu")
                    .get(random.nextInt(8)));
            WorkCalendar calendar = draw(random);
            WorkingTime time = new WorkingTime(zone, calendar);
            long from = Instant.parse("2011-12-20T00:00:00Z").toEpochMilli()
                    + random.nextInt(random.nextBoolean() ? 20 * 1440 : 8 * 366 * 1440) * MINUTE;
            long to = from + random.nextInt(12 * 1440) * MINUTE;
            long walked = 0;
            for (long at = from; at < to; at += MINUTE) {
                walked += works(zone, calendar, at) ? MINUTE : 0;
            }
            assertThat(time.between(from, to))
                    .as("%s %s %s", zone, calendar, Instant.ofEpochMilli(from))
                    .isEqualTo(walked);
            if (walked > 0) {
                long first = time.after(from, walked);
                assertThat(first).isLessThanOrEqualTo(to);
                assertThat(time.between(from, first)).isEqualTo(walked);
                assertThat(time.between(from, first - 1)).isLessThan(walked);
            }
        });
    }

    private static boolean works(ZoneId zone, WorkCalendar calendar, long at) {
        ZonedDateTime local = Instant.ofEpochMilli(at).atZone(zone);
        return calendar.workdays().contains(local.getDayOfWeek())
                && !calendar.holidays().contains(local.toLocalDate())
                && !local.toLocalTime().isBefore(calendar.opens())
                && local.toLocalTime().isBefore(calendar.closes());
    }

    private static WorkCalendar draw(Random random) {
        List<DayOfWeek> days = new ArrayList<>();
        for (DayOfWeek day : DayOfWeek.values()) {
            if (random.nextInt(3) > 0) {
                days.add(day);
            }
        }
        List<LocalDate> holidays = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            holidays.add(LocalDate.of(2011, 12, 20).plusDays(random.nextInt(20)));
        }
        int opens = random.nextInt(1439);
        int closes = opens + 1 + random.nextInt(1439 - opens);
        return new WorkCalendar(
                days.isEmpty() ? MON_TO_FRI : days,
                LocalTime.ofSecondOfDay(opens * 60L),
                LocalTime.ofSecondOfDay(closes * 60L),
                holidays,
                1);
    }

    private static WorkCalendar calendar(List<DayOfWeek> days, String opens, String closes, LocalDate... holidays) {
        return new WorkCalendar(days, LocalTime.parse(opens), LocalTime.parse(closes), List.of(holidays), 1);
    }

    private static double hours(WorkingTime time, String from, String to) {
        return time.between(
                        Instant.parse(from).toEpochMilli(), Instant.parse(to).toEpochMilli())
                / 3_600_000.0;
    }

    private static String opening(String from) {
        return Instant.ofEpochMilli(BERLIN.nextOpening(Instant.parse(from).toEpochMilli()))
                .toString();
    }
}
