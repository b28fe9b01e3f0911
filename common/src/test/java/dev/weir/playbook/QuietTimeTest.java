package dev.weir.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuietTimeTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final WorkCalendar CALENDAR = new WorkCalendar(
            List.of(DayOfWeek.MONDAY, DayOfWeek.TUESDAY, DayOfWeek.WEDNESDAY, DayOfWeek.THURSDAY, DayOfWeek.FRIDAY),
            LocalTime.of(9, 0),
            LocalTime.of(17, 0),
            List.of(LocalDate.of(2026, 4, 6)),
            1);

    /** 2026-04-03 is a Friday, the Monday after it a holiday; clocks went forward on 2026-03-29 at 01:00 UTC. */
    @ParameterizedTest
    @CsvSource({
        "2026-04-02T10:00:00Z, 2026-04-02T10:00:00Z",
        "2026-04-02T17:59:59Z, 2026-04-02T17:59:59Z",
        "2026-04-02T18:00:00Z, 2026-04-03T05:00:00Z",
        "2026-04-03T04:59:00Z, 2026-04-03T05:00:00Z",
        "2026-04-03T05:00:00Z, 2026-04-03T05:00:00Z",
        "2026-04-03T21:00:00Z, 2026-04-07T05:00:00Z",
        "2026-04-05T12:00:00Z, 2026-04-07T05:00:00Z",
        "2026-03-27T22:30:00Z, 2026-03-30T05:00:00Z",
    })
    void nightsAndDaysOffAreQuiet(Instant at, Instant end) {
        QuietTime quiet = new QuietTime(LocalTime.of(20, 0), LocalTime.of(7, 0), true, false);
        assertThat(quiet.end(at, BERLIN, CALENDAR)).isEqualTo(end);
    }

    @Test
    void hoursWithinADayEndOnThatDay() {
        QuietTime lunch = new QuietTime(LocalTime.of(12, 0), LocalTime.of(13, 0), false, false);
        assertThat(lunch.end(Instant.parse("2026-04-05T10:30:00Z"), BERLIN, CALENDAR))
                .isEqualTo(Instant.parse("2026-04-05T11:00:00Z"));
    }

    @Test
    void withoutHoursOnlyDaysOffAreQuiet() {
        QuietTime quiet = new QuietTime(null, null, true, false);
        assertThat(quiet.end(Instant.parse("2026-04-03T23:00:00Z"), BERLIN, CALENDAR))
                .isEqualTo(Instant.parse("2026-04-06T22:00:00Z"));
        assertThat(quiet.end(Instant.parse("2026-04-02T23:00:00Z"), BERLIN, CALENDAR))
                .isEqualTo(Instant.parse("2026-04-02T23:00:00Z"));
    }
}
