package dev.weir.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real standalone cluster: submitted to over REST, robbed of its TaskManager, resumed from its checkpoints. */
@Tag("slow")
class LocalFlinkTest {
    private static final Map<String, String> OFTEN = Map.of("execution.checkpointing.interval", "500 ms");

    private final Path directory;

    LocalFlinkTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void aJobRunsOnAfterItsTaskManagerIsKilledAndResumesFromItsCheckpoint() throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        Path jar = pack(directory.resolve("ticking.jar"));
        try (Home home = Home.claim(directory.resolve("home"));
                LocalFlink flink = LocalFlink.start(home, Tools.freePort(), OFTEN, said::add)) {
            Submission ticking = submission(jar, List.of());

            Submission.Running first = flink.submit(ticking);
            assertThat(first.from()).isNull();
            assertThatThrownBy(() -> flink.submit(ticking))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining(first.jobId());

            long before = flink.rest().completedCheckpoints(first.jobId());
            long killed = flink.taskManagerPid();
            ProcessHandle.of(killed).orElseThrow().destroyForcibly();
            boolean again = Tools.poll(
                    Duration.ofSeconds(60),
                    () -> flink.taskManagerPid() != killed
                            && flink.rest().running(first.jobId())
                            && flink.rest().completedCheckpoints(first.jobId()) > before + 2);
            assertThat(again).as("runs again after the kill").isTrue();
            assertThat(said).singleElement().asString().contains("exit code 137");

            flink.cancel(first.jobId());
            Submission.Running second = flink.submit(ticking);
            assertThat(second.from()).contains(first.jobId() + "/chk-");
            flink.cancel(second.jobId());

            assertThatThrownBy(() -> flink.submit(submission(jar, List.of("fail"))))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("asked to fail");
        }
    }

    @Test
    void whereNoClusterAnswersSubmitIsRefused() throws IOException {
        Submission submission = submission(pack(directory.resolve("ticking.jar")), List.of());
        FlinkRest nobody = new FlinkRest("http://127.0.0.1:" + Tools.freePort());
        assertThatThrownBy(() -> submission.submitTo(nobody))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("no Flink cluster answers");
    }

    private static Submission submission(Path jar, List<String> arguments) {
        return new Submission(
                "ticking", TickingJob.class.getName(), jar, arguments, "abc", 1, false, Duration.ofSeconds(60));
    }

    private static Path pack(Path jar) throws IOException {
        String name = TickingJob.class.getName().replace('.', '/') + ".class";
        try (var code = TickingJob.class.getClassLoader().getResourceAsStream(name);
                JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            assertThat(code).isNotNull();
            out.putNextEntry(new JarEntry(name));
            code.transferTo(out);
            out.closeEntry();
        }
        return jar;
    }
}
