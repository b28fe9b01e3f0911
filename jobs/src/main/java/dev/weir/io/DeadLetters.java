package dev.weir.io;

import dev.weir.machine.Hash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** The dead letters in the warehouse, and their way back into the topics. */
public final class DeadLetters implements AutoCloseable {
    /** Letters that are looked at, marked and sent together: what a run that is cut short sends twice, at most. */
    private static final int PAGE = 500;

    /** The reason of a record that came when its facts had been forgotten; a job may have kept none of its bytes. */
    private static final String EXPIRED = "EXPIRED";

    private static final String MATCHING = """
             FROM weir.dead_letter d
             LEFT JOIN weir.dead_letter_replay r USING (topic, partition, "offset")
             WHERE NOT d.deleted AND (?::text IS NULL OR d.job = ?) AND (?::text IS NULL OR d.topic = ?)
               AND (?::text IS NULL OR d.reason = ?) AND (?::timestamptz IS NULL OR d.as_of >= ?::timestamptz)
               AND (?::timestamptz IS NULL OR d.as_of < ?::timestamptz)
               AND (?::bigint IS NULL OR d.partition = ?::bigint) AND (?::bigint IS NULL OR d."offset" = ?::bigint)""";

    private final Settings settings;
    private final Connection warehouse;

    /** Which letters are meant; null for any. */
    public record Filter(
            @Nullable String job,
            @Nullable String topic,
            @Nullable String reason,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Long partition,
            @Nullable Long offset) {}

    /**
     * A record that a job could not take.
     *
     * @param length of the whole record in bytes; the payload is its first 64 KiB
     * @param takenAt when the broker took it; null when that is not known
     * @param replayedAt when it was sent again; null when it was not
     */
    public record Letter(
            String job,
            String topic,
            long partition,
            long offset,
            String reason,
            String detail,
            long length,
            String sha256,
            byte[] payload,
            @Nullable Instant takenAt,
            @Nullable Instant replayedAt) {
        public String place() {
            return topic + "/" + partition + "/" + offset;
        }
    }

    /** Letters of one job, topic and reason. */
    public record Group(
            String job, String topic, String reason, long letters, long replayed, Instant first, Instant last) {}

    /**
     * What a replay did.
     *
     * @param sent events sent, or that would be
     * @param before records that had been sent before
     * @param refused records that are still no events, or that have no way back; each was told
     */
    public record Replay(long sent, long before, long refused) {}

    private DeadLetters(Settings settings, Connection warehouse) {
        this.settings = settings;
        this.warehouse = warehouse;
    }

    /** Connects to the warehouse. */
    public static DeadLetters open(Settings settings) throws SQLException {
        return new DeadLetters(settings, settings.warehouse().connect());
    }

    /** How many there are of each kind. */
    public List<Group> groups(Filter filter) throws SQLException {
        List<Group> groups = new ArrayList<>();
        try (PreparedStatement statement = prepare(
                        "SELECT d.job, d.topic, d.reason, count(*), count(r.replayed_at), coalesce(min(d.as_of), 'epoch'),"
                                + " coalesce(max(d.as_of), 'epoch')",
                        filter,
                        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                groups.add(new Group(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getTimestamp(6).toInstant(),
                        row.getTimestamp(7).toInstant()));
            }
        }
        return groups;
    }

    /**
     * Each letter, by topic, partition, offset and job.
     *
     * @param limit how many at most
     */
    public List<Letter> letters(Filter filter, long limit) throws SQLException {
        List<Letter> letters = new ArrayList<>();
        try (PreparedStatement statement = prepare(
                        "SELECT d.*, r.replayed_at",
                        filter,
                        " ORDER BY topic, partition, \"offset\", d.job LIMIT " + limit);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                letters.add(letter(row));
            }
        }
        return letters;
    }

    private static Letter letter(ResultSet row) throws SQLException {
        byte[] payload = row.getBytes("payload");
        return new Letter(
                row.getString("job"),
                row.getString("topic"),
                row.getLong("partition"),
                row.getLong("offset"),
                row.getString("reason"),
                String.valueOf(row.getString("detail")),
                row.getLong("length"),
                String.valueOf(row.getString("sha256")),
                payload == null ? new byte[0] : payload,
                instant(row, "as_of"),
                instant(row, "replayed_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    private PreparedStatement prepare(String select, Filter filter, String rest) throws SQLException {
        PreparedStatement statement = warehouse.prepareStatement(select + "\n" + MATCHING + rest);
        @Nullable Object[] values = {
            filter.job(),
            filter.topic(),
            filter.reason(),
            filter.since() == null ? null : filter.since().toString(),
            filter.until() == null ? null : filter.until().toString(),
            filter.partition() == null ? null : filter.partition().toString(),
            filter.offset() == null ? null : filter.offset().toString()
        };
        for (int i = 0; i < values.length; i++) {
            statement.setString(2 * i + 1, (String) values[i]);
            statement.setString(2 * i + 2, (String) values[i]);
        }
        return statement;
    }

    /**
     * Sends the events of the letters that are events by now to the topics they belong to. A record that was sent once is not
     * sent again, whichever jobs have it as a letter; what is sent twice all the same, because a run was cut short between
     * sending and marking, counts once by its event id.
     *
     * @param sender takes the events; null to tell and send nothing
     * @param told receives a line for each record that is not sent
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public Replay replay(Filter filter, @Nullable Sender sender, Consumer<String> told)
            throws SQLException, Unreachable {
        long sent = 0;
        long before = 0;
        long refused = 0;
        try (Payloads payloads = new Payloads(settings)) {
            List<Letter> page = page(filter, null);
            while (!page.isEmpty()) {
                Map<Letter, Object> events = new LinkedHashMap<>();
                for (Letter letter : page) {
                    Object event = letter.replayedAt() != null ? null : event(letter, payloads, told);
                    if (event != null) {
                        events.put(letter, event);
                    } else if (letter.replayedAt() != null) {
                        before++;
                    } else {
                        refused++;
                    }
                }
                sent += sender == null ? events.size() : send(events, sender);
                page = page(filter, page.get(page.size() - 1));
            }
        }
        return new Replay(sent, before, refused);
    }

    /** The next letters, one a record. */
    private List<Letter> page(Filter filter, @Nullable Letter after) throws SQLException {
        List<Letter> letters = new ArrayList<>();
        try (PreparedStatement statement = prepare(
                "SELECT DISTINCT ON (topic, partition, \"offset\") d.*, r.replayed_at",
                filter,
                " AND (?::text IS NULL OR (topic, partition, \"offset\") > (?, ?::bigint, ?::bigint))"
                        + " ORDER BY topic, partition, \"offset\", d.job LIMIT " + PAGE)) {
            statement.setString(15, after == null ? null : after.topic());
            statement.setString(16, after == null ? null : after.topic());
            statement.setLong(17, after == null ? 0 : after.partition());
            statement.setLong(18, after == null ? 0 : after.offset());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    letters.add(letter(row));
                }
            }
        }
        return letters;
    }

    /** The event of a letter, null when there is none, which is told. */
    private @Nullable Object event(Letter letter, Payloads payloads, Consumer<String> told) throws Unreachable {
        if (letter.reason().equals(OutboxCommitter.REFUSED)) {
            told.accept(
                    letter.place() + ": a row that the warehouse refused, no record of a topic: mend what its detail"
                            + " says, then `weir submit " + letter.job() + " --fresh` writes it again");
            return null;
        }
        byte[] bytes = letter.payload();
        if (bytes.length < letter.length()
                || (bytes.length == 0 && letter.reason().equals(EXPIRED))) {
            bytes = payloads.whole(letter);
            if (bytes == null) {
                told.accept(letter.place() + ": only " + letter.payload().length + " of " + letter.length()
                        + " bytes are kept, and the topic no longer holds it: send it again from its source");
                return null;
            }
        }
        Wire.Decoded decoded = Wire.decode(bytes, payloads.registry);
        Object event = decoded.event();
        if (event == null) {
            told.accept(letter.place() + ": still " + decoded.reason() + ": " + decoded.detail());
            return null;
        }
        if (EventShape.of(event) == null) {
            told.accept(
                    letter.place() + ": said by a job, not sent by a source: `weir submit JOB --fresh` says it again");
            return null;
        }
        if (History.time(event).toEpochMilli() > System.currentTimeMillis() + Receiver.FUTURE_MILLIS) {
            told.accept(letter.place() + ": still " + Wire.FUTURE + ": it happens at " + History.time(event));
            return null;
        }
        return event;
    }

    /** Marks and sends, and takes the marks back when sending fails. */
    private long send(Map<Letter, Object> events, Sender sender) throws SQLException, Unreachable {
        long sent = 0;
        warehouse.setAutoCommit(false);
        try {
            for (Map.Entry<Letter, Object> event : events.entrySet()) {
                if (mark(event.getKey(), event.getValue())) {
                    sender.event(event.getValue());
                    sent++;
                }
            }
            sender.finish();
            warehouse.commit();
        } finally {
            warehouse.rollback(); // does nothing after a commit
            warehouse.setAutoCommit(true);
        }
        return sent;
    }

    /** False when another run has it already; waits for one that is at it now. */
    private boolean mark(Letter letter, Object event) throws SQLException {
        try (PreparedStatement statement = warehouse.prepareStatement(
                "INSERT INTO weir.dead_letter_replay (topic, partition, \"offset\", into_topic) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT DO NOTHING")) {
            statement.setString(1, letter.topic());
            statement.setLong(2, letter.partition());
            statement.setLong(3, letter.offset());
            statement.setString(4, Topics.name(settings, Sender.topic(event)));
            return statement.executeUpdate() == 1;
        }
    }

    @Override
    public void close() throws SQLException {
        warehouse.close();
    }

    /** Records too long for the warehouse, out of the topics; connects when the first is asked for. */
    private static final class Payloads implements AutoCloseable {
        private static final Duration PATIENCE = Duration.ofSeconds(20);

        private final Settings settings;
        private final @Nullable Registry registry;
        private @Nullable KafkaConsumer<byte[], byte[]> consumer;

        Payloads(Settings settings) throws Unreachable {
            this.settings = settings;
            this.registry = Registry.of(settings);
        }

        /** Null when it is gone, or when another record stands in its place. */
        byte @Nullable [] whole(Letter letter) throws Unreachable {
            TopicPartition partition = new TopicPartition(letter.topic(), (int) letter.partition());
            try {
                KafkaConsumer<byte[], byte[]> from = connected();
                from.assign(List.of(partition));
                Long begin = from.beginningOffsets(List.of(partition), PATIENCE).get(partition);
                Long end = from.endOffsets(List.of(partition), PATIENCE).get(partition);
                if (begin == null || end == null || letter.offset() < begin || letter.offset() >= end) {
                    return null;
                }
                from.seek(partition, letter.offset());
                for (ConsumerRecord<byte[], byte[]> record : from.poll(PATIENCE)) {
                    if (record.offset() == letter.offset() && record.value() != null) {
                        return isOf(letter, record.value()) ? record.value() : null;
                    }
                }
                return null;
            } catch (KafkaException failure) {
                throw Topics.unreachable(settings, failure);
            }
        }

        private KafkaConsumer<byte[], byte[]> connected() {
            if (consumer == null) {
                Properties properties = settings.kafka().client();
                properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
                properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
                properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1");
                consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            }
            return consumer;
        }

        /** Of an expired record the sum is that of what the job kept of it, so only the place tells. */
        private static boolean isOf(Letter letter, byte[] value) {
            return letter.reason().equals(EXPIRED) || Hash.sha256Hex(value).equals(letter.sha256());
        }

        @Override
        public void close() {
            if (consumer != null) {
                consumer.close();
            }
        }
    }
}
