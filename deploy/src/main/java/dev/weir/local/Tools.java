package dev.weir.local;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** The few things of the machine that all three need. */
final class Tools {
    /** setsid keeps the pid (the child of a JVM leads no group), and a terminal's Ctrl-C from the child. */
    static final List<String> OWN_SESSION = works("setsid", "true") ? List.of("setsid") : List.of();

    private Tools() {}

    /** A question that may fail while the answer is not known yet. */
    @FunctionalInterface
    interface Probe {
        boolean holds() throws Exception;
    }

    /** Asks every 50 ms until yes or the limit; a {@link Failure} from the probe ends it, any other means not yet. */
    static boolean poll(Duration limit, Probe probe) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                if (probe.holds()) {
                    return true;
                }
            } catch (Failure certain) {
                throw certain;
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new Failure("interrupted", stop);
            } catch (Exception notYet) {
                // the next round asks again
            }
            pause();
        }
        return false;
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", stop);
        }
    }

    static boolean works(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    static InputStream resource(String name) {
        return Objects.requireNonNull(Tools.class.getResourceAsStream(name), name);
    }

    /** The port if it is free on this machine, any free one for 0; taken: refused, with the option that changes it. */
    static int port(int wanted, String what, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
            return socket.getLocalPort();
        } catch (IOException taken) {
            throw new Refused(
                    "port " + wanted + " for " + what + " is taken; choose another with " + option
                            + " PORT (0: any free)",
                    taken);
        }
    }

    static int freePort() {
        return port(0, "an inner connection", "no");
    }
}
