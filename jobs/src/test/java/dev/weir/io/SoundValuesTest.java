package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cycletime.DealTables;
import dev.weir.machine.Column.Type;
import dev.weir.machine.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SoundValuesTest {
    @Test
    void textLosesNulAndHalfSurrogatesAndNothingElse() {
        assertThat(measure(Type.TEXT, "a\0b")).isEqualTo("a\uFFFDb");
        assertThat(measure(Type.TEXT, "\uD83D")).isEqualTo("\uFFFD");
        assertThat(measure(Type.TEXT, "\uDE00x")).isEqualTo("\uFFFDx");
        assertThat(measure(Type.TEXT, "ok \uD83D\uDE00 é")).isEqualTo("ok \uD83D\uDE00 é");
    }

    @Test
    void jsonLosesTheEscapesThatJsonbRefuses() {
        assertThat(measure(Type.JSON, "{\"a\":\"\\u0000\"}")).isEqualTo("{\"a\":\"\\ufffd\"}");
        assertThat(measure(Type.JSON, "[\"\\ud800\",\"\\uD83D\\uDE00\",\"\\udc00\"]"))
                .isEqualTo("[\"\\ufffd\",\"\\uD83D\\uDE00\",\"\\ufffd\"]");
        assertThat(measure(Type.JSON, "[\"\\\\u0000\",\"\\u00e9\"]")).isEqualTo("[\"\\\\u0000\",\"\\u00e9\"]");
    }

    @Test
    void numbersThatAreNoneBecomeNull() {
        assertThat(measure(Type.DOUBLE, "NaN")).isNull();
        assertThat(measure(Type.DOUBLE, "-Infinity")).isNull();
        assertThat(measure(Type.DOUBLE, "1.0E-3")).isEqualTo("1.0E-3");
        assertThat(measure(Type.MONEY, "NaN")).isNull();
        assertThat(measure(Type.MONEY, "12345678901234567")).isNull();
        assertThat(measure(Type.MONEY, "9999999999999999.99996")).isNull();
        assertThat(measure(Type.MONEY, "1234567890123456.12345")).isEqualTo("1234567890123456.1235");
        assertThat(measure(Type.MONEY, "1E-2000000000")).isEqualTo("0");
        assertThat(measure(Type.MONEY, "1E+2000000000")).isNull();
        assertThat(measure(Type.MONEY, "-12.50")).isEqualTo("-12.50");
    }

    @Test
    void timesBeyondTheYears1To9999BecomeNullAndInAKeyTheNearest() {
        assertThat(measure(Type.TIMESTAMP, "+10000-01-01T00:00:00Z")).isNull();
        assertThat(SoundValues.value("+10000-01-01T00:00:00Z", Type.TIMESTAMP, true))
                .isEqualTo("9999-12-31T23:59:59Z");
        assertThat(SoundValues.value("-0001-01-01T00:00:00Z", Type.TIMESTAMP, true))
                .isEqualTo("0001-01-01T00:00:00Z");
        assertThat(measure(Type.TIMESTAMPS, "[\"2026-01-01T00:00:00Z\",\"+99999-01-01T00:00:00Z\",null]"))
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

    private static @Nullable String measure(Type type, String value) {
        return SoundValues.value(value, type, false);
    }
}
