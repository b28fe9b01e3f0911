package dev.weir.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * One process of the local system. It holds a pipe from this process on its standard input and ends when that closes;
 * its own session keeps the terminal's Ctrl-C from it, so the order of stopping is ours.
 */
final class Child {
    /** For a JVM that is small and must be up soon: the quick compiler only, one thread to collect garbage. */
    static final List<String> LEAN = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private final String name;
    private final Process process;
    private final Home home;

    private Child(String name, Process process, Home home) {
        this.name = name;
        this.process = process;
        this.home = home;
    }

    /** Starts a JVM from the jars of {@code classpath}; {@code main} is tied to this process by {@link Tether}. */
    static Child java(Home home, String name, String classpath, List<String> options, List<String> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(home.mark());
        command.add("-Dlog.file=" + home.logs().resolve(name + ".log"));
        command.add("-Dlog4j2.configurationFile=" + logging(home));
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(options);
        command.addAll(main);
        return start(home, name, command, Map.of("CLASSPATH", classpath));
    }

    static Child start(Home home, String name, List<String> command, Map<String, String> environment) {
        Path out = home.logs().resolve(name + ".out");
        try {
            List<String> words = new ArrayList<>(Tools.OWN_SESSION);
            words.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(words)
                    .directory(home.run().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()));
            builder.environment().putAll(environment);
            Process process = builder.start();
            Files.writeString(home.run().resolve(name + ".pid"), Long.toString(process.pid()));
            return new Child(name, process, home);
        } catch (IOException failure) {
            throw new Failure("cannot start " + name + ": " + failure.getMessage(), failure);
        }
    }

    private static Path logging(Home home) {
        Path file = home.run().resolve("log4j2.properties");
        try (var resource = Tools.resource("log4j2.properties")) {
            Files.write(file, resource.readAllBytes());
            return file;
        } catch (IOException failure) {
            throw new Failure("cannot write " + file, failure);
        }
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    void kill() {
        process.destroyForcibly();
    }

    CompletableFuture<Integer> ended() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** Where its words are, for a message. */
    String logs() {
        Path log = home.logs().resolve(name + ".log");
        Path out = home.logs().resolve(name + ".out");
        return Files.exists(log) ? log + " and " + out : out.toString();
    }

    /** Polls until {@code ready} says so; fails at once when the process ends, or after {@code limit}. */
    void await(Duration limit, Tools.Probe ready) {
        boolean up = Tools.poll(limit, () -> {
            if (!alive()) {
                throw new Failure(name + " ended at start with exit code " + process.exitValue() + "; see " + logs());
            }
            return ready.holds();
        });
        if (!up) {
            throw new Failure(name + " is not ready after " + limit.toSeconds() + " s; see " + logs());
        }
    }

    /** Ends it in order, by force after the grace. */
    void stop() {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyGone) {
            // then it has seen the end of its input
        }
        Leftovers.awaitOrKill(process.toHandle());
        home.run().resolve(name + ".pid").toFile().delete();
    }
}
