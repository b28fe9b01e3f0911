package dev.weir.recount;

import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who visitors, persons and accounts are: joined by the earliest identify, merged for all time, with what was said of them. */
final class EntityRecount {
    private final Map<String, String> identified = new HashMap<>();
    private final Joined merged = new Joined();
    private final Map<String, String> refused = new LinkedHashMap<>();
    private final List<EntityChange> changes;

    EntityRecount(Collection<Engagement> engagements, Collection<EntityChange> entities) {
        List<Engagement> sorted = new ArrayList<>(engagements);
        sorted.sort(Comparator.comparing((Engagement e) -> e.occurredAt().toEpochMilli())
                .thenComparing(Engagement::eventId));
        for (Engagement e : sorted) {
            if (e.kind().equals(Engagement.IDENTIFY) && e.anonymousId() != null && e.personId() != null) {
                identified.putIfAbsent("anonymous " + e.anonymousId(), "person " + e.personId());
            }
        }
        changes = new ArrayList<>(entities);
        changes.sort(Comparator.comparing((EntityChange c) -> c.occurredAt().toEpochMilli())
                .thenComparing(EntityChange::eventId));
        for (EntityChange change : changes) {
            boolean joins =
                    change.kind().equals(EntityChange.MERGED) || change.kind().equals(EntityChange.LINKED);
            boolean counted = List.of(EntityChange.PERSON, EntityChange.ACCOUNT).contains(change.entity());
            if (joins && counted && change.intoId() != null) {
                String refusal =
                        merged.join(change.entity() + " " + change.id(), change.entity() + " " + change.intoId());
                if (refusal != null && !refusal.isEmpty()) {
                    refused.put(change.eventId(), refusal);
                }
            }
        }
    }

    /** Merges of persons and accounts that do not count, by their event, with the reason. */
    Map<String, String> refused() {
        return refused;
    }

    /** The person, or else the visitor, that an engagement names by itself or by the earliest identify; null for neither. */
    @Nullable String named(Engagement e) {
        boolean identifies = e.kind().equals(Engagement.IDENTIFY);
        if (e.anonymousId() != null && (e.personId() == null || identifies)) {
            String visitor = "anonymous " + e.anonymousId();
            return identified.getOrDefault(visitor, visitor);
        }
        return e.personId() == null ? null : "person " + e.personId();
    }

    /** The same after all merges. */
    @Nullable String owner(Engagement e) {
        String named = named(e);
        return named == null ? null : merged.root(named);
    }

    String person(String id) {
        return merged.root("person " + id);
    }

    String account(String id) {
        return merged.root("account " + id);
    }

    /** What was said of a person or account up to a time, under the very id that is named; empty texts are nothing. */
    @Nullable String known(String of, String property, long at) {
        String known = null;
        for (EntityChange change : changes) {
            String said = property.equals("parent_id")
                    ? change.parentId()
                    : change.properties().get(property);
            if (of.equals(change.entity() + " " + change.id())
                    && change.occurredAt().toEpochMilli() <= at
                    && said != null) {
                known = said.isEmpty() ? null : said;
            }
        }
        return known;
    }
}
