package dev.weir.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;

/**
 * Posts to other people's servers, and believes them nothing: no host that is not allowed, no redirect, an answer within
 * {@link #DEADLINE}, of which {@value #MOST_BYTES} bytes are read.
 */
final class Http implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(15);

    private static final int CONNECT_SECONDS = 5;
    private static final int SILENCE_SECONDS = 10;
    private static final int MOST_BYTES = 65_536;
    private static final int MOST_TOLD = 200;

    private final Hosts hosts;
    private final CloseableHttpClient client;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(body -> {
        Thread thread = new Thread(body, "relay-deadlines");
        thread.setDaemon(true);
        return thread;
    });

    /** What a server answered; the body may be cut. */
    record Answer(int status, String body) {}

    Http(Hosts hosts) {
        this.hosts = hosts;
        this.client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(new Allowed(hosts))
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
                                .setSocketTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
                        .setRedirectsEnabled(false)
                        .build())
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableRedirectHandling()
                .setUserAgent("weir")
                .build();
    }

    private record Allowed(Hosts hosts) implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws java.net.UnknownHostException {
            return hosts.resolve(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    /**
     * Posts JSON.
     *
     * @return an answer with a status of 200 to 299
     * @throws NotDelivered when there was another answer, or none
     */
    Answer post(URI to, Map<String, String> headers, String json) throws NotDelivered {
        String host = String.valueOf(to.getHost());
        if (!"https".equals(to.getScheme()) && !("http".equals(to.getScheme()) && hosts.isNamed(host))) {
            throw new NotDelivered("not https, and " + host + " is not named under private_hosts");
        }
        HttpPost request = new HttpPost(to);
        headers.forEach(request::setHeader);
        request.setHeader("Content-Type", "application/json");
        request.setEntity(new ByteArrayEntity(json.getBytes(StandardCharsets.UTF_8), null));
        Future<?> deadline = watch.schedule(request::abort, DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        try (ClassicHttpResponse response = client.executeOpen(HttpHost.create(to), request, null)) {
            return answer(host, response);
        } catch (IOException failure) {
            throw new NotDelivered(
                    request.isAborted()
                            ? host + " did not answer within " + DEADLINE.toSeconds() + " s"
                            : host + ": " + failure.getMessage(),
                    failure);
        } finally {
            deadline.cancel(false);
        }
    }

    /** What lies beyond {@value #MOST_BYTES} bytes is not read: the connection is cut with the answer. */
    private static Answer answer(String host, ClassicHttpResponse response) throws IOException, NotDelivered {
        HttpEntity entity = response.getEntity();
        byte[] bytes = entity == null ? new byte[0] : entity.getContent().readNBytes(MOST_BYTES);
        int status = response.getCode();
        String body = new String(bytes, StandardCharsets.UTF_8);
        if (status >= 200 && status < 300) {
            return new Answer(status, body);
        }
        String redirect = status >= 300 && status < 400 ? "; redirects are not followed: write the final address" : "";
        throw new NotDelivered(
                host + " answered " + status + redirect + (body.isBlank() ? "" : ": " + Harmless.line(body, MOST_TOLD)),
                retryAfter(response));
    }

    private static @Nullable Duration retryAfter(ClassicHttpResponse response) {
        Header header = response.getFirstHeader("Retry-After");
        String seconds = header == null ? "" : header.getValue().strip();
        return seconds.matches("[0-9]{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : null;
    }

    @Override
    public void close() {
        watch.shutdownNow();
        try {
            client.close();
        } catch (IOException ignored) {
            // its connections are gone either way
        }
    }
}
