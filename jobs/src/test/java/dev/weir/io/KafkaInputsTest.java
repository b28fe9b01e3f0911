package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.avro.DeadLetter;
import dev.weir.event.Engagement;
import dev.weir.flink.StreamTypes;
import dev.weir.machine.Delta;
import dev.weir.machine.Difference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class KafkaInputsTest {
    private static final int GOOD = 10_000;
    private static final int GARBAGE = 1_000;
    private static final Instant START = Instant.parse("2026-01-05T00:00:00Z");
    private static final Instant END = Instant.parse("2026-02-01T00:00:00Z");

    private static final Queue<String> EVENTS = new ConcurrentLinkedQueue<>();
    private static final Queue<Long> COUNTS = new ConcurrentLinkedQueue<>();
    private static final AtomicLong REACHED = new AtomicLong();

    @SuppressWarnings("NullAway.Init")
    private static TestBroker broker;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        broker = TestBroker.start(folder);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void everyBadRecordIsOneDeadLetterAndEveryGoodOneAnEvent() throws Exception {
        Settings settings = broker.settings("garbage.");
        assertThat(Topics.ensure(settings, true)).hasSameSizeAs(Topics.ALL);
        assertThat(Topics.ensure(settings, true)).isEmpty();
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < GOOD; i++) {
            records.add(Wire.encode(engagement(i)));
        }
        for (int i = 0; i < GARBAGE; i++) {
            records.add((i * 7919) % records.size(), garbage(i));
        }
        try (KafkaProducer<byte[], byte[]> producer = producer(settings)) {
            for (byte[] record : records) {
                var unused = producer.send(new ProducerRecord<>(
                        Topics.name(settings, Topics.ENGAGEMENT), record.length == 3 ? null : record));
            }
        }
        try (Sender sender = new Sender(settings, END, refusal -> {})) {
            sender.event(engagement(GOOD));
            sender.event(new Engagement(
                    "later", END.plusMillis(1), "p", null, null, null, "page_view", null, null, null, null, Map.of()));
            sender.finish();
            assertThat(sender.sent()).isEqualTo(1);
            assertThat(sender.later()).isEqualTo(1);
        }

        JobClient job = run(settings);
        List<String> letters = new ArrayList<>();
        Map<String, Integer> reasons = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(settings)) {
            consumer.subscribe(List.of(Topics.name(settings, Topics.DEAD_LETTER)));
            until(() -> {
                for (ConsumerRecord<byte[], byte[]> letter : consumer.poll(Duration.ofMillis(100))) {
                    letters.add(new String(letter.key(), StandardCharsets.UTF_8));
                    reasons.merge(reason(letter.value()), 1, Integer::sum);
                }
                return letters.size() >= GARBAGE && EVENTS.size() > GOOD && REACHED.get() == END.toEpochMilli();
            });
        }
        job.cancel().get();

        assertThat(new HashSet<>(letters)).hasSize(GARBAGE);
        assertThat(letters).hasSize(GARBAGE);
        assertThat(Set.copyOf(EVENTS)).hasSize(GOOD + 1);
        assertThat(EVENTS).hasSize(GOOD + 1);
        assertThat(COUNTS).hasSize(GOOD + 1 + GARBAGE + 3);
        assertThat(reasons.keySet())
                .contains(
                        Wire.EMPTY,
                        Wire.NOT_AVRO,
                        Wire.TRUNCATED,
                        Wire.UNKNOWN_SCHEMA,
                        Wire.TOO_LARGE,
                        Wire.FUTURE,
                        Wire.INVALID);
    }

    @Test
    void aBadLineIsNamedAndDoesNotStopTheOthers(@TempDir Path folder) throws Exception {
        Settings settings = broker.settings("lines.");
        Path file = folder.resolve("events.jsonl");
        Files.writeString(file, NativeJson.write(engagement(1)) + "\n\nnonsense\n" + NativeJson.write(engagement(2)));
        List<String> refusals = new ArrayList<>();
        try (Sender sender = new Sender(settings, null, refusals::add)) {
            sender.file(file, () -> {});
            sender.finish();
            assertThat(sender.sent()).isEqualTo(2);
            assertThat(sender.refused()).isEqualTo(1);
        }
        assertThat(refusals).singleElement().asString().startsWith(file + ":3: not JSON");
    }

    private static JobClient run(Settings settings) throws Exception {
        Configuration config = new Configuration();
        config.setString("execution.checkpointing.interval", "300 ms");
        config.setString("pipeline.auto-generate-uids", "false");
        config.setString("pipeline.generic-types", "false");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, config);
        KafkaInputs.Input<Engagement> input = new KafkaInputs(env, settings, "conversion").engagements();
        input.events()
                .keyBy(difference -> "all", Types.STRING)
                .process(new Collected(), StreamTypes.difference(Engagement.class))
                .uid("collected")
                .sinkTo(new DiscardingSink<>())
                .uid("collected-sink");
        input.counts()
                .map(KafkaInputsTest::count)
                .returns(StreamTypes.DELTA)
                .uid("counted")
                .sinkTo(new DiscardingSink<>())
                .uid("counted-sink");
        KafkaOutputs.write(input.deadLetters(), settings, "conversion");
        return env.executeAsync("garbage");
    }

    private static Delta count(Delta delta) {
        COUNTS.add(1L);
        return delta;
    }

    private static final class Collected
            extends KeyedProcessFunction<String, Difference<Engagement>, Difference<Engagement>> {
        @Override
        public void processElement(
                Difference<Engagement> difference, Context context, Collector<Difference<Engagement>> out) {
            EVENTS.add(difference.fact == null ? "" : difference.fact.eventId());
            context.timerService().registerEventTimeTimer(END.toEpochMilli());
        }

        @Override
        public void onTimer(long time, OnTimerContext context, Collector<Difference<Engagement>> out) {
            REACHED.set(context.timerService().currentWatermark());
        }
    }

    private static Engagement engagement(int i) {
        return new Engagement(
                "e" + i,
                START.plusSeconds(i),
                "p" + i % 100,
                null,
                null,
                null,
                "page_view",
                "organic",
                null,
                "/pricing",
                null,
                Map.of("device", "mobile"));
    }

    /** A record of three bytes is sent as one without a value. */
    private static byte[] garbage(int i) {
        Random random = new Random(i);
        byte[] good = Wire.encode(engagement(i));
        return switch (i % 11) {
            case 0 -> new byte[0];
            case 1 -> new byte[] {(byte) i};
            case 2 -> Arrays.copyOf(good, 11 + random.nextInt(good.length - 11));
            case 3 -> {
                good[2 + random.nextInt(8)] ^= 0x55;
                yield good;
            }
            case 4 -> new byte[i % 5 == 0 ? 2 << 20 : 100];
            case 5 -> "no event at all".getBytes(StandardCharsets.UTF_8);
            case 6 -> "{\"a\":".repeat(10_000).getBytes(StandardCharsets.UTF_8);
            case 7 -> new byte[3];
            case 8 ->
                Wire.encode(new Engagement(
                        "f" + i,
                        Instant.now().plus(Duration.ofDays(3)),
                        "p",
                        null,
                        null,
                        null,
                        "page_view",
                        null,
                        null,
                        null,
                        null,
                        Map.of()));
            case 9 -> Arrays.copyOf(good, good.length + 1 + random.nextInt(9));
            default -> {
                // A length that would be two gigabytes.
                byte[] claim = Arrays.copyOf(good, 16);
                Arrays.fill(claim, 10, 14, (byte) 0xFF);
                claim[14] = 0x0E;
                yield claim;
            }
        };
    }

    private static String reason(byte[] letter) {
        try {
            var reader = new SpecificDatumReader<>(DeadLetter.class);
            var in = DecoderFactory.get().binaryDecoder(letter, 10, letter.length - 10, null);
            return reader.read(null, in).getReason();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(Settings settings) {
        Properties properties = settings.kafka().client();
        properties.setProperty("max.request.size", "4194304");
        properties.setProperty("max.in.flight.requests.per.connection", "1");
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Settings settings) {
        Properties properties = settings.kafka().client();
        properties.setProperty("isolation.level", "read_committed");
        properties.setProperty("auto.offset.reset", "earliest");
        properties.setProperty("group.id", "reader");
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static void until(BooleanSupplier done) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!done.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(50);
        }
    }
}
