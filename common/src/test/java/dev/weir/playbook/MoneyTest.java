package dev.weir.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MoneyTest {
    /** Not in the order of their dates. */
    private static final Money BERLIN = new Money(
            ZoneId.of("Europe/Berlin"),
            "EUR",
            List.of(
                    new Rate(LocalDate.of(2026, 3, 1), Map.of("USD", new BigDecimal("0.90"))),
                    new Rate(
                            LocalDate.of(2026, 1, 1),
                            Map.of("USD", new BigDecimal("0.80"), "JPY", new BigDecimal("0.006")))));

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            nullValues = "none",
            value = {
                "its own currency needs no rate,   10.05, EUR,  2020-01-01T00:00:00Z, 10.05",
                "no currency is the reporting one, 10.05, none, 2020-01-01T00:00:00Z, 10.05",
                "the rate of the day,              10,    USD,  2026-02-01T00:00:00Z, 8",
                "the newest rate by then,          10,    USD,  2026-03-05T00:00:00Z, 9",
                "the local day decides,            10,    USD,  2026-02-28T23:30:00Z, 9",
                "a currency that was not named anew, 1000, JPY, 2026-03-05T00:00:00Z, 6",
                "no rate yet,                      10,    USD,  2025-12-31T12:00:00Z, none",
                "no rate at all,                   10,    GBP,  2026-03-05T00:00:00Z, none",
                "no amount,                        none,  USD,  2026-03-05T00:00:00Z, none",
            })
    void anAmountInTheReportingCurrency(
            String what,
            @Nullable BigDecimal amount,
            @Nullable String currency,
            Instant time,
            @Nullable BigDecimal value) {
        BigDecimal reporting = BERLIN.reporting(amount, currency, time.toEpochMilli());
        if (value == null) {
            assertThat(reporting).as(what).isNull();
        } else {
            assertThat(reporting).as(what).isEqualByComparingTo(value);
        }
    }
}
