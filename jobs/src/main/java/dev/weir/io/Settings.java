package dev.weir.io;

import dev.weir.machine.Horizon;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where Weir runs: its brokers, its warehouse, and how long it waits for what comes late.
 *
 * <p>It travels in a job's arguments, so it holds no secret: those it names by file or environment variable, and they are
 * read where a connection is opened.
 *
 * @param warehouse where rows go
 * @param outOfOrderness how much later than its neighbours a record may come and still be in time
 * @param idleAfter how long a partition may be silent before time goes on without it
 * @param keep how long a job keeps the facts of a key after its last one, by the job's name; for ever where it is not named
 */
public record Settings(
        Kafka kafka, Warehouse warehouse, Duration outOfOrderness, Duration idleAfter, Map<String, Duration> keep)
        implements Serializable {

    public Settings {
        keep = new TreeMap<>(keep);
    }

    /** How long a job keeps the facts of a key. */
    public Horizon horizon(String job) {
        Duration kept = keep.get(job);
        return kept == null ? Horizon.NONE : new Horizon(kept.toMillis());
    }

    /**
     * The brokers.
     *
     * @param bootstrap {@code host:port}, several with commas between
     * @param topicPrefix what the name of every topic begins with
     * @param partitions of each topic that Weir makes
     * @param transactionTimeout of a producer; must be below the brokers' {@code transaction.max.timeout.ms}
     * @param properties further properties of every client; secrets stand as references that the client itself resolves
     * @param registry URL of the schema registry by whose ids records name their schema; null where they carry its fingerprint
     */
    public record Kafka(
            String bootstrap,
            String topicPrefix,
            int partitions,
            Duration transactionTimeout,
            Map<String, String> properties,
            @Nullable String registry)
            implements Serializable {
        public Kafka {
            properties = new TreeMap<>(properties);
        }

        /** What every consumer, producer and admin client is given. */
        public Properties client() {
            Properties client = new Properties();
            client.putAll(properties);
            client.setProperty("bootstrap.servers", bootstrap);
            return client;
        }
    }

    /** Every key that a settings file may have, dotted. */
    public static Set<String> knownKeys() {
        return SettingsReader.KNOWN;
    }

    /**
     * Reads a file.
     *
     * @throws BadSettings when it says what is not known or leaves out what is needed
     * @throws IOException when it cannot be read
     */
    public static Settings read(Path file) throws IOException {
        return parse(Files.readString(file), file.toString());
    }

    /**
     * Reads a text.
     *
     * @param name stands before the line in what a fault says
     * @throws BadSettings when it says what is not known or leaves out what is needed
     */
    public static Settings parse(String text, String name) {
        return new SettingsReader(name).read(text);
    }
}
