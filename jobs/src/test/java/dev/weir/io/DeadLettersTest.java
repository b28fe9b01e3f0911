package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import dev.weir.io.DeadLetters.Filter;
import dev.weir.io.DeadLetters.Replay;
import dev.weir.machine.Row;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Letters as jobs write them, of records on a real broker, in a real warehouse. */
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DeadLettersTest {
    private static final Filter ALL = new Filter(null, null, null, null, null, null, null);

    @SuppressWarnings("NullAway.Init")
    private static TestBroker broker;

    @SuppressWarnings("NullAway.Init")
    private static Database database;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        broker = TestBroker.start(folder);
        database = Database.migrated();
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
        broker.close();
    }

    @Test
    void whatCanBeReadByNowGoesToWhereItBelongsOnceAndTheRestIsTold() throws Exception {
        Settings settings = broker.settings("back.", database.as("writer"));
        Topics.ensure(settings, true);
        byte[] onWrongTopic = Wire.encode(deal("d1"));
        byte[] long64k = Wire.encode(engagement("long", "x".repeat(3_000)));
        byte[] garbage = Arrays.copyOf(onWrongTopic, 20);
        byte[] late = Wire.encode(engagement("late", "/"));
        write(settings, "conversion", List.of(onWrongTopic, long64k, garbage, late));
        write(settings, "cycle-time", List.of(onWrongTopic));
        database.run(
                "UPDATE weir.dead_letter SET payload = substr(payload, 1, 100) WHERE length > 3000",
                "UPDATE weir.dead_letter SET reason = 'EXPIRED', payload = '', length = 0, sha256 = '' WHERE \"offset\" = 3");

        try (DeadLetters letters = DeadLetters.open(settings);
                Sender sender = new Sender(settings, null, line -> {})) {
            assertThat(letters.groups(ALL))
                    .extracting(DeadLetters.Group::letters)
                    .containsExactly(1L, 1L, 2L, 1L);
            assertThat(letters.letters(new Filter("cycle-time", null, null, null, null, null, null), 9))
                    .singleElement()
                    .satisfies(letter -> {
                        assertThat(letter.payload()).isEqualTo(onWrongTopic);
                        assertThat(letter.takenAt()).isNotNull();
                    });
            assertThat(letters.letters(new Filter(null, null, "OTHER", null, null, null, null), 9))
                    .isEmpty();
            assertThat(letters.letters(
                            new Filter(null, null, null, Instant.now().plusSeconds(60), null, null, null), 9))
                    .isEmpty();

            List<String> told = new ArrayList<>();
            assertThat(letters.replay(ALL, null, told::add)).isEqualTo(new Replay(3, 0, 1));
            assertThat(told).singleElement().asString().contains("still TRUNCATED");
            assertThat(records(settings)).as("a dry run").isEmpty();

            assertThat(letters.replay(ALL, sender, line -> {})).isEqualTo(new Replay(3, 0, 1));
            assertThat(letters.replay(ALL, sender, line -> {})).as("again").isEqualTo(new Replay(0, 3, 1));
        }
        assertThat(records(settings))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "back.deal.v1",
                        List.of(deal("d1")),
                        "back.engagement.v1",
                        List.of(engagement("long", "x".repeat(3_000)), engagement("late", "/"))));
        assertThat(database.read(
                        "reader", "SELECT job, replayed_at IS NULL FROM bi.dead_letter ORDER BY \"offset\", job"))
                .containsExactly("conversion|f", "cycle-time|f", "conversion|f", "conversion|t", "conversion|f");
    }

    /** Sends records to the wrong topic, and writes the letters of a job that could not take them. */
    private static void write(Settings settings, String job, List<byte[]> values) throws Exception {
        List<Row> rows = new ArrayList<>();
        Receiver<Feedback> receiver = new Receiver<>(Feedback.class);
        if (job.equals("conversion")) {
            try (var producer = new KafkaProducer<>(
                    settings.kafka().client(), new ByteArraySerializer(), new ByteArraySerializer())) {
                for (byte[] value : values) {
                    producer.send(new ProducerRecord<>("back.feedback.v1", 0, null, value))
                            .get();
                }
            }
        }
        int place = 0;
        for (byte[] value : values) {
            ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("back.feedback.v1", 0, place++, null, value);
            Received<Feedback> received = receiver.receive(record);
            received.appendedAt = System.currentTimeMillis();
            rows.add(KafkaInputs.deadLetter(job, received));
        }
        try (Connection connection = database.as("writer").connect()) {
            Upsert.of(DeadLetterTable.DEAD_LETTER).run(connection, rows, 1);
        }
    }

    /** The events on the topics of events, without the topic to which they were sent wrongly. */
    private static Map<String, List<Object>> records(Settings settings) throws Unreachable {
        Map<String, List<Object>> records = new HashMap<>();
        try (TopicReader reader = new TopicReader(settings, List.of("back.engagement.v1", "back.deal.v1"))) {
            reader.readToEnd(record -> {
                Object event = Wire.decode(record.value()).event();
                records.computeIfAbsent(record.topic(), topic -> new ArrayList<>())
                        .add(event == null ? "none" : event);
            });
        }
        return records;
    }

    private static Engagement engagement(String id, String asset) {
        return new Engagement(
                id,
                Instant.parse("2026-01-05T00:00:00Z"),
                "p1",
                null,
                null,
                null,
                "page_view",
                null,
                null,
                asset,
                null,
                Map.of());
    }

    private static DealChange deal(String id) {
        Object event = NativeJson.read("{\"type\":\"deal\",\"event_id\":\"x-" + id
                        + "\",\"occurred_at\":\"2026-01-05T00:00:00Z\",\"deal_id\":\"" + id
                        + "\",\"kind\":\"created\"}")
                .event();
        return (DealChange) Objects.requireNonNull(event);
    }
}
