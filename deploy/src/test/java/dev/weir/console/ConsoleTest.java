package dev.weir.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.io.Settings;
import dev.weir.io.Warehouse;
import dev.weir.local.Refused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the server lets in and what it does not; requests are written by hand, since clients forbid some of it. */
class ConsoleTest {
    /** A port where nobody listens. */
    private static final String NOWHERE = "127.0.0.1:1";

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Console console = Console.start(options(0));

    private Console.Options options(int port) {
        return new Console.Options(
                Console.LOOPBACK,
                port,
                "--port",
                Set.of("weir.acme.example"),
                new Warehouse("jdbc:postgresql://" + NOWHERE + "/weir", "reader", null, null),
                Settings.parse(
                        "kafka: {bootstrap: '" + NOWHERE + "'}\n" + "warehouse: {url: 'jdbc:postgresql://" + NOWHERE
                                + "/weir', user: writer}",
                        "test"),
                List.of(),
                said::add);
    }

    @AfterEach
    void close() {
        console.close();
    }

    private String ask(String method, String path, String host, String headers, String body) throws IOException {
        int port = URI.create(console.url()).getPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + headers
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String get(String path, String host) throws IOException {
        return ask("GET", path, host, "", "");
    }

    @Test
    void aNameThatWasMadeToPointHereIsRefused() throws IOException {
        assertThat(get("/console/icon.svg", "evil.example:8080")).startsWith("HTTP/1.1 421");
        assertThat(get("/console/icon.svg", "127.0.0.1.evil.example")).startsWith("HTTP/1.1 421");
        for (String host : List.of("localhost:5", "127.0.0.1", "[::1]:7", "WEIR.acme.example", "10.1.2.3:80")) {
            assertThat(get("/console/icon.svg", host)).as(host).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aBrowserIsToldToLoadNothingFromElsewhereAndToRunNoOtherScript() throws IOException {
        assertThat(get("/nowhere", "localhost").toLowerCase(Locale.ROOT))
                .startsWith("http/1.1 404")
                .contains(
                        "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'",
                        "frame-ancestors 'none'",
                        "x-content-type-options: nosniff");
    }

    @Test
    void aFormCountsOnlyWhenAPageOfThisConsoleSentIt() throws IOException {
        String form = "Content-Type: application/x-www-form-urlencoded\r\n";
        String body = "act=acknowledged&alert=a1&by=Ana&entry=e1&token=guessed";

        assertThat(ask("POST", "/alerts", "localhost", form, body))
                .startsWith("HTTP/1.1 403")
                .contains("This form is too old");
        assertThat(ask("POST", "/alerts", "localhost", form + "Origin: http://evil.example\r\n", body))
                .startsWith("HTTP/1.1 403")
                .contains("Not from this page");
        assertThat(ask("POST", "/alerts", "localhost", form + "Sec-Fetch-Site: cross-site\r\n", body))
                .startsWith("HTTP/1.1 403");
        assertThat(ask("POST", "/", "localhost", form, body)).startsWith("HTTP/1.1 405");
        assertThat(ask("PUT", "/alerts", "localhost", form, body)).startsWith("HTTP/1.1 405");
    }

    @Test
    void withoutItsWarehouseAPageSaysSoAndKeepsTheReasonForTheOperator() throws IOException {
        assertThat(get("/", "localhost"))
                .startsWith("HTTP/1.1 503")
                .contains("The warehouse cannot be read", "Is it up?")
                .doesNotContain("jdbc:");
        assertThat(said).singleElement().asString().contains("cannot read the warehouse");
    }

    @Test
    void aTakenPortIsNamedWithTheOptionThatChangesIt() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> Console.start(options(port)))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("port " + port)
                    .hasMessageContaining("--port PORT");
            assertThatThrownBy(() -> Console.checkFree(port, "--console-port"))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("--console-port PORT");
        }
    }
}
