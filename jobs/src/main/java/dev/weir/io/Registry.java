package dev.weir.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.io.WireSchema.Fault;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A schema registry that speaks Confluent's API: a record begins with 0 and the id of its schema, four bytes.
 *
 * <p>The ids of our own schemas are asked for once, when a job is submitted or a command starts, and travel with it; so a
 * registry that goes away later stops neither writing nor the reading of what we write ourselves. An id that is not known yet
 * is asked for once and remembered. While the registry does not answer, records with unknown ids are dead letters, which can
 * be replayed; it is asked again after a pause, since a job that waits for each record stands still.
 */
final class Registry implements Serializable {
    private static final long serialVersionUID = 1;

    static final byte MAGIC = 0;
    /** Bytes before the body. */
    static final int HEADER = 5;
    /** The reason of records whose schema the registry did not tell. */
    static final String REASON = "REGISTRY";

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofSeconds(10);
    /** Most ids of which an answer is remembered. */
    private static final int LIMIT = 1_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, String> TOPICS = Map.of(
            "engagement", Topics.ENGAGEMENT,
            "deal", Topics.DEAL,
            "feedback", Topics.FEEDBACK,
            "entity", Topics.ENTITY,
            "desk", Topics.DESK,
            "metric", Topics.METRIC,
            "signal", Topics.SIGNAL,
            "alert", Topics.ALERT,
            "dead_letter", Topics.DEAD_LETTER);

    private final String url;
    /** Of our own schemas, by the name of the record. */
    private final TreeMap<String, Integer> ids = new TreeMap<>();

    private transient @Nullable Map<Integer, Answer> answers;
    private transient @Nullable HttpClient client;
    /** While it lasts, no id is asked for. */
    private transient @Nullable Long silentUntil;

    /** What is known of an id: its schema, or why there is none and until when (nanoseconds of this JVM) that holds. */
    private record Answer(@Nullable WireSchema schema, String reason, String detail, long until) {}

    private Registry(String url) {
        this.url = url;
    }

    /**
     * The registry of these settings with the ids of our own schemas, each registered where it was not; null without one.
     *
     * @throws Unreachable when it does not answer, or does not take a schema
     */
    static @Nullable Registry of(Settings settings) throws Unreachable {
        String url = settings.kafka().registry();
        if (url == null) {
            return null;
        }
        Registry registry = new Registry(url);
        for (WireSchema schema : WireSchema.all()) {
            String topic = Topics.name(settings, Objects.requireNonNull(TOPICS.get(schema.name())));
            registry.ids.put(schema.name(), registry.register(topic + "-value", schema));
        }
        return registry;
    }

    /** The same for a job's graph. */
    static @Nullable Registry ofJob(Settings settings) {
        try {
            return of(settings);
        } catch (Unreachable failure) {
            throw new IllegalStateException(failure.getMessage(), failure);
        }
    }

    private int register(String subject, WireSchema schema) throws Unreachable {
        String path = "/subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8) + "/versions";
        try {
            String body = JSON.writeValueAsString(Map.of("schema", schema.text()));
            HttpResponse<String> response = send(
                    HttpRequest.newBuilder(URI.create(url + path)).POST(HttpRequest.BodyPublishers.ofString(body)));
            JsonNode id = response.statusCode() == 200
                    ? JSON.readTree(response.body()).get("id")
                    : null;
            if (id == null || !id.isInt()) {
                throw new IOException("status " + response.statusCode() + " for subject " + subject);
            }
            return id.intValue();
        } catch (IOException failure) {
            throw new Unreachable(
                    "schema registry " + url + ": " + said(failure)
                            + " (is it up, is kafka.schema.registry.url right, may schemas be registered?)",
                    failure);
        }
    }

    /** What a record of ours begins with. */
    byte[] header(WireSchema schema) {
        Integer id = ids.get(schema.name());
        if (id == null) {
            throw new IllegalStateException("no id of " + schema.name());
        }
        return ByteBuffer.allocate(HEADER).put(MAGIC).putInt(id).array();
    }

    /**
     * The schema of an id.
     *
     * @throws Fault when there is none, when it is none of ours, or when the registry does not answer
     */
    WireSchema schema(int id) throws Fault {
        Map<Integer, Answer> known = answers;
        if (known == null) {
            known = new HashMap<>();
            answers = known;
            for (Map.Entry<String, Integer> own : ids.entrySet()) {
                known.put(own.getValue(), new Answer(WireSchema.of(own.getKey()), "", "", Long.MAX_VALUE));
            }
        }
        Answer answer = known.get(id);
        if (answer == null || (answer.schema() == null && System.nanoTime() - answer.until() > 0)) {
            if (known.size() >= LIMIT) {
                known.values().removeIf(old -> old.until() != Long.MAX_VALUE);
            }
            answer = ask(id);
            known.put(id, answer);
        }
        if (answer.schema() == null) {
            throw new Fault(answer.reason(), answer.detail());
        }
        return answer.schema();
    }

    private Answer ask(int id) {
        long until = System.nanoTime() + PAUSE.toNanos();
        if (silentUntil != null && System.nanoTime() - silentUntil < 0) {
            return none(REASON, id, "the registry does not answer", silentUntil);
        }
        try {
            HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(url + "/schemas/ids/" + id)));
            if (response.statusCode() == 404) {
                return none(REASON, id, "the registry does not know it", until);
            }
            JsonNode told = response.statusCode() == 200 ? JSON.readTree(response.body()) : null;
            if (told == null || !told.path("schema").isTextual()) {
                return none(REASON, id, "the registry answers with status " + response.statusCode(), until);
            }
            WireSchema schema = WireSchema.written(
                    new Schema.Parser().parse(told.get("schema").asText()));
            return schema == null
                    ? none(Wire.UNKNOWN_SCHEMA, id, "it is no version of a record of the topics", until)
                    : new Answer(schema, "", "", until);
        } catch (IOException failure) {
            silentUntil = until;
            return none(REASON, id, "the registry does not answer: " + said(failure), until);
        } catch (AvroRuntimeException strange) {
            return none(Wire.UNKNOWN_SCHEMA, id, "it is no version of a record of the topics", until);
        }
    }

    private static Answer none(String reason, int id, String why, long until) {
        return new Answer(null, reason, "schema " + id + ": " + why, until);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        HttpClient through = client;
        if (through == null) {
            through = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
            client = through;
        }
        try {
            return through.send(
                    request.timeout(PATIENCE)
                            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                            .header("Accept", "application/vnd.schemaregistry.v1+json, application/json")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while asking the schema registry", stopped);
        }
    }

    private static String said(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
