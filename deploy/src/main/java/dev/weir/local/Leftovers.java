package dev.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a killed run left: pid files, and with bad luck processes. A pid alone proves nothing (it may be somebody else's
 * by now); only a process whose command line carries this home is ours to end.
 */
final class Leftovers {
    private static final int GRACE_SECONDS = 8;

    private Leftovers() {}

    static void end(Home home) throws IOException {
        List<ProcessHandle> ours = new ArrayList<>();
        List<Path> files = Home.list(home.run()).stream()
                .filter(file -> file.toString().endsWith(".pid"))
                .toList();
        for (Path file : files) {
            running(file).filter(process -> ours(process, home)).ifPresent(ours::add);
        }
        for (ProcessHandle process : ours) {
            interrupt(process);
        }
        for (ProcessHandle process : ours) {
            awaitOrKill(process);
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }

    private static Optional<ProcessHandle> running(Path file) throws IOException {
        try {
            return ProcessHandle.of(Long.parseLong(Files.readString(file).strip()));
        } catch (NumberFormatException halfWritten) {
            return Optional.empty();
        }
    }

    /** Read from /proc, because {@link ProcessHandle.Info} gives no arguments when the line is long. */
    private static boolean ours(ProcessHandle process, Home home) {
        try {
            String line = Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "cmdline"),
                    java.nio.charset.StandardCharsets.ISO_8859_1);
            List<String> words = Arrays.asList(line.split("\0", -1));
            return words.contains(home.mark())
                    || words.contains(home.data("postgres").toString());
        } catch (IOException goneOrForeign) {
            return false;
        }
    }

    /** INT is PostgreSQL's fast shutdown; TERM would wait for its clients. A JVM may ignore INT, never TERM. */
    static void interrupt(ProcessHandle process) {
        try {
            new ProcessBuilder("sh", "-c", "kill -INT " + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException early) {
            Thread.currentThread().interrupt();
        }
        boolean postgres = process.info().command().orElse("").endsWith("/postgres");
        if (!postgres) {
            process.destroy();
        }
    }

    static void awaitOrKill(ProcessHandle process) {
        try {
            process.onExit().get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException stubborn) {
            process.destroyForcibly();
            process.onExit().join();
        } catch (java.util.concurrent.ExecutionException failure) {
            throw new IllegalStateException(failure);
        } catch (InterruptedException early) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
