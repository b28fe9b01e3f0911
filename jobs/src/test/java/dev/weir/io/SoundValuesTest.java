package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cycletime.DealTables;
import dev.weir.machine.Column;
import dev.weir.machine.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SoundValuesTest {
    @Test
    void textLosesNulAndHalfSurrogatesAndNothingElse() {
        assertThat(measure(Column.Type.TEXT, "a\0b")).isEqualTo("a\uFFFDb");
        assertThat(measure(Column.Type.TEXT, "\uD83D")).isEqualTo("\uFFFD");
        assertThat(measure(Column.Type.TEXT, "\uDE00x")).isEqualTo("\uFFFDx");
        assertThat(measure(Column.Type.TEXT, "ok \uD83D\uDE00 é")).isEqualTo("ok \uD83D\uDE00 é");
    }

    @Test
    void jsonLosesTheEscapesThatJsonbRefuses() {
        assertThat(measure(Column.Type.JSON, "{\"a\":\"\\u0000\"}")).isEqualTo("{\"a\":\"\\ufffd\"}");
        assertThat(measure(Column.Type.JSON, "[\"\\ud800\",\"\\uD83D\\uDE00\",\"\\udc00\"]"))
                .isEqualTo("[\"\\ufffd\",\"\\uD83D\\uDE00\",\"\\ufffd\"]");
        assertThat(measure(Column.Type.JSON, "[\"\\\\u0000\",\"\\u00e9\"]")).isEqualTo("[\"\\\\u0000\",\"\\u00e9\"]");
    }

    @Test
    void numbersThatAreNoneBecomeNull() {
        assertThat(measure(Column.Type.DOUBLE, "NaN")).isNull();
        assertThat(measure(Column.Type.DOUBLE, "-Infinity")).isNull();
        assertThat(measure(Column.Type.DOUBLE, "1.0E-3")).isEqualTo("1.0E-3");
        assertThat(measure(Column.Type.MONEY, "NaN")).isNull();
        assertThat(measure(Column.Type.MONEY, "12345678901234567")).isNull();
        assertThat(measure(Column.Type.MONEY, "9999999999999999.99996")).isNull();
        assertThat(measure(Column.Type.MONEY, "1234567890123456.12345")).isEqualTo("1234567890123456.1235");
        assertThat(measure(Column.Type.MONEY, "1E-2000000000")).isEqualTo("0");
        assertThat(measure(Column.Type.MONEY, "1E+2000000000")).isNull();
        assertThat(measure(Column.Type.MONEY, "-12.50")).isEqualTo("-12.50");
    }

    @Test
    void timesBeyondTheYears1To9999BecomeNullAndInAKeyTheNearest() {
        assertThat(measure(Column.Type.TIMESTAMP, "+10000-01-01T00:00:00Z")).isNull();
        assertThat(SoundValues.value("+10000-01-01T00:00:00Z", Column.Type.TIMESTAMP, true))
                .isEqualTo("9999-12-31T23:59:59Z");
        assertThat(SoundValues.value("-0001-01-01T00:00:00Z", Column.Type.TIMESTAMP, true))
                .isEqualTo("0001-01-01T00:00:00Z");
        assertThat(measure(Column.Type.TIMESTAMPS, "[\"2026-01-01T00:00:00Z\",\"+99999-01-01T00:00:00Z\",null]"))
                .isEqualTo("[\"2026-01-01T00:00:00Z\",null,null]");
    }

    @Test
    void aSoundRowIsPassedOnAsItIs() {
        @Nullable String[] values = new @Nullable String[DealTables.DEAL.columns().size()];
        values[0] = "d1";
        Row row = new Row("deal", values, "h", false, 0);
        assertThat(SoundValues.of(row, DealTables.DEAL)).isSameAs(row);
        values[0] = "d\0";
        assertThat(SoundValues.of(row, DealTables.DEAL).values()[0]).isEqualTo("d\uFFFD");
        assertThat(values[0]).isEqualTo("d\0");
    }

    private static @Nullable String measure(Column.Type type, String value) {
        return SoundValues.value(value, type, false);
    }
}
