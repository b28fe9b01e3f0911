package dev.weir.cycletime;

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
                : amount.movePointRight(4).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
    }
}
