package dev.weir.cli;

import dev.weir.io.PlaybookProblems;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import dev.weir.local.Failure;
import dev.weir.local.Refused;
import dev.weir.relay.BadReceivers;
import dev.weir.relay.Receivers;
import dev.weir.relay.Relay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --receivers} of a verb that tells people of alerts or mails them reports. */
public final class ReceiversOption {
    @Option(
            names = "--receivers",
            paramLabel = "FILE",
            description = "Who is told, and how (default: receivers.yaml beside the settings of `weir up`).")
    private @Nullable Path file;

    /** What the file says; refuses when it is not there or not right. */
    Receivers read(Path home) {
        Path named = file != null ? file : home.resolve("receivers.yaml");
        try {
            return Receivers.read(named);
        } catch (IOException unreadable) {
            throw new Refused("cannot read " + named + ": name the file of receivers with --receivers", unreadable);
        } catch (BadReceivers | PlaybookProblems wrong) {
            throw new Refused(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    /** The same where there need be no such file. */
    public Receivers readIfThere(Path home) {
        return file == null && !Files.exists(home.resolve("receivers.yaml")) ? Receivers.NONE : read(home);
    }

    /** Starts telling them, in this process. */
    public static Relay start(Settings settings, Receivers receivers, Consumer<String> say) {
        try {
            return Relay.start(settings, receivers, Clock.systemUTC(), line -> say.accept(Printable.text(line)));
        } catch (Unreachable failure) {
            throw new Failure(String.valueOf(failure.getMessage()), failure);
        }
    }
}
