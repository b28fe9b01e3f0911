package dev.weir.console;

import com.sun.net.httpserver.HttpExchange;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request: what is asked, and whether it may be. */
record Asked(HttpExchange exchange) {
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

    @Nullable String header(String name) {
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
