package dev.weir.cli;

import dev.weir.io.Sender;
import dev.weir.io.Unreachable;
import dev.weir.local.Refused;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir send}: events out of files onto the topics. */
@Command(
        name = "send",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Sends files of events (native JSON, one a line, plain or .gz) to Kafka, each to its topic.",
            "A line that is no event is told as file:line with the reason, and does not stop the others.",
            "Sent twice, an event counts once: jobs know it by its event_id."
        },
        footer = {
            "",
            "Examples:",
            "  weir send events.jsonl.gz                              to the brokers of `weir up`",
            "  weir send --as-of 2026-03-31T22:00:00Z history.jsonl   a history that ends there: all that is due by then",
            "                                                         comes due, and time stands still until a later event",
            "  weir send events.jsonl --settings acme-settings.yaml",
            "",
            "Exit code: 0 all sent; 1 some lines were refused, or the brokers stopped; 2 refused before it started."
        })
public final class Send implements Callable<Integer> {
    private static final Duration FUTURE = Duration.ofDays(1);
    private static final long TELL_EVERY_MILLIS = 200;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files of events.")
    private List<Path> files = List.of();

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SettingsOption settings;

    @Option(
            names = "--as-of",
            paramLabel = "TIME",
            description =
                    "The last moment, such as 2026-03-31T22:00:00Z. Later events are left out; after the events every"
                            + " partition is told that nothing up to then will follow.")
    private @Nullable String asOf;

    @Spec
    private @Nullable CommandSpec spec;

    private long told;

    @Override
    public Integer call() {
        Instant end = end();
        for (Path file : files) {
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw new Refused(file + ": no such file, or not readable");
            }
        }
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        @SuppressWarnings("SystemConsoleNull") // without a terminal later Javas answer too, and then lines are as good
        boolean terminal = System.console() != null && System.getenv("TERM") != null;
        try (Sender sender = open(end, line -> tell(err, terminal, line))) {
            return send(sender, err, terminal);
        }
    }

    private Sender open(@Nullable Instant end, Consumer<String> refusals) {
        try {
            return new Sender(settings.read(), end, refusals);
        } catch (Unreachable wrong) {
            throw new Refused(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private int send(Sender sender, PrintWriter err, boolean terminal) {
        boolean whole = true;
        try {
            for (Path file : files) {
                whole &= send(file, sender, err, terminal);
            }
            sender.finish();
        } catch (Unreachable stopped) {
            tell(
                    err,
                    terminal,
                    "weir: " + stopped.getMessage() + "; sent so far: " + sender.sent() + ". Send it again:"
                            + " what has arrived counts once.");
            return 1;
        }
        tell(
                err,
                terminal,
                String.format(
                        Locale.ROOT,
                        "%,d events sent, %,d lines refused%s",
                        sender.sent(),
                        sender.refused(),
                        asOf == null
                                ? ""
                                : String.format(Locale.ROOT, ", %,d later than %s left out", sender.later(), asOf)));
        return whole && sender.refused() == 0 ? 0 : 1;
    }

    private boolean send(Path file, Sender sender, PrintWriter err, boolean terminal) throws Unreachable {
        try {
            sender.file(file, () -> progress(sender, err, terminal));
            return true;
        } catch (IOException broken) {
            tell(err, terminal, file + ": cannot be read to its end: " + broken.getMessage());
            return false;
        }
    }

    private void progress(Sender sender, PrintWriter err, boolean terminal) {
        long now = System.currentTimeMillis();
        if (terminal && now - told >= TELL_EVERY_MILLIS) {
            told = now;
            err.print(String.format(Locale.ROOT, "\r%,d events", sender.sent()));
            err.flush();
        }
    }

    private static void tell(PrintWriter err, boolean terminal, String line) {
        err.println((terminal ? "\r\u001b[K" : "") + line);
        err.flush();
    }

    private @Nullable Instant end() {
        if (asOf == null) {
            return null;
        }
        Instant end;
        try {
            end = OffsetDateTime.parse(asOf).toInstant();
        } catch (DateTimeException wrong) {
            throw new Refused("--as-of " + asOf + " is no time with a zone: write it as 2026-03-31T22:00:00Z", wrong);
        }
        if (end.isAfter(Instant.now().plus(FUTURE))) {
            throw new Refused("--as-of " + asOf + " is in the future: time cannot be told to come before it does");
        }
        return end;
    }
}
