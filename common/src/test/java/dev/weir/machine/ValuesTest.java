package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValuesTest {
    @Test
    void moneyIsWrittenAsADecimalIsPlainly() {
        for (String amount : List.of("0", "-0.00004", "-0.00005", "-0.5", "1E+3", "99999999999999.99995", "1E+30")) {
            says(new BigDecimal(amount));
        }
        Seeds.hold(random -> says(new BigDecimal(new BigInteger(1 + random.nextInt(80), random), random.nextInt(12) - 3)
                .multiply(BigDecimal.valueOf(random.nextBoolean() ? 1 : -1))));
    }

    private static void says(BigDecimal amount) {
        assertThat(Values.money(amount))
                .isEqualTo(amount.setScale(4, RoundingMode.HALF_EVEN).toPlainString());
    }
}
