package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HorizonTest {
    private static final long NEVER = Step.NEVER;

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "kept for ever,                          9223372036854775807, 10, 9223372036854775807, 9223372036854775807",
        "so long after the last fact,            50, 10, 9223372036854775807, 60",
        "not before a deadline that is pending,  50, 10, 99, 99",
        "a deadline before changes nothing,      50, 10, 30, 60",
        "at once,                                0, 10, 9223372036854775807, 10",
        "a fact at the end of time,              50, 9223372036854775800, 9223372036854775807, 9223372036854775807",
        "a fact before 1970,                     50, -100, 9223372036854775807, -50",
    })
    void aKeyIsSealed(String when, long horizon, long last, long wake, long seals) {
        assertThat(new Horizon(horizon).seals(last, wake)).isEqualTo(seals);
    }

    @Test
    void aKeyThatWasSealedForgetsItsFactsAndItsFrontierOnlyAdvances() {
        Memory<String> memory = new Memory<>();
        memory.facts.add("a");
        memory.keepBeside("b");
        memory.owe("c");
        assertThat(memory.isSealed()).isFalse();
        memory.seal(70);
        memory.seal(60);
        assertThat(memory.sealedUpTo).isEqualTo(70);
        assertThat(memory.isSealed()).isTrue();
        assertThat(memory.facts).isEmpty();
        assertThat(memory.beside).isEmpty();
        assertThat(memory.owed).isEmpty();
        // Else the key would begin anew.
        assertThat(memory.isEmpty()).isFalse();
    }

    @Test
    void withoutAHorizonNothingIsSealed() {
        assertThat(Horizon.NONE.seals(0, NEVER)).isEqualTo(NEVER);
    }
}
