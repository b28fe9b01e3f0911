package dev.weir.bench.warehouse;

import dev.weir.console.Console;
import dev.weir.io.Warehouse;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** How long the console's pages take over these rows, and how great they are. A page is one answer: its first content is all of it. */
final class ConsolePages {
    static final int MILLIS = 1_000;
    static final int KILOBYTES = 500;

    /** Every page as it is opened, and with what makes it greatest. */
    private static final List<String> ADDRESSES = List.of(
            "/",
            "/conversion",
            "/conversion?grain=week&breakdown=properties.segment",
            "/conversion?grain=day&breakdown=properties.segment&value=segment+2",
            "/pipeline",
            "/campaigns",
            "/campaigns?by=campaign",
            "/alerts",
            "/alerts?status=firing+acknowledged+resolved+retracted&kind=every",
            "/health");

    private ConsolePages() {}

    /** Asks for each so many times after a first time, and says whether all were quick and small enough. */
    static boolean measure(Warehouse reader, int runs, PrintWriter out) throws IOException, InterruptedException {
        out.printf(
                Locale.ROOT,
                "%nthe console: a page's first time, the median of the %d after it, its size%n%n"
                        + "| page | first ms | ms | kB | |%n|---|---|---|---|---|%n",
                runs);
        boolean within = true;
        try (Console console = Console.start(
                new Console.Options(Console.LOOPBACK, 0, "--port", Set.of(), reader, null, List.of(), out::println))) {
            HttpClient client = HttpClient.newHttpClient();
            for (String address : ADDRESSES) {
                within &= measure(client, URI.create(console.url()).resolve(address), runs, out);
            }
        }
        return within;
    }

    private static boolean measure(HttpClient client, URI page, int runs, PrintWriter out)
            throws IOException, InterruptedException {
        long[] nanos = new long[runs + 1];
        int bytes = 0;
        for (int run = 0; run <= runs; run++) {
            long started = System.nanoTime();
            HttpResponse<byte[]> answer =
                    client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofByteArray());
            nanos[run] = System.nanoTime() - started;
            if (answer.statusCode() != 200) {
                throw new IOException(page + " answered " + answer.statusCode());
            }
            bytes = Math.max(bytes, answer.body().length);
        }
        double first = nanos[0] / 1e6;
        long[] later = Arrays.copyOfRange(nanos, 1, nanos.length);
        Arrays.sort(later);
        double median = later[later.length / 2] / 1e6;
        boolean within = first <= MILLIS && median <= MILLIS && bytes <= KILOBYTES * 1_000;
        out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.0f | %s |%n",
                page.getRawPath() + (page.getRawQuery() == null ? "" : "?" + page.getRawQuery()),
                first,
                median,
                bytes / 1e3,
                within ? "" : "over " + MILLIS + " ms or " + KILOBYTES + " kB");
        out.flush();
        return within;
    }
}
