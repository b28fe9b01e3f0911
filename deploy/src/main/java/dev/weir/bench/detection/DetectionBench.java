package dev.weir.bench.detection;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code bench-detection} command. */
@Command(
        name = "bench-detection",
        mixinStandardHelpOptions = true,
        description = {"Measures how well anomalies are found, and prints the tables of the README."},
        footer = {
            "",
            "Parts:",
            "  numenta  the Numenta Anomaly Benchmark with our own scorer: published detectors, a blind alarm, record excess",
            "           with its weights, with thresholds and weights from other files, rescaled; needs --data",
            "",
            "Exit code: 0 it ran; 2 refused before anything started."
        })
public final class DetectionBench implements Callable<Integer> {
    private static final List<String> PARTS = List.of("numenta");

    @Parameters(arity = "0..*", paramLabel = "PART", description = "what to measure (default: all)")
    List<String> parts = PARTS;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "folder with nab (default: data in the folder that WEIR_SHARED names, else ../shared/data)")
    @Nullable Path data;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    public static void main(String[] args) {
        System.exit(new CommandLine(new DetectionBench()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        for (String part : parts) {
            if (!PARTS.contains(part)) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "no part " + part + ": one of " + String.join(", ", PARTS));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        for (String part : parts) {
            switch (part) {
                case "numenta" -> new NumentaBench(folder("nab")).report(out);
                default -> throw new IllegalStateException(part);
            }
        }
        return 0;
    }

    private Path folder(String name) {
        Path folder = data;
        if (folder == null) {
            String shared = System.getenv("WEIR_SHARED");
            folder = (shared == null
                            ? Path.of(System.getProperty("weir.home", ".")).resolve("../shared")
                            : Path.of(shared))
                    .resolve("data");
        }
        Path file = folder.resolve(name).normalize();
        if (!Files.isDirectory(file)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "no folder " + file + ": name the folder that holds " + name + " with --data");
        }
        return file;
    }
}
