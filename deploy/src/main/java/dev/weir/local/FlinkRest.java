package dev.weir.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The part of Flink's REST interface that submitting and watching a job needs. */
public final class FlinkRest {
    /** States in which a job still holds slots, or will again. */
    private static final Set<String> LIVE =
            Set.of("INITIALIZING", "CREATED", "RUNNING", "FAILING", "RESTARTING", "RECONCILING", "CANCELLING");

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String base;

    public FlinkRest(String url) {
        this.base = (url.contains("://") ? url : "http://" + url).replaceAll("/+$", "");
    }

    public String url() {
        return base;
    }

    public String url(String jobId) {
        return base + "/#/job/running/" + jobId + "/overview";
    }

    /** The cluster refused, with its reason; its root cause when it gave a stack trace. */
    public static final class Refusal extends IOException {
        Refusal(String message) {
            super(message);
        }
    }

    public JsonNode overview() throws IOException {
        return get("/overview");
    }

    /** Uploads the jar under {@code name}, or takes the one that is there already under that name; one upload at a time. */
    public synchronized String upload(Path jar, String name) throws IOException {
        for (JsonNode file : get("/jars").path("files")) {
            if (file.path("name").asText().equals(name)) {
                return file.path("id").asText();
            }
        }
        String boundary = "weir-" + UUID.randomUUID();
        String head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"" + name
                + "\"\r\nContent-Type: application/java-archive\r\n\r\n";
        HttpRequest request = request("/jars/upload")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.concat(text(head), file(jar), text("\r\n--" + boundary + "--\r\n")))
                .build();
        String stored = send(request).path("filename").asText();
        return stored.substring(stored.lastIndexOf('/') + 1);
    }

    private static BodyPublisher text(String text) {
        return BodyPublishers.ofString(text, StandardCharsets.UTF_8);
    }

    private static BodyPublisher file(Path jar) throws FileNotFoundException {
        return BodyPublishers.ofFile(jar);
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** Runs an uploaded jar; gives the job's id. The body is Flink's JarRunRequestBody. */
    public String run(String jarId, ObjectNode body) throws IOException {
        return post("/jars/" + jarId + "/run", body).path("jobid").asText();
    }

    public String state(String jobId) throws IOException {
        return get("/jobs/" + jobId).path("state").asText();
    }

    /** RUNNING in every task, not only scheduled. */
    public boolean running(String jobId) throws IOException {
        JsonNode job = get("/jobs/" + jobId);
        for (JsonNode vertex : job.path("vertices")) {
            String state = vertex.path("status").asText();
            if (!state.equals("RUNNING") && !state.equals("FINISHED")) {
                return false;
            }
        }
        return job.path("state").asText().equals("RUNNING");
    }

    public long completedCheckpoints(String jobId) throws IOException {
        return get("/jobs/" + jobId + "/checkpoints")
                .path("counts")
                .path("completed")
                .asLong();
    }

    /** When the newest completed checkpoint of a job began, epoch milliseconds; 0 when it has none. */
    public long newestCheckpoint(String jobId) throws IOException {
        return get("/jobs/" + jobId + "/checkpoints")
                .path("latest")
                .path("completed")
                .path("trigger_timestamp")
                .asLong();
    }

    /** The id of the job of this name that is not at its end. */
    public Optional<String> live(String name) throws IOException {
        for (JsonNode job : get("/jobs/overview").path("jobs")) {
            if (job.path("name").asText().equals(name)
                    && LIVE.contains(job.path("state").asText())) {
                return Optional.of(job.path("jid").asText());
            }
        }
        return Optional.empty();
    }

    /** Why the job last failed: the innermost cause; empty if it never did. */
    public String rootException(String jobId) throws IOException {
        JsonNode exceptions = get("/jobs/" + jobId + "/exceptions");
        JsonNode newest = exceptions.path("exceptionHistory").path("entries").path(0);
        return rootCause(newest.path("stacktrace").asText(""));
    }

    /** The value of a setting of the cluster, empty where it has none. */
    public String setting(String key) throws IOException {
        for (JsonNode entry : get("/jobmanager/config")) {
            if (entry.path("key").asText().equals(key)) {
                return entry.path("value").asText();
            }
        }
        return "";
    }

    public void cancel(String jobId) throws IOException {
        send(request("/jobs/" + jobId + "?mode=cancel")
                .method("PATCH", BodyPublishers.noBody())
                .build());
    }

    /** How many checkpoints of a job are on their way. */
    public long checkpointsInProgress(String jobId) throws IOException {
        return get("/jobs/" + jobId + "/checkpoints")
                .path("counts")
                .path("in_progress")
                .asLong();
    }

    /** How many checkpoints of a job failed. */
    public long failedCheckpoints(String jobId) throws IOException {
        return get("/jobs/" + jobId + "/checkpoints")
                .path("counts")
                .path("failed")
                .asLong();
    }

    /**
     * A checkpoint that is complete.
     *
     * @param number of this job
     * @param triggeredAt epoch milliseconds
     * @param millis until the last task had acknowledged it
     * @param holds bytes of state that it stands for
     * @param wrote bytes of those that are not those of the one before
     */
    public record Checkpoint(long number, long triggeredAt, long millis, long holds, long wrote, Slowest slowest) {}

    /**
     * The task that took longest over a checkpoint, milliseconds of its slowest subtask.
     *
     * @param startDelayMillis from the trigger until its first barrier came
     * @param syncMillis for which it could not take in records
     */
    public record Slowest(
            String task, long startDelayMillis, long alignmentMillis, long syncMillis, long asyncMillis) {}

    /** The complete checkpoints of a job after one of that number, of those that the cluster remembers. */
    public List<Checkpoint> checkpoints(String jobId, long after) throws IOException {
        List<Checkpoint> complete = new ArrayList<>();
        for (JsonNode checkpoint : get("/jobs/" + jobId + "/checkpoints").path("history")) {
            long number = checkpoint.path("id").asLong();
            if (number > after && checkpoint.path("status").asText().equals("COMPLETED")) {
                complete.add(new Checkpoint(
                        number,
                        checkpoint.path("trigger_timestamp").asLong(),
                        checkpoint.path("end_to_end_duration").asLong(),
                        checkpoint.path("state_size").asLong(),
                        checkpoint.path("checkpointed_size").asLong(),
                        slowest(jobId, number)));
            }
        }
        return complete;
    }

    private Slowest slowest(String jobId, long checkpoint) throws IOException {
        String details = "/jobs/" + jobId + "/checkpoints/details/" + checkpoint;
        String vertex = "";
        long longest = -1;
        for (Map.Entry<String, JsonNode> task : get(details).path("tasks").properties()) {
            long millis = task.getValue().path("end_to_end_duration").asLong();
            if (millis > longest) {
                longest = millis;
                vertex = task.getKey();
            }
        }
        JsonNode summary = get(details + "/subtasks/" + vertex).path("summary");
        return new Slowest(
                name(jobId, vertex),
                most(summary.path("start_delay")),
                most(summary.path("alignment").path("duration")),
                most(summary.path("checkpoint_duration").path("sync")),
                most(summary.path("checkpoint_duration").path("async")));
    }

    private static long most(JsonNode statistics) {
        return statistics.path("max").asLong();
    }

    /** The first operator of a task. */
    private String name(String jobId, String vertex) throws IOException {
        for (JsonNode task : get("/jobs/" + jobId).path("vertices")) {
            if (task.path("id").asText().equals(vertex)) {
                return task.path("name").asText().replaceAll("^Source: ", "").replaceAll(" -> .*", "");
            }
        }
        return vertex;
    }

    /** Stops a job with a savepoint below a directory; with {@code drain} its time ends first. */
    public void stop(String jobId, String directory, boolean drain) throws IOException {
        post(
                "/jobs/" + jobId + "/stop",
                object().put("targetDirectory", directory).put("drain", drain));
    }

    JsonNode get(String path) throws IOException {
        return send(request(path).GET().build());
    }

    private JsonNode post(String path, ObjectNode body) throws IOException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(LIMIT);
    }

    private JsonNode send(HttpRequest request) throws IOException {
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new Refusal(reason(response));
            }
            return response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
        } catch (JsonProcessingException notJson) {
            throw new Refusal(request.uri() + " does not answer as a Flink cluster does");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }

    private static String reason(HttpResponse<String> response) {
        try {
            StringBuilder all = new StringBuilder();
            for (JsonNode error : JSON.readTree(response.body()).path("errors")) {
                all.append(error.asText()).append('\n');
            }
            return rootCause(all.toString());
        } catch (JsonProcessingException notJson) {
            return "HTTP " + response.statusCode() + " from " + response.uri();
        }
    }

    /** The last "Caused by" of a stack trace, without its frames. */
    static String rootCause(String trace) {
        String cause = trace;
        int last = trace.lastIndexOf("Caused by: ");
        if (last >= 0) {
            cause = trace.substring(last + "Caused by: ".length());
        }
        StringBuilder words = new StringBuilder();
        for (String line : cause.split("\n", -1)) {
            if (line.startsWith("\tat ") || line.startsWith("\t... ") || line.startsWith("End of exception")) {
                break;
            }
            if (!line.isBlank()) {
                words.append(words.isEmpty() ? "" : " ").append(line.strip());
            }
        }
        return words.toString();
    }
}
