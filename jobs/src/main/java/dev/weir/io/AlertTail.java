package dev.weir.io;

import dev.weir.alert.Alert;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The alert topic as it grows. It leaves no trace on the brokers. */
public final class AlertTail implements AutoCloseable {
    private static final long PAUSE_MILLIS = 200;

    private final TopicReader reader;
    private final @Nullable Registry registry;

    private AlertTail(TopicReader reader, @Nullable Registry registry) {
        this.reader = reader;
        this.registry = registry;
    }

    /**
     * Connects.
     *
     * @param all whether those that are there already come first
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public static AlertTail open(Settings settings, boolean all) throws Unreachable {
        Registry registry = Registry.of(settings);
        AlertTail tail =
                new AlertTail(new TopicReader(settings, List.of(Topics.name(settings, Topics.ALERT))), registry);
        if (!all) {
            tail.reader.readToEnd(past -> {});
        }
        return tail;
    }

    /** What has come since; none after a while in which nothing came. */
    public List<Alert> next() throws Unreachable, InterruptedException {
        List<Alert> alerts = new ArrayList<>();
        reader.readToEnd(record -> {
            Alert alert = record.value() == null ? null : AlertFeed.read(record.value(), registry);
            if (alert != null) {
                alerts.add(alert);
            }
        });
        if (alerts.isEmpty()) {
            Thread.sleep(PAUSE_MILLIS);
        }
        return alerts;
    }

    @Override
    public void close() {
        reader.close();
    }
}
