package dev.weir.console;

import dev.weir.alert.DeskEntry;
import dev.weir.io.DeskTopic;
import dev.weir.io.Settings;
import dev.weir.io.Unreachable;
import org.jspecify.annotations.Nullable;

/** The way to the alert desk, opened with the first answer and anew after a failure. */
final class Desk implements AutoCloseable {
    private final Settings settings;
    private @Nullable DeskTopic topic;

    Desk(Settings settings) {
        this.settings = settings;
    }

    /** Tells the desk and waits until the brokers hold it. */
    synchronized void tell(DeskEntry entry) throws Unreachable {
        if (topic == null) {
            topic = DeskTopic.open(settings);
        }
        try {
            topic.write(entry);
        } catch (Unreachable failure) {
            close();
            throw failure;
        }
    }

    @Override
    public synchronized void close() {
        if (topic != null) {
            topic.close();
            topic = null;
        }
    }
}
