package dev.weir.recount;

import dev.weir.event.EntityChange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Owners, accounts, persons and campaigns instant by instant: the tables of their names. */
final class DimensionRecount {
    /** What the source may say of each that has a column of its own. */
    private static final Map<String, List<String>> COLUMNS = Map.of(
            EntityChange.OWNER, List.of("name", "team", "manager_id", "territory"),
            EntityChange.ACCOUNT, List.of("name", "segment", "industry", "country"),
            EntityChange.PERSON, List.of("name", "title", "country"),
            EntityChange.CAMPAIGN, List.of("name", "channel"));

    private final Recount recount;

    DimensionRecount(Recount recount) {
        this.recount = recount;
    }

    void count(Collection<EntityChange> changes) {
        List<EntityChange> sorted = new ArrayList<>(changes);
        sorted.removeIf(change -> change.entity().equals(EntityChange.STAGE));
        sorted.sort(Comparator.comparing((EntityChange c) -> c.occurredAt().toEpochMilli())
                .thenComparing(EntityChange::eventId));
        Map<List<String>, List<EntityChange>> things = new LinkedHashMap<>();
        sorted.forEach(change -> things.computeIfAbsent(List.of(change.entity(), change.id()), t -> new ArrayList<>())
                .add(change));
        things.forEach((thing, of) -> say(thing.get(0), thing.get(1), of));
    }

    private void say(String entity, String id, List<EntityChange> changes) {
        Map<String, String> known = new TreeMap<>();
        String status = "live";
        String parent = null;
        String into = null;
        Cells open = null;
        String said = "";
        for (long now : changes.stream()
                .map(change -> change.occurredAt().toEpochMilli())
                .distinct()
                .toList()) {
            List<EntityChange> together = changes.stream()
                    .filter(change -> change.occurredAt().toEpochMilli() == now)
                    .toList();
            for (EntityChange change : together) {
                change.properties().forEach((name, value) -> {
                    if (value.isEmpty()) {
                        known.remove(name);
                    } else {
                        known.put(name, value);
                    }
                });
                parent = change.parentId() == null ? parent : change.parentId();
                status = change.kind().equals(EntityChange.UPSERTED) && status.equals("deleted") ? "live" : status;
            }
            for (EntityChange change : together) {
                if (change.kind().equals(EntityChange.MERGED) || change.kind().equals(EntityChange.LINKED)) {
                    status = "merged";
                    into = change.intoId();
                } else if (change.kind().equals(EntityChange.DELETED) && status.equals("live")) {
                    status = "deleted";
                }
            }
            Cells row = row(entity, known, parent, status, into);
            if (!row.toString().equals(said)) {
                said = row.toString();
                if (open != null) {
                    open.with("valid_to", Instant.ofEpochMilli(now));
                }
                open = row.with(entity + "_id", id)
                        .with("valid_from", Instant.ofEpochMilli(now))
                        .with("valid_to", null);
                recount.add(entity, open);
            }
        }
    }

    private static Cells row(
            String entity, Map<String, String> known, @Nullable String parent, String status, @Nullable String into) {
        Cells row = new Cells().with("status", status).with("into_id", into);
        Map<String, String> rest = new TreeMap<>(known);
        for (String column : Objects.requireNonNull(COLUMNS.get(entity))) {
            row.with(column, rest.remove(column));
        }
        switch (entity) {
            case EntityChange.OWNER -> {
                String active = rest.remove("active");
                row.with("active", status.equals("live") && !"false".equals(active));
            }
            case EntityChange.PERSON -> {
                String account = rest.remove("account_id");
                row.with("account_id", account == null ? parent : account);
            }
            default -> row.with("parent_id", parent);
        }
        return row.with("properties", Cells.document(rest));
    }
}
