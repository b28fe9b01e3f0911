package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Classes of this version with some that were changed in source put before them, for another JVM. */
final class Overlay {
    private final Path sources;
    private final Path classes;
    private final List<Path> changed = new ArrayList<>();

    Overlay(Path folder) throws IOException {
        sources = Files.createDirectories(folder.resolve("sources"));
        classes = Files.createDirectories(folder.resolve("classes"));
    }

    static String ownClassPath() {
        return Objects.requireNonNullElse(
                System.getProperty("surefire.test.class.path"), System.getProperty("java.class.path"));
    }

    /** Another text of a source. */
    void put(Path relative, String text) throws IOException {
        Path to = sources.resolve(relative);
        Files.createDirectories(Objects.requireNonNull(to.getParent()));
        changed.add(Files.writeString(to, text));
    }

    /** Compiles what was changed; the class path that has it first. */
    String classPath() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-nowarn", "-parameters", "-d", classes.toString(), "-cp", ownClassPath());
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean good = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjectsFromPaths(changed))
                    .call();
            assertThat(good).as(said.toString()).isTrue();
        }
        return classes + File.pathSeparator + ownClassPath();
    }

    /** Runs a main in a JVM of its own; its exit code, with all it said in a log. */
    static int run(String classPath, List<String> options, Path log, String main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(arguments));
        Process jvm = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!jvm.waitFor(120, TimeUnit.SECONDS)) {
            jvm.destroyForcibly();
            throw new IOException(main + " did not end: " + Files.readString(log));
        }
        return jvm.exitValue();
    }
}
