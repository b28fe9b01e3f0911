package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        run(scenario, work, "half", Overlay.ownClassPath());
        run(scenario, work, "rest", Overlay.ownClassPath());
        assertThat(CommittedRows.standing(work.resolve("before"), work.resolve("after")))
                .isEqualTo(ScenariosTest.expected(scenario));
    }

    static void run(Path scenario, Path work, String what, String classPath, String... more)
            throws IOException, InterruptedException {
        Path log = work.resolve(what + ".log");
        List<String> arguments =
                new ArrayList<>(List.of(scenario.toAbsolutePath().toString(), work.toString(), what));
        arguments.addAll(List.of(more));
        int code = Overlay.run(classPath, List.of(), log, OtherJvm.class.getName(), arguments.toArray(String[]::new));
        assertThat(code).as("%s: %s", what, Files.readString(log)).isZero();
    }
}
