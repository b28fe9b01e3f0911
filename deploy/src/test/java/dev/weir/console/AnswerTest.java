package dev.weir.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.DeskEntry;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AnswerTest {
    private static final Instant NOW = Instant.parse("2026-03-16T10:00:00Z");

    private static Answer answer(String act, String by) {
        return Answer.of(Query.parse("act=" + act + "&alert=a1&entry=once&by=" + by + "&note=+"), NOW);
    }

    private static DeskEntry entry(String act) {
        Answer answer = answer(act, "Ana");
        return Objects.requireNonNull(answer.entry(), () -> String.valueOf(answer.fault()));
    }

    @Test
    void everyButtonIsAnAnswerTheDeskTakes() {
        assertThat(entry("acknowledged"))
                .isEqualTo(DeskEntry.acknowledged("once-acknowledged", NOW, "a1", "Ana", null));
        assertThat(entry("wrong")).isEqualTo(DeskEntry.verdict("once-wrong", NOW, "a1", "wrong", "Ana", null));
        assertThat(entry("silenced-1d"))
                .isEqualTo(DeskEntry.silenced(
                        "once-silenced-1d", NOW, "a1", Instant.parse("2026-03-17T10:00:00Z"), "Ana", null));
    }

    @Test
    void theSameButtonTwiceIsOneAnswerAndAnotherButtonIsAnother() {
        assertThat(entry("useful").entryId())
                .isEqualTo(entry("useful").entryId())
                .isNotEqualTo(entry("known").entryId());
    }

    @Test
    void whoDoesNotSayWhoOrWhatIsTold() {
        assertThat(answer("acknowledged", "+").fault()).contains("Say who you are");
        assertThat(answer("deleted", "Ana").fault()).contains("no answer 'deleted'");
        assertThat(answer("deleted", "Ana").entry()).isNull();
    }
}
