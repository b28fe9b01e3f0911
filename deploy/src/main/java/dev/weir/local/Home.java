package dev.weir.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one directory of a local system: {@code logs/}, {@code run/} (pid files, generated configuration), {@code secrets/},
 * and the data of Kafka, PostgreSQL and Flink. Held by a file lock, which the system drops when its holder dies; so
 * whoever gets the lock knows that every process still running from here is a leftover, and ends it.
 */
public final class Home implements AutoCloseable {
    private final Path root;
    private final FileChannel channel;

    private Home(Path root, FileChannel channel) {
        this.root = root;
        this.channel = channel;
    }

    /** The directory meant: the option, else {@code $WEIR_HOME}, else {@code .weir} in the project (or here). */
    public static Path locate(@Nullable Path option) {
        String variable = System.getenv("WEIR_HOME");
        Path path = option != null
                ? option
                : variable != null && !variable.isBlank()
                        ? Path.of(variable)
                        : project().resolve(".weir");
        return path.toAbsolutePath().normalize();
    }

    /** The project's directory: what the launcher says ({@code -Dweir.home}), else found upwards from this code. */
    public static Path project() {
        String said = System.getProperty("weir.home");
        if (said != null) {
            return Path.of(said);
        }
        for (Path at = code(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("deploy/cluster/config.yaml"))) {
                return at;
            }
        }
        return Path.of("").toAbsolutePath();
    }

    /** Where this class was loaded from: a jar or a directory of classes. */
    static Path code() {
        try {
            return Path.of(Home.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** This JVM's class path, absolute: a child works in another directory. */
    static String classpath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Takes the directory for this process, ends what an earlier one left running, and puts its logs aside. */
    public static Home claim(Path root) {
        try {
            Path real = Files.createDirectories(root).toRealPath();
            FileChannel channel =
                    FileChannel.open(real.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                channel.close();
                throw new Refused("another weir is running in " + real + holder(real)
                        + "; stop it (Ctrl-C), or choose another directory with --home");
            }
            Home home = new Home(real, channel);
            Files.createDirectories(home.run());
            Files.createDirectories(home.logs());
            Files.createDirectories(
                    home.root.resolve("secrets"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Leftovers.end(home);
            home.putLogsAside();
            Files.writeString(
                    real.resolve("holder"),
                    Long.toString(ProcessHandle.current().pid()));
            return home;
        } catch (IOException failure) {
            throw new Refused("cannot use " + root + " as home: " + failure, failure);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException ownedHere) {
            return false;
        }
    }

    private static String holder(Path root) throws IOException {
        Path file = root.resolve("holder");
        return Files.exists(file) ? " (process " + Files.readString(file).strip() + ")" : "";
    }

    private void putLogsAside() throws IOException {
        Path old = Files.createDirectories(logs().resolve("previous"));
        for (Path log : list(logs())) {
            if (Files.isRegularFile(log)) {
                Files.move(log, old.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    public Path root() {
        return root;
    }

    public Path logs() {
        return root.resolve("logs");
    }

    Path run() {
        return root.resolve("run");
    }

    Path data(String name) {
        return root.resolve(name);
    }

    /** The mark on the command line of a child JVM by which a leftover of this home is recognized. */
    String mark() {
        return "-Dweir.local=" + root;
    }

    /** Forgets all data, not the secrets nor the logs. */
    void empty() {
        for (String name : List.of("kafka", "postgres", "flink")) {
            delete(data(name));
        }
    }

    /** The file of a secret, made on first use: random, for its owner's eyes only. */
    Path secret(String name) {
        Path file = root.resolve("secrets").resolve(name);
        if (!Files.exists(file)) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            writePrivate(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
        }
        return file;
    }

    static void writePrivate(Path file, String text) {
        try {
            Path draft = file.resolveSibling(file.getFileName() + ".draft");
            Files.deleteIfExists(draft);
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, text);
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Deletes a directory with all that is in it, if it is there. */
    public static void delete(Path tree) {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static List<Path> list(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(root.resolve("holder"));
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
