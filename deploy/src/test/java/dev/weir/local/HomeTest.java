package dev.weir.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
    private final Path directory;

    HomeTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void aLeftoverOfThisHomeIsEnded() throws Exception {
        Path root = directory.toRealPath().resolve("home");
        Process leftover = sleeper("-Dweir.local=" + root);
        leave(root, "kafka", leftover.pid());
        try (Home home = Home.claim(root)) {
            assertThat(leftover.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(home.run().resolve("kafka.pid")).doesNotExist();
        } finally {
            leftover.destroyForcibly();
        }
    }

    @Test
    void aProcessThatOnlyHasThePidOfALeftoverIsLeftAlone() throws Exception {
        Path root = directory.toRealPath().resolve("home");
        Process stranger = sleeper("-Dweir.local=" + root + "-of-somebody-else");
        leave(root, "kafka", stranger.pid());
        try (Home home = Home.claim(root)) {
            assertThat(stranger.isAlive()).isTrue();
            assertThat(home.run().resolve("kafka.pid")).doesNotExist();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void pidFilesOfTheDeadAndHalfWrittenOnesAreCleared() throws Exception {
        Path root = directory.toRealPath().resolve("home");
        leave(root, "taskmanager", 4_000_000_000L);
        Files.writeString(root.resolve("run/jobmanager.pid"), "");
        try (Home home = Home.claim(root)) {
            assertThat(Home.list(home.run())).isEmpty();
        }
    }

    @Test
    void oneHomeHasOneHolder() {
        try (Home home = Home.claim(directory.resolve("home"))) {
            assertThatThrownBy(() -> Home.claim(home.root()))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("--home");
        }
        Home.claim(directory.resolve("home")).close();
    }

    @Test
    void aTakenPortIsNamedWithTheOptionThatChangesIt() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> new Ports(0, taken.getLocalPort(), 0).free())
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("port " + taken.getLocalPort()
                            + " for PostgreSQL is taken; choose another with --postgres-port");
        }
    }

    @Test
    void aSecretIsRandomKeptAndForItsOwnersEyesOnly() throws IOException {
        try (Home home = Home.claim(directory.resolve("home"))) {
            Path secret = home.secret("weir_app");
            String text = Files.readString(secret);
            assertThat(text).hasSize(32).isNotEqualTo(Files.readString(home.secret("weir_read")));
            assertThat(Files.readString(home.secret("weir_app"))).isEqualTo(text);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                    .isEqualTo("rw-------");
        }
    }

    /** A process that sleeps, with one more word on its command line. */
    private static Process sleeper(String word) throws IOException {
        return new ProcessBuilder("sh", "-c", "while true; do sleep 1; done", word).start();
    }

    private static void leave(Path root, String name, long pid) throws IOException {
        Files.writeString(Files.createDirectories(root.resolve("run")).resolve(name + ".pid"), Long.toString(pid));
    }
}
