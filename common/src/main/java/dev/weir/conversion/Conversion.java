package dev.weir.conversion;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A won deal as attribution sees it.
 *
 * @param at when it was won, epoch milliseconds; the last time, if it was reopened
 * @param amount what it is worth as far as is known now, null where nobody said
 * @param entityId its account, or its first person where it has none
 */
public record Conversion(
        String dealId,
        long at,
        @Nullable BigDecimal amount,
        @Nullable String currency,
        @Nullable String dealType,
        @Nullable String accountId,
        @Nullable String entityId) {}
