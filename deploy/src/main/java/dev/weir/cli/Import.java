package dev.weir.cli;

import dev.weir.io.csv.BadMapping;
import dev.weir.io.csv.CsvImport;
import dev.weir.io.csv.Mapping;
import dev.weir.io.csv.MappingFile;
import dev.weir.local.Refused;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A CSV log to native events. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Turns a CSV log (plain or .gz) into native events, one JSON object a line,",
            "for `weir send` and `weir backtest`. Importing a file twice gives the same ids."
        },
        footerHeading = "%nA mapping is a YAML file. Two are shipped in deploy/mappings; see README.md there:%n%n",
        footer = {
            "  # time formats: iso, epoch_seconds, epoch_millis, or a pattern",
            "  time: {format: M/d/yyyy, zone: Europe/Berlin}",
            "  encoding: UTF-8                    # optional, as is delimiter",
            "  keep:                              # rows that count: in or not_in",
            "    - {column: status, in: [COMPLETE]}",
            "  events:                            # a row gives each whose `when` holds",
            "    - type: deal                     # or engagement, feedback, entity",
            "      when: [{column: stage, not_in: [Open]}]",
            "      fields:                        # of native JSON, or properties.<name>",
            "        occurred_at: {column: closed}",
            "        deal_id: {column: id}",
            "        kind: {constant: stage_changed}",
            "        stage: {column: stage, values: {Closed Won: won}, otherwise: lost}",
            "",
            "Example:",
            "  weir import opportunities.csv --out deals.jsonl \\",
            "    --mapping deploy/mappings/crm-opportunities.yaml",
            "",
            "Exit code: 0 done; 1 some rows were refused, each named file:line: reason;",
            "2 nothing was done: the mapping is wrong or a file is missing."
        })
public final class Import implements Callable<Integer> {
    /** Values shown per column; there can be many more. */
    private static final int SHOWN = 12;

    @Parameters(paramLabel = "FILE", description = "the CSV log, with a header line")
    Path file = Path.of("");

    @Option(
            names = "--mapping",
            required = true,
            paramLabel = "M",
            description = "the YAML file that says what the columns mean")
    Path mapping = Path.of("");

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE.jsonl",
            description = "where the events go; - is standard output")
    String out = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        Mapping meaning;
        try {
            meaning = MappingFile.read(mapping.toString(), text(mapping));
        } catch (BadMapping wrong) {
            throw new Refused(String.valueOf(wrong.getMessage()), wrong);
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new Refused(file + ": no such file, or not readable");
        }
        CsvImport.Report report;
        if (out.equals("-")) {
            Writer lines = new BufferedWriter(spec.commandLine().getOut());
            report = read(meaning, lines, err);
            lines.flush();
        } else {
            report = readInto(meaning, Path.of(out), err);
        }
        tell(report, err);
        return report.rejected() == 0 ? 0 : 1;
    }

    /** The file appears when it is whole; a run that is stopped leaves nothing that looks like one. */
    private CsvImport.Report readInto(Mapping meaning, Path target, PrintWriter err) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new Refused(target + ": the folder does not exist; make it first");
        }
        if (Files.exists(target) && Files.isSameFile(target, file)) {
            throw new Refused(target + ": --out is the file that is read");
        }
        Path part = folder.resolve(target.getFileName() + ".part");
        try {
            CsvImport.Report report;
            try (Writer lines = new BufferedWriter(
                    new OutputStreamWriter(Files.newOutputStream(part), StandardCharsets.UTF_8), 1 << 16)) {
                report = read(meaning, lines, err);
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            return report;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private CsvImport.Report read(Mapping meaning, Writer lines, PrintWriter err) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            return new CsvImport(meaning).read(file.toString(), bytes, new CsvImport.Sink() {
                @Override
                public void event(String nativeJson) throws IOException {
                    lines.write(nativeJson);
                    lines.write('\n');
                }

                @Override
                public void reject(long line, String reason) {
                    err.println(file + ":" + line + ": " + reason);
                }
            });
        } catch (BadMapping wrong) {
            throw new Refused(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private void tell(CsvImport.Report report, PrintWriter err) {
        report.leftOutBy().forEach((column, values) -> list("left out by " + column, values, err));
        report.unmapped().forEach((column, values) -> list("unmapped values of " + column, values, err));
        err.println(String.format(
                Locale.ROOT,
                "%,d rows: %,d events written to %s, %,d rows left out, %,d rows refused",
                report.rows(),
                report.events(),
                out.equals("-") ? "standard output" : out,
                report.leftOut(),
                report.rejected()));
        err.flush();
    }

    private static void list(String what, Map<String, Long> values, PrintWriter err) {
        String shown = values.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(SHOWN)
                .map(value -> String.format(
                        Locale.ROOT, "%s %,d", value.getKey().isEmpty() ? "(empty)" : value.getKey(), value.getValue()))
                .collect(Collectors.joining(", "));
        int more = values.size() - SHOWN;
        err.println(what + ": " + shown + (more > 0 ? ", and " + more + " more values" : ""));
    }

    private static String text(Path path) throws IOException {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new Refused(path + ": no such file, or not readable");
        }
        try {
            return Files.readString(path);
        } catch (CharacterCodingException binary) {
            throw new Refused(path + ":1: not a text in UTF-8", binary);
        }
    }
}
