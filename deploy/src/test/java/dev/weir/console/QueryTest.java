package dev.weir.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueryTest {
    @Test
    void whatIsReadIsWrittenAgainWhateverIsInIt() {
        Query query = new Query(java.util.Map.of("value", "a&b=c d\"<é>", "grain", "week"));

        assertThat(Query.parse(query.text())).isEqualTo(query);
        assertThat(query.with("grain", "").text()).isEqualTo("value=a%26b%3Dc+d%22%3C%C3%A9%3E");
    }

    @Test
    void anAddressByHandIsReadAsFarAsItGoes() {
        assertThat(Query.parse("a=1&b&=2&c=%zz&d=").values()).containsOnlyKeys("a");
        assertThat(Query.parse(null).text()).isEmpty();
        assertThat(Query.parse("a=" + "x".repeat(5_000)).get("a")).hasSize(1_000);
    }
}
