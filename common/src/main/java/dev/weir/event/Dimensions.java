package dev.weir.event;

import dev.weir.machine.Column;
import dev.weir.machine.Json;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Table;
import dev.weir.machine.Values;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Persons, accounts, owners and campaigns with their history: one row for each time one of them changed. Key: the entity and
 * its id.
 *
 * <p>An event is a patch: what it does not name stays, an empty text empties. One instant is a set: its patches are taken
 * over by event id, then it is merged or deleted. What was deleted lives again when it is upserted; what was merged away
 * stays so.
 */
public final class Dimensions implements Machine<EntityChange, EntityChange> {
    private static final Map<String, Table> TABLES = Map.of(
            EntityChange.OWNER, EntityTables.OWNER,
            EntityChange.ACCOUNT, EntityTables.ACCOUNT,
            EntityChange.PERSON, EntityTables.PERSON,
            EntityChange.CAMPAIGN, EntityTables.CAMPAIGN);

    @Override
    public String id(EntityChange fact) {
        return fact.eventId();
    }

    @Override
    public long time(EntityChange fact) {
        return fact.occurredAt().toEpochMilli();
    }

    @Override
    public EntityChange prefer(EntityChange kept, EntityChange newcomer) {
        return newcomer.canonical().compareTo(kept.canonical()) < 0 ? newcomer : kept;
    }

    /** What is known at one moment. */
    private static final class Standing {
        final Map<String, String> properties = new TreeMap<>();
        String status = "live";

        @Nullable String parentId;

        @Nullable String intoId;

        void patch(EntityChange change) {
            parentId = change.parentId() == null ? parentId : change.parentId();
            properties.putAll(change.properties());
            properties.values().removeIf(String::isEmpty);
            if (change.kind().equals(EntityChange.UPSERTED) && status.equals("deleted")) {
                status = "live";
            }
        }

        void comeOrGo(EntityChange change) {
            if (change.joins()) {
                status = "merged";
                intoId = change.intoId();
            } else if (change.kind().equals(EntityChange.DELETED) && status.equals("live")) {
                status = "deleted";
            }
        }
    }

    @Override
    public boolean seals() {
        return false;
    }

    @Override
    public void say(String key, List<EntityChange> facts, Step<EntityChange> step) {
        Table table = Objects.requireNonNull(TABLES.get(facts.get(0).entity()));
        Standing standing = new Standing();
        @Nullable String[] open = null;
        for (int from = 0; from < facts.size(); ) {
            int to = from + 1;
            while (to < facts.size()
                    && facts.get(to).occurredAt().equals(facts.get(from).occurredAt())) {
                to++;
            }
            facts.subList(from, to).forEach(standing::patch);
            facts.subList(from, to).forEach(standing::comeOrGo);
            @Nullable String[] now = values(table, facts.get(from), standing);
            if (open == null || changed(open, now)) {
                if (open != null) {
                    open[2] = now[1];
                    step.row(table, Row.of(table, "", step.asOf(), open));
                }
                open = now;
            }
            from = to;
        }
        step.row(table, Row.of(table, "", step.asOf(), Objects.requireNonNull(open)));
    }

    /** Whether anything but the time is another. */
    private static boolean changed(@Nullable String[] before, @Nullable String[] now) {
        return !Arrays.equals(before, 3, before.length, now, 3, now.length);
    }

    private static @Nullable String[] values(Table table, EntityChange change, Standing standing) {
        Map<String, Object> rest = new TreeMap<>(standing.properties);
        List<Column> columns = table.columns();
        @Nullable String[] values = new @Nullable String[columns.size()];
        values[0] = change.id();
        values[1] = Values.time(change.occurredAt().toEpochMilli());
        for (int i = 3; i < values.length; i++) {
            String name = columns.get(i).name();
            values[i] = switch (name) {
                case "status" -> standing.status;
                case "into_id" -> standing.intoId;
                case "parent_id" -> standing.parentId;
                case "active" ->
                    Boolean.toString(standing.status.equals("live") && !"false".equals(standing.properties.get(name)));
                case "account_id" -> standing.properties.getOrDefault(name, standing.parentId);
                case "properties" -> null;
                default -> standing.properties.get(name);
            };
            rest.remove(name);
        }
        values[values.length - 1] = Json.object(rest);
        return values;
    }
}
