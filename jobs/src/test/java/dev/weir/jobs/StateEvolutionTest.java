package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A savepoint of this version is restored by the next one, in which every record that is kept in state has one more field:
 * the sources are changed, compiled and put before this version's classes, in another JVM.
 */
@Tag("slow")
class StateEvolutionTest {
    private static final List<Path> SOURCES = List.of(Path.of("../common/src/main/java"), Path.of("src/main/java"));

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path work;

    @Test
    void aFieldAddedToEveryRecordInStateEndsInTheSameRows() throws Exception {
        Path scenario = ScenariosTest.FOLDER.resolve("a-visitor-identified-late");
        OtherJvmTest.run(scenario, work, "half", Overlay.ownClassPath());
        OtherJvmTest.run(scenario, work, "rest", nextVersion());
        assertThat(CommittedRows.standing(work.resolve("before"), work.resolve("after")))
                .isEqualTo(ScenariosTest.expected(scenario));
    }

    /** A log holds what was written by each version as that wrote it. */
    @Test
    void aFieldAddedToEveryRecordInALogOfChangesEndsInTheSameRows() throws Exception {
        Path scenario = ScenariosTest.FOLDER.resolve("a-visitor-identified-late");
        OtherJvmTest.run(scenario, work, "half", Overlay.ownClassPath(), "log");
        OtherJvmTest.run(scenario, work, "rest", nextVersion(), "log");
        assertThat(CommittedRows.standing(work.resolve("before"), work.resolve("after")))
                .isEqualTo(ScenariosTest.expected(scenario));
    }

    private String nextVersion() throws IOException {
        Overlay next = new Overlay(work.resolve("next"));
        Set<String> records = recordsInState();
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    String before = Files.readString(file);
                    String after = withOneMoreField(before, records);
                    if (!after.equals(before)) {
                        next.put(root.relativize(file), after);
                    }
                }
            }
        }
        assertThat(records)
                .as("records of the lock that no source was found for")
                .isEmpty();
        return next.classPath();
    }

    /** As the lock names them: {@code Memory.facts list of DealChange}. */
    private static Set<String> recordsInState() throws IOException {
        Set<String> records = new TreeSet<>();
        Matcher named = Pattern.compile("(?m)^        ([A-Z][A-Za-z]+)\\.")
                .matcher(Files.readString(Path.of("src/test/resources/state.lock")));
        while (named.find()) {
            records.add(named.group(1));
        }
        assertThat(records).contains("Memory", "Sums", "Said", "Observation", "DealChange");
        return records;
    }

    private static String withOneMoreField(String source, Set<String> records) {
        String text = source;
        for (String name : List.copyOf(records)) {
            Matcher empty =
                    Pattern.compile("(?m)^( *)public " + name + "\\(\\) \\{").matcher(text);
            int header = text.indexOf("public record " + name + "(");
            if (empty.find()) {
                text = text.substring(0, empty.start()) + empty.group(1) + "public String added;\n\n"
                        + text.substring(empty.start());
                records.remove(name);
            } else if (header >= 0) {
                text = withOneMoreComponent(text, name, text.indexOf('(', header) + 1);
                records.remove(name);
            }
        }
        return text;
    }

    /** Callers of before find the constructor of before. */
    private static String withOneMoreComponent(String text, String name, int from) {
        int to = from;
        for (int depth = 1; depth > 0; to++) {
            depth += text.charAt(to) == '(' ? 1 : text.charAt(to) == ')' ? -1 : 0;
        }
        String components = text.substring(from, to - 1);
        List<String> names = new ArrayList<>();
        for (String component : components.replaceAll("<[^>]*>", "").split(",", -1)) {
            names.add(component.strip().replaceFirst(".*\\s", ""));
        }
        int body = text.indexOf('{', to) + 1;
        return text.substring(0, to - 1) + ", String added" + text.substring(to - 1, body) + "\n    public " + name
                + "("
                + components + ") {\n        this(" + String.join(", ", names) + ", null);\n    }\n"
                + text.substring(body);
    }
}
