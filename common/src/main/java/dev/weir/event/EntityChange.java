package dev.weir.event;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A patch to a person, account, owner or campaign: absent properties are unchanged.
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

    /** Every entity an entity event may speak of. */
    public static final List<String> ENTITIES = List.of("person", "account", "owner", "campaign");

    /** Every kind an entity event may have. */
    public static final List<String> KINDS = List.of("upserted", "linked", "merged", "deleted");
}
