package dev.weir.relay;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.machine.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A server that hears of alerts, and keeps what it took. It behaves badly as often as it is told. */
final class HttpReceiver implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Answer answer;
    private final List<Request> taken = new ArrayList<>();
    private int attempts;

    /** What it was sent. */
    record Request(String path, Map<String, String> headers, String body) {
        Map<String, @Nullable Object> json() {
            return Json.read(body);
        }

        Map<String, @Nullable Object> alert() {
            Map<String, @Nullable Object> alert = new LinkedHashMap<>();
            ((Map<?, ?>) Objects.requireNonNull(json().get("alert"))).forEach((k, v) -> alert.put((String) k, v));
            return alert;
        }

        String pair() {
            return alert().get("alert_id") + "/" + json().get("revision");
        }
    }

    /** How it answers the nth attempt, counted from 1: true when it took it. */
    interface Answer {
        boolean to(HttpExchange exchange, Request request, int attempt) throws IOException;
    }

    static final Answer WELL = (exchange, request, attempt) -> {
        say(exchange, 200, "");
        return true;
    };

    /** The first so many attempts are answered with 500. */
    static Answer failing(int attempts) {
        return (exchange, request, attempt) -> {
            say(exchange, attempt <= attempts ? 500 : 200, "");
            return attempt > attempts;
        };
    }

    /** It takes the first so many and says nothing: it cannot be known that it took them. */
    static Answer silent(int attempts) {
        return (exchange, request, attempt) -> {
            if (attempt > attempts) {
                say(exchange, 200, "");
            }
            return true;
        };
    }

    /** It takes the first so many and cuts the connection. */
    static Answer dropping(int attempts) {
        return (exchange, request, attempt) -> {
            if (attempt > attempts) {
                say(exchange, 200, "");
            } else {
                exchange.close();
            }
            return true;
        };
    }

    /** As Slack answers. */
    static final Answer SLACK = (exchange, request, attempt) -> {
        boolean post = request.path().endsWith("chat.postMessage");
        say(exchange, 200, "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1700000000." + (post ? attempt : 0) + "\"}");
        return true;
    };

    HttpReceiver(Answer answer) throws IOException {
        this.answer = answer;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::take);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    private void take(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Request request = new Request(exchange.getRequestURI().getPath(), headers, body);
        int attempt;
        synchronized (this) {
            attempt = ++attempts;
        }
        if (answer.to(exchange, request, attempt)) {
            synchronized (this) {
                taken.add(request);
            }
        }
    }

    private static void say(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    synchronized List<Request> taken() {
        return List.copyOf(taken);
    }

    synchronized int attempts() {
        return attempts;
    }

    /** What an idempotent receiver makes of it: each key once. */
    List<Request> byKey() {
        Map<String, Request> first = new LinkedHashMap<>();
        for (Request request : taken()) {
            first.putIfAbsent(Objects.requireNonNull(request.headers().get("idempotency-key")), request);
        }
        return List.copyOf(first.values());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
