package dev.weir.machine;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** The canonical texts of a {@link Row}'s values, as {@link Column.Type} names them. */
public final class Values {
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
        return amount == null
                ? null
                : amount.setScale(4, RoundingMode.HALF_EVEN).toPlainString();
    }
}
