package dev.weir.playbook;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Amounts in the reporting currency, at dated rates. */
public record Money(ZoneId zone, String reportingCurrency, List<Rate> rates) implements Serializable {
    /** Most minor units an amount may have; no company has more. */
    private static final BigDecimal MOST = BigDecimal.TEN.pow(18);

    private static final Map<String, Integer> DIGITS = Currency.getAvailableCurrencies().stream()
            .collect(Collectors.toUnmodifiableMap(
                    Currency::getCurrencyCode, known -> Math.max(0, known.getDefaultFractionDigits())));

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

    /**
     * An amount in minor units of its currency, such as cents, rounded half to even.
     *
     * @param currency null means the reporting currency
     */
    public long minor(BigDecimal amount, @Nullable String currency) {
        BigDecimal units = amount.movePointRight(digits(currency)).setScale(0, RoundingMode.HALF_EVEN);
        return units.max(MOST.negate()).min(MOST).longValueExact();
    }

    /** The amount of minor units of a currency; null means the reporting currency. */
    public BigDecimal major(long minor, @Nullable String currency) {
        return BigDecimal.valueOf(minor, digits(currency));
    }

    /** Digits after the point by ISO 4217; two for a code it does not know. */
    private int digits(@Nullable String currency) {
        return DIGITS.getOrDefault(currency == null ? reportingCurrency : currency, 2);
    }

    /** Start of the day from which a rate holds, in epoch milliseconds. */
    public long from(Rate rate) {
        return rate.from().atStartOfDay(zone).toInstant().toEpochMilli();
    }
}
