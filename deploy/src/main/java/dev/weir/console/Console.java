package dev.weir.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import dev.weir.io.Warehouse;
import dev.weir.local.Refused;
import dev.weir.playbook.Change;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The console: pages made on the server from the warehouse's views, served by the HTTP server of the JDK.
 *
 * <p>It looks at the warehouse and never writes to it. What a reader may send are forms of the alert desk. A browser is told
 * to load nothing from elsewhere and to run no script but the console's own file; a request whose Host is neither an address,
 * localhost nor a name given is refused, so that no other site's name can be made to point here.
 */
public final class Console implements AutoCloseable {
    public static final String LOOPBACK = "127.0.0.1";

    private static final int THREADS = 8;
    private static final int WAITING = 64;
    /** How long an answer to "is there news" is good for all who ask. */
    private static final long NEWS_NANOS = 500_000_000L;

    private static final String POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static final Map<String, String> FILES = Map.of(
            "console.css", "text/css; charset=utf-8",
            "console.js", "text/javascript; charset=utf-8",
            "icon.svg", "image/svg+xml");

    /**
     * How it is to run.
     *
     * @param host address to listen on
     * @param port where; 0 for any free one
     * @param portOption the option that changes it, for a message
     * @param names by which browsers may call it beside addresses and localhost
     * @param warehouse with a user who may read the views
     * @param brokers settings with the brokers to which answers to alerts go; null where there are none to answer through
     * @param changes what the playbook says was changed
     * @param say hears of pages that failed
     */
    public record Options(
            String host,
            int port,
            String portOption,
            Set<String> names,
            Warehouse warehouse,
            @Nullable Settings brokers,
            List<Change> changes,
            Consumer<String> say) {}

    private final Options options;
    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final List<Page> pages = List.of(
            new OverviewPage(),
            new ConversionPage(),
            new PipelinePage(),
            new CampaignsPage(),
            new AlertsPage(),
            new HealthPage());
    private final String token = token();
    private final @Nullable Desk desk;
    private long news;
    private long newsAt = System.nanoTime() - NEWS_NANOS;

    private Console(Options options, HttpServer server) {
        this.options = options;
        this.server = server;
        this.desk = options.brokers() == null ? null : new Desk(options.brokers());
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, "console");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Starts it; refuses when the port is taken. */
    public static Console start(Options options) {
        // Seconds for a whole request and a whole answer, so that nobody can hold all threads by being slow.
        System.setProperty("sun.net.httpserver.maxReqTime", "20");
        System.setProperty("sun.net.httpserver.maxRspTime", "60");
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(options.host(), options.port()), WAITING);
            Console console = new Console(options, server);
            server.createContext("/", console::answer);
            server.setExecutor(console.threads);
            server.start();
            return console;
        } catch (BindException taken) {
            throw taken(options.host(), options.port(), options.portOption(), taken);
        } catch (IOException | IllegalArgumentException failure) {
            throw new Refused("the console cannot listen on " + options.host() + ": " + failure.getMessage(), failure);
        }
    }

    /** Refuses a port that is taken, before anything that takes long is started. */
    public static void checkFree(int port, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException taken) {
            throw taken(LOOPBACK, port, option, taken);
        }
    }

    private static Refused taken(String host, int port, String option, IOException why) {
        return new Refused(
                "port " + port + " of " + host + " for the console is taken, or the address is not of this machine;"
                        + " choose another with " + option + " PORT (0: any free)",
                why);
    }

    private static String token() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Where it is, for a browser on this machine. */
    public String url() {
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return "http://" + host + ":" + server.getAddress().getPort() + "/";
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Reply reply;
            try {
                reply = answer(new Asked(exchange));
            } catch (SQLException failure) {
                options.say().accept("the console cannot read the warehouse: " + failure.getMessage());
                reply = Reply.page(503, Frame.refusal("The warehouse cannot be read", explain(failure)));
            } catch (RuntimeException failure) {
                options.say().accept("page " + exchange.getRequestURI().getPath() + " failed: " + failure);
                reply = Reply.page(
                        500,
                        Frame.refusal("This page failed", "It is a fault of Weir; the console's output tells more."));
            }
            send(exchange, reply);
        }
    }

    private String explain(SQLException failure) {
        String state = Objects.requireNonNullElse(failure.getSQLState(), "");
        return switch (state) {
            case "42P01", "3F000", "42703" -> "Its views are missing or old: run weir migrate.";
            case "42501" ->
                "User " + options.warehouse().user() + " may not: GRANT weir_reader TO "
                        + options.warehouse().user() + ".";
            case "57014" -> "It took too long to answer: choose less, or see whether it is overloaded.";
            default -> "Is it up? This page comes back by itself once it is. (SQLSTATE " + state + ")";
        };
    }

    private Reply answer(Asked asked) throws SQLException, IOException {
        if (!asked.isFor(options.host(), options.names())) {
            return Reply.page(
                    421,
                    Frame.refusal(
                            "Not by this name",
                            "This console answers to addresses, to localhost and to names given with --name."));
        }
        String path = asked.path();
        if (!asked.reads()) {
            return path.equals("/alerts") && asked.isPost()
                    ? told(asked)
                    : Reply.page(405, Frame.refusal("Nothing to send here", "This page can be read only."));
        } else if (path.startsWith("/console/")) {
            return file(path.substring("/console/".length()));
        } else if (path.equals("/news")) {
            return new Reply(
                    200,
                    null,
                    "text/plain; charset=utf-8",
                    Long.toString(news()).getBytes(StandardCharsets.UTF_8));
        }
        for (Page page : pages) {
            if (page.path().equals(path)) {
                return page(page, asked.query());
            }
        }
        return missing();
    }

    private static Reply missing() {
        return Reply.page(404, Frame.refusal("There is no such page", "The address may be mistyped."));
    }

    /** An answer to an alert: told to the desk, and back to the alerts. */
    private Reply told(Asked asked) throws IOException {
        if (desk == null) {
            return Reply.page(
                    503, Frame.refusal("No desk to tell", "Start the console with --settings that name the brokers."));
        } else if (!asked.isFromHere()) {
            return Reply.page(403, Frame.refusal("Not from this page", "Answer from the console's own page."));
        }
        Query form = asked.form();
        if (!MessageDigest.isEqual(
                token.getBytes(StandardCharsets.UTF_8), form.get("token").getBytes(StandardCharsets.UTF_8))) {
            return Reply.page(
                    403,
                    Frame.refusal(
                            "This form is too old", "The console was started anew: load the page and answer again."));
        }
        Answer answer = Answer.of(form, Instant.now());
        if (answer.entry() == null) {
            return Reply.page(400, Frame.refusal("That is no answer", Objects.requireNonNullElse(answer.fault(), "")));
        }
        try {
            desk.tell(answer.entry());
        } catch (Unreachable failure) {
            options.say().accept("an answer to an alert was not taken: " + failure.getMessage());
            return Reply.page(
                    503, Frame.refusal("The brokers did not take it", "Nothing was told; go back and try again."));
        }
        Query back = Query.parse(form.get("back")).with("said", answer.entry().kind());
        return new Reply(303, "/alerts?" + back.text(), "text/plain; charset=utf-8", new byte[0]);
    }

    private Reply page(Page page, Query query) throws SQLException {
        long before = news();
        try (Views views = Views.open(options.warehouse())) {
            Look look = new Look(views, query, options.changes(), new Look.DeskForm(token, desk != null));
            return Reply.page(200, Frame.of(page, pages, query, page.body(look), before));
        }
    }

    /** A number that is another one when tables were written; asked of the database at most twice a second. */
    private synchronized long news() throws SQLException {
        if (System.nanoTime() - newsAt >= NEWS_NANOS) {
            try (Views views = Views.open(options.warehouse())) {
                Line sum = views.one("SELECT coalesce(sum(writes), 0)::bigint AS writes FROM bi.news");
                news = sum == null ? 0 : sum.count("writes");
            }
            newsAt = System.nanoTime();
        }
        return news;
    }

    private static Reply file(String name) throws IOException {
        String type = FILES.get(name);
        if (type == null) {
            return missing();
        }
        try (InputStream in = Objects.requireNonNull(Console.class.getResourceAsStream(name), name)) {
            return new Reply(200, null, type, in.readAllBytes());
        }
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", reply.type());
        if (reply.location() != null) {
            headers.set("Location", reply.location());
        }
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
        boolean bodiless = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(reply.status(), bodiless || reply.body().length == 0 ? -1 : reply.body().length);
        if (!bodiless) {
            exchange.getResponseBody().write(reply.body());
        }
    }

    private record Reply(int status, @Nullable String location, String type, byte[] body) {
        static Reply page(int status, String html) {
            return new Reply(status, null, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        if (desk != null) {
            desk.close();
        }
    }
}
