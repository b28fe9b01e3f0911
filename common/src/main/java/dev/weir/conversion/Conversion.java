package dev.weir.conversion;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A won deal as attribution sees it, or a completed attempt at a funnel.
 *
 * @param dealId empty for an attempt
 * @param at when it was won, epoch milliseconds; the last time, if it was reopened; or when the attempt was complete
 * @param amount what it is worth as far as is known now, null where nobody said
 * @param accountId of the deal, or of the event that opened the attempt
 * @param entityId the deal's account, or its first person where it has none; whose attempt it is
 * @param funnel of the attempt; null for a deal
 * @param attempt number of the attempt; 0 for a deal
 */
public record Conversion(
        String dealId,
        long at,
        @Nullable BigDecimal amount,
        @Nullable String currency,
        @Nullable String dealType,
        @Nullable String accountId,
        @Nullable String entityId,
        @Nullable String funnel,
        long attempt) {

    static Conversion ofDeal(
            String dealId,
            long at,
            @Nullable BigDecimal amount,
            @Nullable String currency,
            @Nullable String dealType,
            @Nullable String accountId,
            @Nullable String entityId) {
        return new Conversion(dealId, at, amount, currency, dealType, accountId, entityId, null, 0);
    }

    boolean isOfDeal() {
        return funnel == null;
    }

    /** Its id in every row. A funnel's name has no slash, so no two share one. */
    String id() {
        return isOfDeal() ? "deal/" + dealId : String.join("/", "funnel", funnel, entityId, Long.toString(attempt));
    }

    /** Where the credit for it is given. */
    String key() {
        return isOfDeal() ? Entities.deal(dealId) : Entities.completion(id());
    }
}
