package dev.weir.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.alert.Alert;
import dev.weir.alert.Digest;
import dev.weir.alert.Signal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An alert as a reader of the warehouse sees it. */
record Said(
        String id,
        String kind,
        String severity,
        String status,
        String subject,
        @Nullable String breakdown,
        @Nullable String value,
        @Nullable String team,
        String summary,
        Instant startedAt,
        String evidence) {
    private static final ObjectMapper JSON = new ObjectMapper();

    boolean stands() {
        return !status.equals(Alert.RETRACTED);
    }

    /** Whether it is about deals that stand still, one of them or an owner's digest: no incident. */
    boolean isStall() {
        return kind.equals(Signal.STALLED) || isDigest();
    }

    boolean isDigest() {
        return kind.equals(Digest.KIND);
    }

    /** When the first signal of the alert came, of whatever segment; null where the evidence has no such time. */
    @Nullable Instant firstNoticed() {
        try {
            JsonNode figures = JSON.readTree(evidence);
            Instant first = time(figures);
            for (JsonNode segment : figures.path("segments")) {
                Instant noticed = time(segment);
                first = first == null || (noticed != null && noticed.isBefore(first)) ? noticed : first;
            }
            return first;
        } catch (JsonProcessingException unreadable) {
            return null;
        }
    }

    private static @Nullable Instant time(JsonNode figures) {
        String text = figures.path("noticed_at").asText("");
        return text.isEmpty() ? null : Instant.parse(text);
    }
}
