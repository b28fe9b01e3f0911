package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.machine.Json;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Posts alerts to Alertmanager, and again what stands, since it takes for resolved what it does not hear of for some minutes.
 * It knows an alert by its labels: where those change, the alert under the former ones ends.
 */
record AlertmanagerTeller(Receiver.Alertmanager alertmanager, Http http) implements Teller {
    private static final int MOST_AT_ONCE = 200;

    @Override
    public String tell(Message message, Instant now) throws NotDelivered {
        List<Map<String, @Nullable Object>> posts = new ArrayList<>();
        Alert before = message.before() == null ? null : message.before().alert();
        if (before != null && Change.stands(before) && !labels(before).equals(labels(message.alert()))) {
            posts.add(post(before, now));
        }
        posts.add(post(message.alert(), Change.stands(message.alert()) ? null : now));
        post(posts);
        return "";
    }

    @Override
    public Duration repeat() {
        return alertmanager.repeat();
    }

    @Override
    public void repeat(List<Alert> standing, Instant now) throws NotDelivered {
        for (int from = 0; from < standing.size(); from += MOST_AT_ONCE) {
            post(standing.subList(from, Math.min(from + MOST_AT_ONCE, standing.size())).stream()
                    .map(alert -> post(alert, null))
                    .toList());
        }
    }

    private void post(List<Map<String, @Nullable Object>> posts) throws NotDelivered {
        String base = alertmanager.url().toString();
        http.post(URI.create(base + (base.endsWith("/") ? "" : "/") + "api/v2/alerts"), Map.of(), Json.array(posts));
    }

    /**
     * One alert of a post.
     *
     * @param over by when it is over at the latest; null while it stands, then Alertmanager decides how long it believes that
     */
    static Map<String, @Nullable Object> post(Alert alert, @Nullable Instant over) {
        Map<String, @Nullable Object> post = new LinkedHashMap<>();
        post.put("labels", labels(alert));
        post.put("annotations", annotations(alert));
        post.put("startsAt", alert.startedAt());
        if (over != null) {
            Instant ended = Objects.requireNonNullElse(alert.endedAt(), over);
            Instant end = ended.isBefore(over) ? ended : over;
            post.put("endsAt", end.isBefore(alert.startedAt()) ? alert.startedAt() : end);
        }
        return post;
    }

    /** What does not change as long as it is the same alert for the same people. */
    static Map<String, String> labels(Alert alert) {
        Map<String, String> labels = new LinkedHashMap<>();
        label(labels, "alertname", alert.kind());
        label(labels, "alert_id", alert.alertId());
        label(labels, "severity", alert.severity());
        label(labels, "team", alert.team());
        label(labels, "owner", alert.ownerId());
        label(labels, "subject", alert.subject());
        return labels;
    }

    private static Map<String, String> annotations(Alert alert) {
        Map<String, String> annotations = new LinkedHashMap<>();
        label(annotations, "summary", Words.summary(alert));
        label(annotations, "status", Words.status(alert));
        label(annotations, "metric", alert.metric());
        label(annotations, "breakdown", alert.breakdown());
        label(annotations, "value", alert.value());
        label(annotations, "cause", alert.cause());
        label(
                annotations,
                "confidence",
                alert.confidence() == null ? null : alert.confidence().toString());
        label(annotations, "runbook_url", Words.runbook(alert));
        label(annotations, "acknowledged_by", alert.acknowledgedBy());
        return annotations;
    }

    private static void label(Map<String, String> labels, String name, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            labels.put(name, Harmless.line(value, 2_000));
        }
    }
}
