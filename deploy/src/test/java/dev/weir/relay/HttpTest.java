package dev.weir.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HttpTest {
    private static final Hosts NAMED = new Hosts(Set.of("127.0.0.1"));

    @Test
    void aPrivateHostThatIsNotNamedIsNotSpokenTo() throws Exception {
        try (HttpReceiver receiver = new HttpReceiver(HttpReceiver.WELL);
                Http http = new Http(new Hosts(Set.of("other.example")))) {
            refused(http, receiver.url(), "not https, and 127.0.0.1 is not named under private_hosts");
            refused(http, receiver.url().replace("http:", "https:"), "name it under private_hosts");
            refused(http, receiver.url().replace("http:", "https:").replace("127.0.0.1", "localhost"), "private_hosts");
            assertThat(receiver.attempts()).isZero();
        }
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        try (HttpReceiver target = new HttpReceiver(HttpReceiver.WELL);
                HttpReceiver receiver = new HttpReceiver((exchange, request, attempt) -> {
                    exchange.getResponseHeaders().add("Location", target.url());
                    exchange.sendResponseHeaders(307, -1);
                    exchange.close();
                    return false;
                });
                Http http = new Http(NAMED)) {
            refused(http, receiver.url(), "answered 307; redirects are not followed");
            assertThat(target.attempts()).isZero();
        }
    }

    @Test
    void ofALongAnswerTheBeginningIsReadAndItsStatusCounts() throws Exception {
        byte[] million = new byte[1_000_000];
        try (HttpReceiver receiver = new HttpReceiver((exchange, request, attempt) -> {
                    exchange.sendResponseHeaders(200, million.length);
                    exchange.getResponseBody().write(million);
                    exchange.close();
                    return true;
                });
                Http http = new Http(NAMED)) {
            Http.Answer answer = http.post(URI.create(receiver.url()), Map.of(), "{}");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body().length()).isEqualTo(65_536);
        }
    }

    @Test
    void aReceiverSaysHowLongItWantsToBeLeftAlone() throws Exception {
        try (HttpReceiver receiver = new HttpReceiver((exchange, request, attempt) -> {
                    exchange.getResponseHeaders().add("Retry-After", "77");
                    exchange.sendResponseHeaders(429, -1);
                    exchange.close();
                    return false;
                });
                Http http = new Http(NAMED)) {
            assertThatThrownBy(() -> http.post(URI.create(receiver.url()), Map.of(), "{}"))
                    .isInstanceOfSatisfying(NotDelivered.class, why -> assertThat(why.retryAfter())
                            .hasSeconds(77));
        }
    }

    private static void refused(Http http, String url, String why) {
        assertThatThrownBy(() -> http.post(URI.create(url), Map.of(), "{}"))
                .isInstanceOf(NotDelivered.class)
                .hasMessageContaining(why);
    }
}
