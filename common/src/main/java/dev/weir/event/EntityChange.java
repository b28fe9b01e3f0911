package dev.weir.event;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A patch to a person, account, owner or campaign: absent properties are unchanged. Of a {@link #STAGE} it says how long deals
 * may stand still there from its time on.
 *
 * @param eventId unique among entity events; the same id twice is one event
 * @param occurredAt when it happened, kept to the millisecond
 * @param entity one of {@link #ENTITIES}
 * @param kind one of {@link #KINDS}
 * @param intoId for linked and merged: the entity that lives on
 * @param parentId the account above this one, where there is one
 */
public record EntityChange(
        String eventId,
        Instant occurredAt,
        String entity,
        String kind,
        String id,
        @Nullable String intoId,
        @Nullable String parentId,
        Map<String, String> properties) {

    public static final String PERSON = "person";
    public static final String ACCOUNT = "account";
    public static final String OWNER = "owner";
    public static final String CAMPAIGN = "campaign";
    /** A stage of a pipeline, by the id {@code pipeline/stage}: whoever publishes a learned limit speaks of it. */
    public static final String STAGE = "stage";
    /** The property of a stage that says how long. */
    public static final String STALLED_AFTER = "stalled_after";

    public static final String UPSERTED = "upserted";
    public static final String LINKED = "linked";
    public static final String MERGED = "merged";
    public static final String DELETED = "deleted";

    /** Every entity an entity event may speak of. */
    public static final List<String> ENTITIES = List.of(PERSON, ACCOUNT, OWNER, CAMPAIGN, STAGE);

    /** Every kind an entity event may have. */
    public static final List<String> KINDS = List.of(UPSERTED, LINKED, MERGED, DELETED);

    /** Whether it says that two ids are one entity. */
    public boolean joins() {
        return kind.equals(LINKED) || kind.equals(MERGED);
    }

    /** The same text for the same content, whatever map carries the properties: decides between two payloads of one id. */
    public String canonical() {
        return new EntityChange(eventId, occurredAt, entity, kind, id, intoId, parentId, new TreeMap<>(properties))
                .toString();
    }
}
