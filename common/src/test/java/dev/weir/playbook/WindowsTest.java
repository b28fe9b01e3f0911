package dev.weir.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTest {
    private static final List<Grain> GRAINS = List.of(Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER);

    @ParameterizedTest(name = "{0}: {1} {2} {3}")
    @CsvSource({
        "a day,              UTC,           DAY,     2026-03-01T12:00:00Z, 2026-03-01T00:00:00Z, 2026-03-02T00:00:00Z",
        "a day of 23 hours,  Europe/Berlin, DAY,     2026-03-29T12:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        "a day of 25 hours,  Europe/Berlin, DAY,     2026-10-25T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        "the second of two hours named two, Europe/Berlin, DAY, 2026-10-25T01:30:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        "a day without midnight, America/Sao_Paulo, DAY, 2018-11-04T12:00:00Z, 2018-11-04T03:00:00Z, 2018-11-05T02:00:00Z",
        "a day of two midnights, America/Havana, DAY, 2026-11-01T12:00:00Z, 2026-11-01T04:00:00Z, 2026-11-02T05:00:00Z",
        "the day before one that never was, Pacific/Apia, DAY, 2011-12-30T09:00:00Z, 2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z",
        "a quarter of an hour, Asia/Kathmandu, DAY,  2026-03-01T18:20:00Z, 2026-03-01T18:15:00Z, 2026-03-02T18:15:00Z",
        "a fixed offset,     +05:30,        DAY,     2026-03-01T18:29:59Z, 2026-02-28T18:30:00Z, 2026-03-01T18:30:00Z",
        "its end is the next, UTC,          DAY,     2026-03-02T00:00:00Z, 2026-03-02T00:00:00Z, 2026-03-03T00:00:00Z",
        "before the epoch,   +01:00,        DAY,     1969-12-31T22:59:59.999Z, 1969-12-30T23:00:00Z, 1969-12-31T23:00:00Z",
        "a week is Monday's, UTC,           WEEK,    2026-03-01T12:00:00Z, 2026-02-23T00:00:00Z, 2026-03-02T00:00:00Z",
        "over New Year,      UTC,           WEEK,    2027-01-01T12:00:00Z, 2026-12-28T00:00:00Z, 2027-01-04T00:00:00Z",
        "of 167 hours,       Europe/Berlin, WEEK,    2026-03-25T12:00:00Z, 2026-03-22T23:00:00Z, 2026-03-29T22:00:00Z",
        "a leap month,       UTC,           MONTH,   2028-02-29T12:00:00Z, 2028-02-01T00:00:00Z, 2028-03-01T00:00:00Z",
        "a quarter,          UTC,           QUARTER, 2026-03-31T12:00:00Z, 2026-01-01T00:00:00Z, 2026-04-01T00:00:00Z",
        "everything,         Europe/Berlin, ALL,     2026-03-31T12:00:00Z, 1970-01-01T00:00:00Z, +292278994-08-17T07:12:55.807Z",
    })
    void aWindow(String what, String zone, Grain grain, Instant time, Instant start, Instant end) {
        Windows windows = new Windows(ZoneId.of(zone), 1);
        assertThat(Instant.ofEpochMilli(windows.start(grain, time.toEpochMilli())))
                .as(what)
                .isEqualTo(start);
        assertThat(Instant.ofEpochMilli(windows.end(grain, start.toEpochMilli())))
                .as(what)
                .isEqualTo(end);
    }

    @ParameterizedTest(name = "a fiscal year from month {0}: {1}")
    @CsvSource({
        "2, 2026-01-31T12:00:00Z, 2025-11-01T00:00:00Z",
        "2, 2026-02-01T12:00:00Z, 2026-02-01T00:00:00Z",
        "7, 2026-12-31T12:00:00Z, 2026-10-01T00:00:00Z",
        "12, 2026-01-01T12:00:00Z, 2025-12-01T00:00:00Z",
    })
    void aQuarterOfTheFiscalYear(int month, Instant time, Instant start) {
        long quarter = new Windows(ZoneId.of("UTC"), month).start(Grain.QUARTER, time.toEpochMilli());
        assertThat(Instant.ofEpochMilli(quarter)).isEqualTo(start);
    }

    @Test
    void windowsTileTimeInEveryZone() {
        List<String> zones = List.of(
                "UTC",
                "+05:30",
                "-11:00",
                "Europe/Berlin",
                "America/Sao_Paulo",
                "America/Havana",
                "Pacific/Apia",
                "Pacific/Kiritimati",
                "Africa/Monrovia",
                "Antarctica/Troll");
        Seeds.hold(random -> {
            Windows windows = new Windows(ZoneId.of(zones.get(random.nextInt(zones.size()))), 1 + random.nextInt(12));
            Grain grain = GRAINS.get(random.nextInt(GRAINS.size()));
            // 1960 to 2030
            long time = random.nextLong(-315_619_200_000L, 1_893_456_000_000L);
            long start = windows.start(grain, time);
            long end = windows.end(grain, start);
            assertThat(start).isLessThanOrEqualTo(time);
            assertThat(end).isGreaterThan(time);
            assertThat(windows.start(grain, end)).isEqualTo(end);
            assertThat(windows.start(grain, end - 1)).isEqualTo(start);
            assertThat(windows.start(grain, start)).isEqualTo(start);
        });
    }
}
