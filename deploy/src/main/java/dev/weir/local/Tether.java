package dev.weir.local;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/**
 * First main of every child JVM: ties it to its parent by the pipe on standard input, then runs the real main.
 *
 * <p>When the parent ends, in whatever way (kill -9 too), the system closes the pipe, and the child shuts down in order.
 */
public final class Tether {
    private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(10);

    private Tether() {}

    /** Arguments: the class with the real main, then its arguments. */
    public static void main(String[] args) throws ReflectiveOperationException {
        hold();
        Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object)
                Arrays.copyOfRange(args, 1, args.length));
    }

    static void hold() {
        daemon("tether", () -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException gone) {
                // the same as end of input: nobody is there any more
            }
            daemon("tether-limit", Tether::haltAfterLimit);
            System.exit(0);
        });
    }

    private static void haltAfterLimit() {
        try {
            Thread.sleep(SHUTDOWN_LIMIT.toMillis());
        } catch (InterruptedException early) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    private static void daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }
}
