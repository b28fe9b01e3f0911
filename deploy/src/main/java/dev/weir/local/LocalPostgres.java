package dev.weir.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * A real PostgreSQL as a child process: TCP on 127.0.0.1 only, passwords always, the data in the home.
 *
 * <p>The owner {@code postgres} migrates and makes the logins; {@code weir_app} writes for the jobs, {@code weir_read}
 * reads the views. PostgreSQL refuses to run as root, so root runs it in a user namespace of its own ({@code unshare -U}:
 * the files stay root's), or where that is forbidden as nobody.
 */
public final class LocalPostgres implements AutoCloseable {
    public static final String OWNER = "postgres";
    public static final String WRITER = "weir_app";
    public static final String READER = "weir_read";
    private static final String DATABASE = "weir";
    private static final String NOBODY = "65534";

    /** The shell becomes the server; what it leaves behind waits for the end of standard input, then stops the server. */
    private static final String TETHERED =
            "exec 3<&0; (cat <&3 >/dev/null; kill -INT $$ 2>/dev/null) & exec 3<&- \"$@\" </dev/null";

    private final Home home;
    private final Child child;
    private final int port;

    private LocalPostgres(Home home, Child child, int port) {
        this.home = home;
        this.child = child;
        this.port = port;
    }

    /** A server of its own in a home, on a port that is free. */
    public static LocalPostgres start(Home home, int port) {
        try {
            Path programs = programs(home);
            Servant servant = Servant.find();
            Path data = data(home, programs, servant);
            List<String> command = new ArrayList<>(List.of("sh", "-c", TETHERED, "weir"));
            command.addAll(servant.prefix());
            command.addAll(List.of(programs.resolve("bin/postgres").toString(), "-D", data.toString()));
            for (String setting : settings(port)) {
                command.addAll(List.of("-c", setting));
            }
            Child child = Child.start(home, "postgres", command, Map.of("LC_ALL", "C"));
            return new LocalPostgres(home, child, port).ready();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<String> settings(int port) {
        return List.of(
                "port=" + port,
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "max_connections=60",
                "shared_buffers=128MB",
                "max_wal_size=1GB",
                "timezone=UTC",
                "log_timezone=UTC");
    }

    private LocalPostgres ready() {
        try {
            child.await(Duration.ofSeconds(60), () -> {
                try (Connection connection = connect(OWNER, "postgres")) {
                    return connection.isValid(5);
                }
            });
            try (Connection connection = connect(OWNER, "postgres");
                    Statement statement = connection.createStatement()) {
                if (!holds(statement, "SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                    statement.execute("CREATE DATABASE " + DATABASE);
                }
            }
            return this;
        } catch (SQLException failure) {
            close();
            throw new Failure("postgres cannot make its database: " + failure.getMessage(), failure);
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /** Gives the two login users their passwords and their roles; call it after the migration has made the roles. */
    public void logins() {
        try (Connection connection = owner();
                Statement statement = connection.createStatement()) {
            login(statement, WRITER, "weir_writer");
            login(statement, READER, "weir_reader");
        } catch (SQLException failure) {
            throw new Failure("cannot make the database logins: " + failure.getMessage(), failure);
        }
        Home.writePrivate(
                passwords(), "127.0.0.1:" + port + ":" + DATABASE + ":" + READER + ":" + password(READER) + "\n");
    }

    private void login(Statement statement, String user, String role) throws SQLException {
        if (!holds(statement, "SELECT 1 FROM pg_roles WHERE rolname = '" + user + "'")) {
            statement.execute("CREATE ROLE " + user + " LOGIN");
        }
        statement.execute("ALTER ROLE " + user + " LOGIN PASSWORD '" + password(user) + "'");
        statement.execute("GRANT " + role + " TO " + user);
    }

    private static boolean holds(Statement statement, String question) throws SQLException {
        try (ResultSet answer = statement.executeQuery(question)) {
            return answer.next();
        }
    }

    public String url() {
        return url(DATABASE);
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** A connection of the owner, who may do everything here. */
    public Connection owner() throws SQLException {
        return connect(OWNER, DATABASE);
    }

    /** A connection of the reader, as a BI tool has it. */
    public Connection reader() throws SQLException {
        return connect(READER, DATABASE);
    }

    private Connection connect(String user, String database) throws SQLException {
        return DriverManager.getConnection(url(database), user, password(user));
    }

    /** The file, readable by its owner only, that holds the password of one of the three users. */
    public Path passwordFile(String user) {
        return home.secret(user);
    }

    private String password(String user) {
        try {
            return Files.readString(passwordFile(user)).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path passwords() {
        return home.root().resolve("secrets").resolve("pgpass");
    }

    /** What to type for a look at the tables. */
    public String psql() {
        return "PGPASSFILE=" + passwords() + " psql -h 127.0.0.1 -p " + port + " -U " + READER + " " + DATABASE;
    }

    Child child() {
        return child;
    }

    @Override
    public void close() {
        child.stop();
    }

    /** Who runs the server: a prefix to its command, and whether its files must be given away. */
    private record Servant(List<String> prefix, boolean givesAway) {
        static Servant find() throws IOException {
            if (!root()) {
                return new Servant(List.of(), false);
            }
            if (Tools.works("unshare", "-U", "true")) {
                return new Servant(List.of("unshare", "-U"), false);
            }
            List<String> nobody = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
            List<String> trial = new ArrayList<>(nobody);
            trial.add("true");
            if (Tools.works(trial.toArray(String[]::new))) {
                return new Servant(nobody, true);
            }
            throw new Failure("PostgreSQL refuses to run as root, and neither unshare nor setpriv works here;"
                    + " run weir as an ordinary user");
        }

        private static boolean root() throws IOException {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .anyMatch(line -> line.startsWith("Uid:") && line.split("\\s+", -1)[2].equals("0"));
        }

        void take(Path path) {
            if (givesAway && !Tools.works("chown", "-R", NOBODY + ":" + NOBODY, path.toString())) {
                throw new Failure("cannot give " + path + " to nobody, who is to run PostgreSQL");
            }
        }

        void checkReaches(Path path) {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of("test", "-x", path.toString()));
            if (givesAway && !Tools.works(command.toArray(String[]::new))) {
                throw new Failure("PostgreSQL refuses to run as root, and nobody may not enter " + path
                        + "; choose a directory open to all with --home, or run weir as an ordinary user");
            }
        }
    }

    /** The data directory, made in one rename: a start cut short leaves none, not half of one. */
    private static Path data(Home home, Path programs, Servant servant) throws IOException {
        Path data = home.data("postgres");
        if (Files.exists(data)) {
            Files.deleteIfExists(data.resolve("postmaster.pid")); // whoever wrote it has been ended by Leftovers
            return data;
        }
        servant.checkReaches(programs.resolve("bin/initdb"));
        Path nest = home.data("postgres.nest");
        Home.delete(nest);
        Path draft = Files.createDirectories(nest.resolve("data"));
        Path password = nest.resolve("password");
        Files.copy(home.secret(OWNER), password, StandardCopyOption.COPY_ATTRIBUTES);
        servant.take(nest);
        List<String> command = new ArrayList<>(servant.prefix());
        command.addAll(List.of(
                programs.resolve("bin/initdb").toString(),
                "--pgdata=" + draft,
                "--username=" + OWNER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions"));
        run(home, "initdb", command);
        Files.move(draft, data, StandardCopyOption.ATOMIC_MOVE);
        Home.delete(nest);
        return data;
    }

    private static void run(Home home, String name, List<String> command) throws IOException {
        Path out = home.logs().resolve(name + ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.run().toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("LC_ALL", "C");
        try {
            int code = builder.start().waitFor();
            if (code != 0) {
                throw new Failure(name + " failed with exit code " + code + "; see " + out);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", stop);
        }
    }

    /** The binaries, unpacked once a home, again in one rename. */
    private static Path programs(Home home) throws IOException {
        String machine = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        String archive = "/postgres-linux-" + machine + ".txz";
        Path programs = home.data("postgres-programs");
        if (Files.exists(programs)) {
            return programs;
        }
        Path draft = home.data("postgres-programs.draft");
        Home.delete(draft);
        try (InputStream packed = LocalPostgres.class.getResourceAsStream(archive)) {
            if (packed == null) {
                throw new Failure("no PostgreSQL binaries for " + System.getProperty("os.name") + " " + machine
                        + " on the class path (" + archive + ")");
            }
            unpack(packed, draft);
        }
        Files.move(draft, programs, StandardCopyOption.ATOMIC_MOVE);
        return programs;
    }

    private static void unpack(InputStream packed, Path target) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    unpackFile(tar, entry, path);
                }
            }
        }
    }

    private static void unpackFile(TarArchiveInputStream tar, TarArchiveEntry entry, Path path) throws IOException {
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, path);
            if ((entry.getMode() & 0111) != 0) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
