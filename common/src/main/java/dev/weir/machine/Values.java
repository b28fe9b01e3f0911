package dev.weir.machine;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** The canonical texts of a {@link Row}'s values, as {@link Column.Type} names them. */
public final class Values {
    private static final long UNITS = 10_000;

    private Values() {}

    public static @Nullable String time(@Nullable Long epochMillis) {
        return epochMillis == null ? null : Instants.text(epochMillis);
    }

    /** Seconds from milliseconds. */
    public static @Nullable String seconds(@Nullable Long millis) {
        return millis == null ? null : Double.toString(millis / 1000.0);
    }

    public static @Nullable String number(@Nullable Double number) {
        return number == null || !Double.isFinite(number) ? null : number.toString();
    }

    /** Money to four places, as the warehouse keeps it. */
    public static @Nullable String money(@Nullable BigDecimal amount) {
        if (amount == null) {
            return null;
        }
        BigDecimal rounded = amount.setScale(4, RoundingMode.HALF_EVEN);
        return rounded.precision() > 18
                ? rounded.toPlainString()
                : money(rounded.scaleByPowerOfTen(4).longValue());
    }

    /** Rows are full of it, and {@link BigDecimal#toPlainString} takes several times as long. */
    private static String money(long units) {
        long whole = Math.abs(units) / UNITS;
        long part = Math.abs(units) % UNITS;
        return (units < 0 ? "-" : "")
                + whole
                + '.'
                + Long.toString(UNITS + part).substring(1);
    }
}
