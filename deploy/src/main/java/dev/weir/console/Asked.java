package dev.weir.console;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request: what is asked, and whether it may be. */
record Asked(HttpExchange exchange) {
    private static final int FORM_BYTES = 65_536;

    /** An address that nobody can make another name point to. */
    private static final Pattern ADDRESS = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.%]+]");

    String path() {
        return exchange.getRequestURI().getPath();
    }

    Query query() {
        return Query.parse(exchange.getRequestURI().getRawQuery());
    }

    boolean reads() {
        return exchange.getRequestMethod().equals("GET")
                || exchange.getRequestMethod().equals("HEAD");
    }

    boolean isPost() {
        return exchange.getRequestMethod().equals("POST");
    }

    /** The fields of a form that was sent, of at most {@link #FORM_BYTES}; what is longer is cut. */
    Query form() throws IOException {
        return Query.parse(new String(exchange.getRequestBody().readNBytes(FORM_BYTES), StandardCharsets.UTF_8));
    }

    /** Whether a page of this console sent it: no browser says otherwise of its own accord. */
    boolean isFromHere() {
        String site = header("Sec-Fetch-Site");
        String origin = header("Origin");
        return (site == null || site.equals("same-origin"))
                && (origin == null || origin.replaceFirst("^https?://", "").equals(header("Host")));
    }

    private @Nullable String header(String name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    /** Whether it was addressed to this console by a name of its own, and not by one that was made to point here. */
    boolean isFor(String listensOn, Set<String> names) {
        String host = header("Host");
        if (host == null) {
            return false;
        }
        String name = host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]*$", "");
        return name.equals("localhost")
                || name.equals(listensOn.toLowerCase(Locale.ROOT))
                || names.contains(name)
                || ADDRESS.matcher(name).matches();
    }
}
