package dev.weir.io;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of events by their native-JSON names, as conditions and breakdowns speak of them.
 *
 * <p>One table for the checker, the matcher and the breakdowns, so that none knows a field which another does not.
 */
final class EventFields {
    static final String PROPERTIES = "properties";
    static final List<String> SUBJECTS = List.of("engagement", "deal", "feedback");

    /** What a field holds. Only {@link #TEXT} fields that do not name one event can split rows. */
    enum Type {
        TEXT,
        NUMBER,
        TIME,
        TEXTS,
        MAP
    }

    /** Takes one field out of an event; null when the event does not say. */
    interface Read {
        @Nullable Object of(Object event);
    }

    record Field(String name, Type type, Read read) {}

    private static final Map<String, Map<String, Field>> BY_SUBJECT = Map.of(
            "engagement", engagement(),
            "deal", deal(),
            "feedback", feedback());

    private EventFields() {}

    /** The fields of engagement, deal or feedback events, in the order of native JSON. */
    static Map<String, Field> of(String subject) {
        return BY_SUBJECT.getOrDefault(subject, Map.of());
    }

    static Map<String, String> properties(Object event) {
        if (event instanceof Engagement e) {
            return e.properties();
        }
        if (event instanceof DealChange d) {
            return d.properties();
        }
        return ((Feedback) event).properties();
    }

    private static Map<String, Field> engagement() {
        Map<String, Field> fields = new LinkedHashMap<>();
        add(fields, "event_id", Type.TEXT, e -> ((Engagement) e).eventId());
        add(fields, "occurred_at", Type.TIME, e -> ((Engagement) e).occurredAt());
        add(fields, "person_id", Type.TEXT, e -> ((Engagement) e).personId());
        add(fields, "anonymous_id", Type.TEXT, e -> ((Engagement) e).anonymousId());
        add(fields, "account_id", Type.TEXT, e -> ((Engagement) e).accountId());
        add(fields, "deal_id", Type.TEXT, e -> ((Engagement) e).dealId());
        add(fields, "kind", Type.TEXT, e -> ((Engagement) e).kind());
        add(fields, "channel", Type.TEXT, e -> ((Engagement) e).channel());
        add(fields, "campaign", Type.TEXT, e -> ((Engagement) e).campaign());
        add(fields, "asset", Type.TEXT, e -> ((Engagement) e).asset());
        add(fields, "asset_version", Type.TEXT, e -> ((Engagement) e).assetVersion());
        add(fields, PROPERTIES, Type.MAP, EventFields::properties);
        return fields;
    }

    private static Map<String, Field> deal() {
        Map<String, Field> fields = new LinkedHashMap<>();
        add(fields, "event_id", Type.TEXT, e -> ((DealChange) e).eventId());
        add(fields, "occurred_at", Type.TIME, e -> ((DealChange) e).occurredAt());
        add(fields, "deal_id", Type.TEXT, e -> ((DealChange) e).dealId());
        add(fields, "kind", Type.TEXT, e -> ((DealChange) e).kind());
        add(fields, "pipeline", Type.TEXT, e -> ((DealChange) e).pipeline());
        add(fields, "stage", Type.TEXT, e -> ((DealChange) e).stage());
        add(fields, "deal_type", Type.TEXT, e -> ((DealChange) e).dealType());
        add(fields, "amount", Type.NUMBER, e -> number(((DealChange) e).amount()));
        add(fields, "recurring_amount", Type.NUMBER, e -> number(((DealChange) e).recurringAmount()));
        add(fields, "currency", Type.TEXT, e -> ((DealChange) e).currency());
        add(fields, "owner_id", Type.TEXT, e -> ((DealChange) e).ownerId());
        add(fields, "account_id", Type.TEXT, e -> ((DealChange) e).accountId());
        add(fields, "person_ids", Type.TEXTS, e -> ((DealChange) e).personIds());
        add(fields, "expected_close", Type.TEXT, e -> ((DealChange) e).expectedClose());
        add(fields, "into_id", Type.TEXT, e -> ((DealChange) e).intoId());
        add(fields, "loss_reason", Type.TEXT, e -> ((DealChange) e).lossReason());
        add(fields, "forecast_category", Type.TEXT, e -> ((DealChange) e).forecastCategory());
        add(fields, "contract_start", Type.TEXT, e -> ((DealChange) e).contractStart());
        add(fields, "contract_end", Type.TEXT, e -> ((DealChange) e).contractEnd());
        add(fields, PROPERTIES, Type.MAP, EventFields::properties);
        return fields;
    }

    private static Map<String, Field> feedback() {
        Map<String, Field> fields = new LinkedHashMap<>();
        add(fields, "event_id", Type.TEXT, e -> ((Feedback) e).eventId());
        add(fields, "occurred_at", Type.TIME, e -> ((Feedback) e).occurredAt());
        add(fields, "person_id", Type.TEXT, e -> ((Feedback) e).personId());
        add(fields, "account_id", Type.TEXT, e -> ((Feedback) e).accountId());
        add(fields, "deal_id", Type.TEXT, e -> ((Feedback) e).dealId());
        add(fields, "survey", Type.TEXT, e -> ((Feedback) e).survey());
        add(fields, "kind", Type.TEXT, e -> ((Feedback) e).kind());
        add(fields, "score", Type.NUMBER, e -> ((Feedback) e).score());
        add(fields, "comment", Type.TEXT, e -> ((Feedback) e).comment());
        add(fields, PROPERTIES, Type.MAP, EventFields::properties);
        return fields;
    }

    private static @Nullable Double number(@Nullable BigDecimal value) {
        return value == null ? null : value.doubleValue();
    }

    private static void add(Map<String, Field> fields, String name, Type type, Read read) {
        fields.put(name, new Field(name, type, read));
    }
}
