package dev.weir.event;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer to a survey, or the invitation to one.
 *
 * @param eventId unique among feedback events; the same id twice is one event
 * @param occurredAt when it happened, kept to the millisecond
 * @param kind one of {@link #KINDS}
 * @param score 0-10 for nps, 1-5 for csat, 1-7 for ces; null for invited and dismissed
 */
public record Feedback(
        String eventId,
        Instant occurredAt,
        @Nullable String personId,
        @Nullable String accountId,
        @Nullable String dealId,
        @Nullable String survey,
        String kind,
        @Nullable Double score,
        @Nullable String comment,
        Map<String, String> properties) {

    /** Every kind a feedback event may have. */
    public static final List<String> KINDS = List.of("nps", "csat", "ces", "invited", "dismissed");
}
