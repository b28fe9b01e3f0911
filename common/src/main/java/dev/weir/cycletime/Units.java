package dev.weir.cycletime;

import dev.weir.machine.Values;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Money as whole numbers that add up: ten-thousandths of a currency, as the warehouse keeps it. */
final class Units {
    private Units() {}

    /** No amount is none, and so is one with more than 12 digits before the point: it is no deal, and would not add up in 64 bits. */
    static long of(@Nullable BigDecimal amount) {
        return amount == null || amount.precision() - amount.scale() > 12
                ? 0
                : amount.setScale(4, RoundingMode.HALF_EVEN)
                        .scaleByPowerOfTen(4)
                        .longValueExact();
    }

    /** The text of an amount in the reporting currency; most often the deal's own, whose text is there. */
    static @Nullable String text(@Nullable BigDecimal reporting, @Nullable BigDecimal own, @Nullable String text) {
        return own != null && reporting != null && own.compareTo(reporting) == 0 ? text : Values.money(reporting);
    }
}
