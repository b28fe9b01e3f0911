package dev.weir.playbook;

import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Amounts in the reporting currency, at dated rates. */
public record Money(ZoneId zone, String reportingCurrency, List<Rate> rates) implements Serializable {

    public static Money of(Playbook playbook) {
        return new Money(playbook.zone(), playbook.reportingCurrency(), playbook.rates());
    }

    /**
     * The amount in the reporting currency at the rate of a day.
     *
     * @param currency null means the reporting currency
     * @param time epoch milliseconds; its local date picks the rate
     * @return null where there is no amount or no rate
     */
    public @Nullable BigDecimal reporting(@Nullable BigDecimal amount, @Nullable String currency, long time) {
        if (amount == null || currency == null || currency.equals(reportingCurrency)) {
            return amount;
        }
        LocalDate date = LocalDate.ofInstant(Instant.ofEpochMilli(time), zone);
        BigDecimal rate = null;
        LocalDate since = LocalDate.MIN;
        for (Rate dated : rates) {
            BigDecimal candidate = dated.toReporting().get(currency);
            if (candidate != null && !dated.from().isAfter(date) && dated.from().isAfter(since)) {
                rate = candidate;
                since = dated.from();
            }
        }
        return rate == null ? null : amount.multiply(rate);
    }

    /** Start of the day from which a rate holds, in epoch milliseconds. */
    public long from(Rate rate) {
        return rate.from().atStartOfDay(zone).toInstant().toEpochMilli();
    }
}
