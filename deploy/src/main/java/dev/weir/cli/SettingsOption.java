package dev.weir.cli;

import dev.weir.io.BadSettings;
import dev.weir.io.Settings;
import dev.weir.local.Home;
import dev.weir.local.Refused;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --settings} of a verb that goes to Kafka or the warehouse. */
final class SettingsOption {
    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description = "Where Kafka and PostgreSQL are (default: the settings of `weir up`).")
    private @Nullable Path file;

    /** Whether a file was named, and not left to be found. */
    boolean isNamed() {
        return file != null;
    }

    /** What the file says; refuses when it is not there or not right. */
    Settings read() {
        Path named = file != null ? file : Home.locate(null).resolve("settings.yaml");
        try {
            return Settings.read(named);
        } catch (IOException unreadable) {
            throw new Refused(
                    "cannot read " + named
                            + (file != null ? " (--settings)" : ": run `weir up` first, or name --settings"),
                    unreadable);
        } catch (BadSettings wrong) {
            throw new Refused(String.valueOf(wrong.getMessage()), wrong);
        }
    }
}
