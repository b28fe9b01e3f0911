package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key whose hash is another in another JVM (an enum, an array, an object) would lose its state there. */
@Tag("slow")
class OtherJvmTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path work;

    @Test
    void whatOneJvmSavedAnotherGoesOnWith() throws Exception {
        Path scenario = ScenariosTest.FOLDER.resolve("a-visitor-identified-late");
        run(scenario, "half");
        run(scenario, "rest");
        assertThat(CommittedRows.standing(work.resolve("before"), work.resolve("after")))
                .isEqualTo(ScenariosTest.expected(scenario));
    }

    private void run(Path scenario, String what) throws IOException, InterruptedException {
        String classes = Objects.requireNonNullElse(
                System.getProperty("surefire.test.class.path"), System.getProperty("java.class.path"));
        Path log = work.resolve(what + ".log");
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx768m",
                        "--add-opens=java.base/java.util=ALL-UNNAMED",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-cp",
                        classes,
                        OtherJvm.class.getName(),
                        scenario.toAbsolutePath().toString(),
                        work.toString(),
                        what)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean over = jvm.waitFor(120, TimeUnit.SECONDS);
        if (!over) {
            jvm.destroyForcibly();
        }
        assertThat(over && jvm.exitValue() == 0)
                .as("%s: %s", what, Files.readString(log))
                .isTrue();
    }
}
