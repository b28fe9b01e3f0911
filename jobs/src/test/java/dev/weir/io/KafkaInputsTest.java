package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Signal;
import dev.weir.avro.DeadLetter;
import dev.weir.event.Engagement;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Cell;
import dev.weir.machine.Difference;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
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
    private static final AtomicLong READ = new AtomicLong();
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

    /** A topic, with a good record of it. */
    private record Topic(String name, IntFunction<byte[]> good) {}

    private static final List<Topic> TOPICS = List.of(
            new Topic(Topics.ENGAGEMENT, i -> Wire.encode(engagement(i))),
            new Topic(Topics.DEAL, i -> encoded("""
                    {"type":"deal","event_id":"d%1$d","occurred_at":"2026-01-05T00:00:00Z","deal_id":"d%1$d","kind":"created"}""", i)),
            new Topic(Topics.FEEDBACK, i -> encoded("""
                    {"type":"feedback","event_id":"f%d","occurred_at":"2026-01-05T00:00:00Z","person_id":"p","kind":"nps","score":9}""", i)),
            new Topic(Topics.ENTITY, i -> encoded("""
                    {"type":"entity","event_id":"n%1$d","occurred_at":"2026-01-05T00:00:00Z","entity":"owner","kind":"upserted","id":"o%1$d"}""", i)),
            new Topic(Topics.DESK, i -> encoded("""
                    {"type":"desk","entry_id":"k%1$d","occurred_at":"2026-01-05T00:00:00Z","kind":"acknowledged","alert_id":"a%1$d","by":"ana"}""", i)),
            new Topic(
                    Topics.METRIC,
                    i -> Wire.encode(new MetricPoint(
                                    "conversion/f/" + i,
                                    "(total)",
                                    "(total)",
                                    "day",
                                    START,
                                    END,
                                    MetricPoint.RATE,
                                    1,
                                    2,
                                    null,
                                    "h",
                                    false)
                            .row(0))),
            new Topic(
                    Topics.SIGNAL,
                    i -> Wire.encode(new Signal(
                                    "s" + i,
                                    Signal.STALLED,
                                    "p/d",
                                    null,
                                    null,
                                    null,
                                    null,
                                    START,
                                    null,
                                    null,
                                    "{}",
                                    "h",
                                    false)
                            .row(0))));

    /** Which job reads which topic. */
    private static final Map<String, Function<KafkaInputs, KafkaInputs.Input<?>>> READERS = new TreeMap<>(Map.of(
            "conversion " + Topics.ENGAGEMENT, KafkaInputs::engagements,
            "conversion " + Topics.DEAL, KafkaInputs::deals,
            "conversion " + Topics.FEEDBACK, KafkaInputs::feedback,
            "conversion " + Topics.ENTITY, KafkaInputs::entities,
            "cycle-time " + Topics.ENTITY, KafkaInputs::entities,
            "cycle-time " + Topics.DEAL, KafkaInputs::deals,
            "cycle-time " + Topics.ENGAGEMENT, KafkaInputs::engagements,
            "anomaly " + Topics.METRIC, KafkaInputs::metrics,
            "anomaly " + Topics.SIGNAL, KafkaInputs::signals,
            "anomaly " + Topics.DESK, KafkaInputs::desk));

    @Test
    void whatStandsIsThereForWhoeverReadsItLateWhateverTheBrokersRetention() throws Exception {
        Settings settings = broker.settings("late.");
        Topics.ensure(settings, false);
        ConfigResource alerts = new ConfigResource(ConfigResource.Type.TOPIC, Topics.name(settings, Topics.ALERT));
        try (Admin admin = Admin.create(settings.kafka().client())) {
            Config config = Objects.requireNonNull(
                    admin.describeConfigs(List.of(alerts)).all().get().get(alerts));
            assertThat(config.get("cleanup.policy").value()).contains("compact");
            assertThat(config.get("retention.ms").value()).isEqualTo("-1");
            assertThat(config.get("message.timestamp.type").value()).isEqualTo("LogAppendTime");
        }
    }

    @Test
    void everyBadRecordOfEveryTopicIsOneDeadLetterOfEachJobThatReadsItAndEveryGoodOneAnEvent() throws Exception {
        Settings settings = broker.settings("garbage.");
        assertThat(Topics.ensure(settings, true)).hasSameSizeAs(Topics.ALL);
        assertThat(Topics.ensure(settings, true)).isEmpty();
        try (KafkaProducer<byte[], byte[]> producer = producer(settings)) {
            for (Topic topic : TOPICS) {
                for (byte[] record : records(topic)) {
                    var unused = producer.send(new ProducerRecord<>(
                            Topics.name(settings, topic.name()), record.length == 3 ? null : record));
                }
            }
        }
        try (Sender sender = new Sender(settings, END, refusal -> {})) {
            sender.event(new Engagement(
                    "later", END.plusMillis(1), "p", null, null, null, "page_view", null, null, null, null, Map.of()));
            sender.finish();
            assertThat(sender.sent()).isZero();
            assertThat(sender.later()).isEqualTo(1);
        }

        JobClient job = run(settings);
        int expected = READERS.size() * GARBAGE;
        // And a time mark in three partitions for each reader of events.
        int records = READERS.size() * (GOOD + GARBAGE) + 8 * 3;
        Map<String, Integer> letters = new HashMap<>();
        Map<String, Integer> reasons = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(settings)) {
            consumer.subscribe(List.of(Topics.name(settings, Topics.DEAD_LETTER)));
            until(() -> {
                for (ConsumerRecord<byte[], byte[]> letter : consumer.poll(Duration.ofMillis(100))) {
                    letters.merge(new String(letter.key(), StandardCharsets.UTF_8), 1, Integer::sum);
                    reasons.merge(reason(letter.value()), 1, Integer::sum);
                }
                return letters.size() >= expected
                        && EVENTS.size() >= READERS.size() * GOOD
                        && READ.get() >= records
                        && REACHED.get() == END.toEpochMilli();
            });
        }
        job.cancel().get();

        assertThat(letters).hasSize(expected);
        assertThat(letters.values()).containsOnly(1);
        Map<String, Integer> readers = new TreeMap<>();
        for (String key : letters.keySet()) {
            String topic = Keys.split(key).get(3).substring("garbage.".length());
            readers.merge(Keys.split(key).get(2) + " " + topic, 1, Integer::sum);
        }
        assertThat(readers.keySet()).isEqualTo(READERS.keySet());
        assertThat(readers.values()).containsOnly(GARBAGE);
        assertThat(Set.copyOf(EVENTS)).hasSize(READERS.size() * GOOD);
        assertThat(EVENTS).hasSize(READERS.size() * GOOD);
        assertThat(READ).hasValue(records);
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

    private static List<byte[]> records(Topic topic) {
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < GOOD; i++) {
            records.add(topic.good().apply(i));
        }
        for (int i = 0; i < GARBAGE; i++) {
            records.add((i * 7919) % records.size(), garbage(i, topic.good().apply(i)));
        }
        return records;
    }

    private static byte[] encoded(String json, int i) {
        return Wire.encode(
                Objects.requireNonNull(NativeJson.read(json.formatted(i)).event()));
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
        config.setString("restart-strategy.type", "none");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, config);
        DataStream<Row> letters = null;
        for (var reader : READERS.entrySet()) {
            String job = reader.getKey().substring(0, reader.getKey().indexOf(' '));
            KafkaInputs.Input<?> input = reader.getValue().apply(new KafkaInputs(env, settings, job));
            seen(reader.getKey(), input);
            letters = letters == null ? input.deadLetters() : letters.union(input.deadLetters());
        }
        KafkaOutputs.write(Objects.requireNonNull(letters), settings, "garbage");
        return env.executeAsync("garbage");
    }

    private static <E> void seen(String reader, KafkaInputs.Input<E> input) {
        input.events()
                .filter(event -> EVENTS.add(reader + event.position))
                .uid(reader + " seen")
                .keyBy(event -> "all", Types.STRING)
                .process(new Reached<E>(reader))
                .returns(Types.LONG)
                .uid(reader + " reached")
                .sinkTo(new DiscardingSink<>())
                .uid(reader + " reached-sink");
        input.counts()
                .filter(count -> READ.addAndGet(read(count.sums)) < 0)
                .uid(reader + " counted")
                .sinkTo(new DiscardingSink<>())
                .uid(reader + " counted-sink");
    }

    /** How many records were read, whatever their bucket. */
    private static long read(Sums counts) {
        long read = 0;
        for (int i = 0; i < counts.size; i++) {
            read += Cell.measure(counts.cells[i]) == 0 ? counts.amounts[i] : 0;
        }
        return read;
    }

    /** Notes the time that the readers of engagements came to. */
    private static final class Reached<E> extends KeyedProcessFunction<String, Difference<E>, Long> {
        private final String reader;

        Reached(String reader) {
            this.reader = reader;
        }

        @Override
        public void processElement(Difference<E> event, Context context, Collector<Long> out) {
            context.timerService().registerEventTimeTimer(END.toEpochMilli());
        }

        @Override
        public void onTimer(long time, OnTimerContext context, Collector<Long> out) {
            if (reader.endsWith(Topics.ENGAGEMENT)) {
                REACHED.set(context.timerService().currentWatermark());
            }
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
    private static byte[] garbage(int i, byte[] good) {
        Random random = new Random(i);
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
