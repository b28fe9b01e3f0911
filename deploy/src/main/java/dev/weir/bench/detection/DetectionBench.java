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
            "  rates    simulated rates: windows to a false alarm and to the notice of a fall, for sizes and baselines, beside a",
            "           CUSUM and a test of each window",
            "  quiet    alerts of 2,000 quiet series in 90 days under a budget of one false alert a week, and",
            "           of small counts in two years",
            "  incidents  twenty incidents of five kinds, planted: what the alert desk tells of them, and when it takes it back",
            "  views    850 days of a real site's page views; needs --data",
            "  cost     microseconds a point of a long series, in order and corrected",
            "",
            "Exit code: 0 it ran; 2 refused before anything started."
        })
public final class DetectionBench implements Callable<Integer> {
    private static final List<String> PARTS = List.of("numenta", "rates", "quiet", "incidents", "views", "cost");

    @Parameters(arity = "0..*", paramLabel = "PART", description = "what to measure (default: all)")
    List<String> parts = PARTS;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "folder with nab and upworthy_ga (default: data in the folder that WEIR_SHARED names, else ../shared/data)")
    @Nullable Path data;

    @Option(names = "--runs", paramLabel = "N", description = "runs of each cell of rates (default: ${DEFAULT-VALUE})")
    int runs = 200;

    @Option(names = "--seeds", paramLabel = "N", description = "seeds of quiet (default: ${DEFAULT-VALUE})")
    int seeds = 20;

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
        if (runs < 1 || seeds < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "needs at least 1 run and 1 seed, not " + runs + " and " + seeds);
        }
        PrintWriter out = spec.commandLine().getOut();
        for (String part : parts) {
            switch (part) {
                case "numenta" -> new NumentaBench(folder("nab")).report(out);
                case "rates" -> RateTables.report(out, runs);
                case "quiet" -> {
                    QuietSeries.report(out, seeds);
                    SparseVolumes.report(out);
                }
                case "incidents" -> PlantedIncidents.report(out, 4);
                case "views" ->
                    PageViews.report(out, folder("upworthy_ga").resolve("2013.01.01-2015.04.30-daily-pageviews.csv"));
                case "cost" -> PointCost.report(out);
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
