package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.MetricPoint;
import dev.weir.io.Wire.Decoded;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A registry of HTTP that does what the test wants of it. */
class RegistryTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> schemas = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private volatile int status = 200;
    private HttpServer server;

    @SuppressWarnings("NullAway.Init") // JUnit sets it
    RegistryTest() {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void whatIsWrittenByIdIsReadByIdAndWhatCarriesAFingerprintToo() throws Exception {
        Registry registry = registry();
        byte[] bytes = Wire.encode(engagement(), registry);
        assertThat(bytes[0]).isZero();
        assertThat(schemas.get(ByteBuffer.wrap(bytes).getInt(1) - 1)).contains("\"name\":\"Engagement\"");
        assertThat(Wire.decode(bytes, registry).event()).isEqualTo(engagement());
        assertThat(Wire.decode(Wire.encode(engagement()), registry).event()).isEqualTo(engagement());
        assertThat(asked)
                .as("our own ids are known")
                .filteredOn(path -> path.contains("/ids/"))
                .isEmpty();
        assertThat(asked)
                .contains("/subjects/weir.engagement.v1-value/versions", "/subjects/weir.deadletter.v1-value/versions");
        assertThat(Wire.decode(bytes, null).detail()).contains("set kafka.schema.registry.url");
    }

    @Test
    void anotherVersionOfASchemaIsReadAsOurs() throws Exception {
        Registry registry = registry();
        Schema newer = new Schema.Parser()
                .parse(WireSchema.of("deal")
                        .text()
                        .replaceFirst(
                                "\"fields\":\\[",
                                "\"fields\":[{\"name\":\"mood\",\"type\":[\"null\",\"string\"],\"default\":null},"));
        DealChange deal = deal();
        int id = add(newer.toString());
        GenericRecord record = new GenericData.Record(newer);
        newer.getFields().stream()
                .filter(field -> field.hasDefaultValue())
                .forEach(field -> record.put(field.name(), GenericData.get().getDefaultValue(field)));
        record.put("mood", "cheerful");
        record.put("event_id", deal.eventId());
        record.put("occurred_at", deal.occurredAt().toEpochMilli());
        record.put("deal_id", deal.dealId());
        record.put("kind", deal.kind());
        record.put("stage", "offer");
        byte[] bytes = bytes(id, record);
        for (int i = 0; i < 3; i++) {
            assertThat(Wire.decode(bytes, registry).event()).isEqualTo(deal);
        }
        assertThat(asked).filteredOn(path -> path.equals("/schemas/ids/" + id)).hasSize(1);
        assertThat(Wire.decode(Arrays.copyOf(bytes, bytes.length - 2), registry).reason())
                .isEqualTo(Wire.TRUNCATED);
    }

    @Test
    void anUnknownIdAForeignSchemaAndAnOtherTopicsRecordAreDeadLettersWithTheirReasons() throws Exception {
        Registry registry = registry();
        assertThat(decoded(registry, 4_711))
                .extracting(Decoded::reason, Decoded::detail)
                .containsExactly(Registry.REASON, "schema 4711: the registry does not know it");
        int foreign = add("{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"n\",\"type\":\"int\"}]}");
        assertThat(decoded(registry, foreign).reason()).isEqualTo(Wire.UNKNOWN_SCHEMA);
        assertThat(decoded(registry, add("no schema at all")).reason()).isEqualTo(Wire.UNKNOWN_SCHEMA);
        assertThat(decoded(
                                registry,
                                add(WireSchema.of("deal").text().replace("\"type\":\"string\"", "\"type\":\"float\"")))
                        .reason())
                .isEqualTo(Wire.UNKNOWN_SCHEMA);
        assertThat(Wire.decode(new byte[] {0, 0, 1}, registry).reason()).isEqualTo(Wire.TRUNCATED);
        Received<DealChange> received = new Receiver<>(DealChange.class, registry)
                .receive(new ConsumerRecord<>("t", 0, 0, null, Wire.encode(engagement(), registry)));
        assertThat(received.reason).isEqualTo(Wire.UNKNOWN_SCHEMA);
    }

    @Test
    void aRegistryThatFailsStopsNeitherWritingNorWhatIsKnown() throws Exception {
        Registry registry = registry();
        byte[] known = Wire.encode(engagement(), registry);
        int later = add(WireSchema.of("deal").text().replaceFirst("\"doc\":\"[^\"]*\",?", ""));
        status = 500;
        assertThat(decoded(registry, later))
                .extracting(Decoded::reason, Decoded::detail)
                .containsExactly(Registry.REASON, "schema " + later + ": the registry answers with status 500");
        server.stop(0);
        Registry restored = InstantiationUtil.clone(registry);
        assertThat(decoded(restored, 99).detail()).contains("does not answer");
        assertThat(decoded(restored, 98).detail()).isEqualTo("schema 98: the registry does not answer");
        assertThat(Wire.decode(known, restored).event()).isEqualTo(engagement());
        assertThat(Wire.encode(engagement(), restored)).isEqualTo(known);
        assertThatThrownBy(() -> Registry.of(settings()))
                .isInstanceOf(Unreachable.class)
                .hasMessageContaining("is it up");
    }

    @Test
    void rowsOfTopicsAreWrittenByIdToo() throws Exception {
        Registry registry = registry();
        MetricPoint point = new MetricPoint(
                "conversion/f/s",
                "(total)",
                "(total)",
                "day",
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(86_400),
                MetricPoint.RATE,
                1,
                2,
                null,
                "h",
                false);
        byte[] bytes = Wire.encode(point.row(0), registry);
        assertThat(Wire.decode(bytes, registry).event()).isEqualTo(point);
        assertThat(Objects.requireNonNull(Wire.fields(bytes, "metric", registry)))
                .containsEntry("metric", "conversion/f/s");
        assertThat(Wire.fields(bytes, "alert", registry)).isNull();
    }

    private Decoded decoded(Registry registry, int id) {
        return Wire.decode(
                ByteBuffer.allocate(9).put((byte) 0).putInt(id).putInt(7).array(), registry);
    }

    private Settings settings() {
        return Settings.parse("""
                kafka:
                  bootstrap: b:1
                  schema.registry.url: http://localhost:%d/
                warehouse:
                  url: jdbc:postgresql://nowhere/none
                  user: none
                """.formatted(server.getAddress().getPort()), "test");
    }

    private Registry registry() throws Unreachable {
        return Objects.requireNonNull(Registry.of(settings()));
    }

    private synchronized int add(String schema) {
        if (!schemas.contains(schema)) {
            schemas.add(schema);
        }
        return schemas.indexOf(schema) + 1;
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        int code = status;
        String answer = "{}";
        if (path.startsWith("/subjects/")) {
            int id = add(JSON.readTree(exchange.getRequestBody()).get("schema").asText());
            answer = "{\"id\":" + id + "}";
        } else {
            int id = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
            if (id <= schemas.size()) {
                answer = JSON.writeValueAsString(Map.of("schema", schemas.get(id - 1)));
            } else {
                code = 404;
            }
        }
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static byte[] bytes(int id, GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static Engagement engagement() {
        return new Engagement(
                "e1",
                Instant.parse("2026-01-05T00:00:00Z"),
                "p1",
                null,
                null,
                null,
                "page_view",
                null,
                null,
                null,
                null,
                Map.of("a", "b"));
    }

    private static DealChange deal() {
        Object deal = NativeJson.read("""
                {"type":"deal","event_id":"x1","occurred_at":"2026-01-05T00:00:00Z","deal_id":"d1","kind":"stage_changed","stage":"offer"}""").event();
        return (DealChange) Objects.requireNonNull(deal);
    }
}
