package dev.weir.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.alert.Alert;
import dev.weir.io.AlertFeed.Place;
import dev.weir.machine.Json;
import dev.weir.relay.Teller.Message;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class WordsTest {
    private static final String HOSTILE =
            "<!channel> <https://evil.example|click> *b* & \"quoted\" \u202Eltr\u0007\r\nBcc: x@y.example";
    private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");

    private static Alert hostile(String runbook) {
        return new Alert(
                "id\n1",
                HOSTILE,
                HOSTILE,
                Alert.FIRING,
                HOSTILE,
                HOSTILE,
                HOSTILE,
                HOSTILE,
                HOSTILE,
                HOSTILE,
                HOSTILE,
                Alerts.START,
                null,
                "{\"x\":\"</script>\\u0000\"}",
                null,
                null,
                null,
                runbook,
                HOSTILE,
                0.5,
                HOSTILE,
                "d",
                false);
    }

    private static Message message(Alert alert) {
        return new Message(alert, new Place("t", 1, 7), null);
    }

    @Test
    void slackReadsNoCommandInWhatPeopleWrote() throws IOException {
        JsonNode message =
                new ObjectMapper().readTree(Json.object(SlackWords.message(message(hostile("javascript:alert(1)")))));
        String text = message.get("text").asText();
        assertThat(text).contains("&lt;!channel&gt;").doesNotContain("<", ">", "\n", "\u202E");
        for (JsonNode block : message.get("blocks")) {
            JsonNode part = block.has("text")
                    ? block.get("text")
                    : block.get("elements").get(0);
            assertThat(part.get("type").asText()).isEqualTo("plain_text");
            assertThat(part.get("text").asText().length()).isBetween(1, 3000);
        }
        assertThat(SlackWords.news(hostile(""))).doesNotContain("<", ">");
    }

    @Test
    void aRunbookIsALinkOfTheWebOrNone() {
        assertThat(Words.runbook(hostile("javascript:alert(1)"))).isNull();
        assertThat(Words.runbook(hostile("https://a b"))).isNull();
        assertThat(Words.runbook(hostile("https://wiki.example/x?a=1&b=2")))
                .isEqualTo("https://wiki.example/x?a=1&b=2");
        String message = Json.object(SlackWords.message(message(hostile("https://wiki.example/x?a=1&b=2"))));
        assertThat(message).contains("<https://wiki.example/x?a=1&amp;b=2|What to do>");
    }

    @Test
    void aWebhookReadsWhatWasWrittenAsText() throws IOException {
        JsonNode body = new ObjectMapper().readTree(WebhookTeller.body(message(hostile("x"))));
        assertThat(body.get("alert").get("summary").asText()).isEqualTo(HOSTILE);
        assertThat(body.get("alert").get("evidence").get("x").asText()).isEqualTo("</script>");
        assertThat(body.get("revision").asLong()).isEqualTo(7);
        assertThat(body.get("idempotency_key").asText())
                .isEqualTo(message(hostile("x")).key());
    }

    @Test
    void labelsAndAnnotationsAreLines() {
        Json.object(AlertmanagerTeller.post(hostile("x"), null)).chars().forEach(c -> assertThat(c)
                .isNotEqualTo('\n'));
        assertThat(AlertmanagerTeller.labels(hostile("x")).values())
                .noneMatch(v -> v.contains("\n") || v.contains("\u202E"));
    }

    @Test
    void alertmanagerHearsSinceWhenAndUntilWhenAndNoAlertEndsBeforeItBegan() {
        Alert firing = Alerts.firing("a");
        assertThat(AlertmanagerTeller.post(firing, null))
                .containsEntry("startsAt", Alerts.START)
                .doesNotContainKey("endsAt");
        Alert resolved = Alerts.as(Alert.RESOLVED, firing);
        assertThat(AlertmanagerTeller.post(resolved, NOW)).containsEntry("endsAt", resolved.endedAt());
        assertThat(AlertmanagerTeller.post(Alerts.as(Alert.RETRACTED, firing), NOW))
                .containsEntry("endsAt", NOW);
        assertThat(AlertmanagerTeller.post(resolved, Alerts.START.minusSeconds(9)))
                .containsEntry("endsAt", Alerts.START);
    }

    /** RFC 4231 has no vector with our dot, so the expected value is from another implementation (openssl dgst -hmac). */
    @Test
    void theSignatureIsThatOfTimestampAndBody() {
        assertThat(WebhookTeller.signature("secret", "1772452800", "{\"a\":1}"))
                .isEqualTo("c747dc5ec7d578d37dfd5024d4493f8a7c2283763535adc7ef89aa54017e33a0");
    }

    @Test
    void keysAreThoseOfTheWordsAndOfNothingElse() {
        Message one = message(Alerts.firing("a"));
        assertThat(one.key()).isEqualTo(message(Alerts.firing("a")).key()).hasSize(32);
        assertThat(one.key()).isNotEqualTo(new Message(Alerts.firing("a"), new Place("t", 1, 8), null).key());
        assertThat(one.key()).isNotEqualTo(new Message(Alerts.firing("a"), new Place("other", 1, 7), null).key());
    }

    @Test
    void longTextEndsInAnEllipsisAndSplitsNoCharacter() {
        assertThat(Harmless.line("abcdef", 4)).isEqualTo("abc…");
        assertThat(Harmless.line("ab\ud83d\ude00\ud83d\ude00", 4)).isEqualTo("ab…");
        assertThat(Objects.requireNonNull(Harmless.line("abcd", 4))).isEqualTo("abcd");
    }
}
