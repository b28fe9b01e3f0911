package dev.weir.io.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeFormatTest {
    @ParameterizedTest
    @CsvSource({
        "iso, UTC, 2011-10-01T00:38:44.546+02:00, 2011-09-30T22:38:44.546Z",
        "iso, UTC, 2010-12-30 14:32:00+01:00, 2010-12-30T13:32:00Z",
        "iso, UTC, 2010-12-30T14:32Z, 2010-12-30T14:32:00Z",
        "iso, UTC, 2010-12-30T14:32:01.123456+0100, 2010-12-30T13:32:01.123Z",
        "iso, Europe/Berlin, 2026-07-01, 2026-06-30T22:00:00Z",
        "iso, Europe/Berlin, 2026-07-01 12:00:00, 2026-07-01T10:00:00Z",
        "M/d/yyyy, UTC, 3/1/2017, 2017-03-01T00:00:00Z",
        "M/d/yyyy, America/New_York, 10/20/2016, 2016-10-20T04:00:00Z",
        "dd-MMM-yyyy HH:mm, UTC, 02-jan-2026 03:04, 2026-01-02T03:04:00Z",
        "epoch_seconds, UTC, 1767225600, 2026-01-01T00:00:00Z",
        "epoch_millis, UTC, 1767225600123, 2026-01-01T00:00:00.123Z"
    })
    void timesOfAllFormatsAreInstants(String format, String zone, String text, String instant) {
        assertThat(TimeFormat.of(format, zone).instant(text)).hasToString(instant);
    }

    @ParameterizedTest
    @CsvSource({
        "iso, 2026-02-30",
        "iso, tomorrow",
        "iso, 2026-01-01T25:00:00Z",
        "M/d/yyyy, 4/31/2017",
        "M/d/yyyy, 1/1/17",
        "epoch_millis, 1.5",
        "epoch_millis, 999999999999999999"
    })
    void aTimeThatDoesNotExistIsRefusedAndNeverBent(String format, String text) {
        assertThatThrownBy(() -> TimeFormat.of(format, "UTC").instant(text)).isInstanceOf(DateTimeException.class);
    }
}
