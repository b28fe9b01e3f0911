package dev.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DealChangeTest {
    /** Else a file and a topic of the same events would disagree which of two payloads of one id counts. */
    @Test
    void theCanonicalTextDoesNotDependOnHowAnAmountOrAMapIsCarried() {
        assertThat(worth("1200.00", new HashMap<>(Map.of("b", "2", "a", "1"))).canonical())
                .isEqualTo(worth("1200", Map.of("a", "1", "b", "2")).canonical())
                .isNotEqualTo(worth("1200.01", Map.of("a", "1", "b", "2")).canonical());
    }

    private static DealChange worth(String amount, Map<String, String> properties) {
        return new DealChange(
                "e",
                Instant.EPOCH,
                "d",
                DealChange.AMENDED,
                null,
                null,
                null,
                new BigDecimal(amount),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                properties);
    }
}
