package dev.weir.recount;

import dev.weir.event.EntityChange;
import dev.weir.playbook.LearnedLimit;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How long deals may stand still: what a playbook sets, else what was published and what it keeps as learned. */
final class LimitRecount {
    private final Playbook playbook;
    /** By stage as it was said, then by the instant from which it holds. */
    private final Map<String, TreeMap<Instant, EntityChange>> published = new TreeMap<>();

    LimitRecount(Playbook playbook, Collection<EntityChange> entities) {
        this.playbook = playbook;
        for (EntityChange change : entities) {
            if (change.entity().equals("stage")) {
                published
                        .computeIfAbsent(change.id(), id -> new TreeMap<>())
                        .merge(
                                change.occurredAt(),
                                change,
                                (a, b) -> a.eventId().compareTo(b.eventId()) > 0 ? a : b);
            }
        }
        for (EntityChange change : entities) {
            if (change.entity().equals("stage") && change.kind().equals("deleted")) {
                Objects.requireNonNull(published.get(change.id())).remove(change.occurredAt());
            }
        }
    }

    void say(Recount recount) {
        published.forEach((id, limits) -> limits.forEach((from, limit) -> recount.add(
                "stage_limit",
                new Cells()
                        .with("pipeline", id.split("/", 2)[0])
                        .with("stage", id.split("/", 2)[1])
                        .with("valid_from", from)
                        .with("valid_to", limits.higherKey(from))
                        .with("stalled_after_seconds", length(limit).toMillis() / 1000.0)
                        .with("event_id", limit.eventId()))));
    }

    /** How long a deal may stand still that fell quiet at a moment, milliseconds; null where it may for ever. */
    @Nullable Long millis(Pipeline of, Stage in, long quiet) {
        Duration set = in.stalledAfter();
        if (set != null) {
            return set.toMillis();
        }
        Instant newest = null;
        Duration limit = null;
        for (String name : names(in)) {
            TreeMap<Instant, EntityChange> limits = published.getOrDefault(of.name() + "/" + name, new TreeMap<>());
            Entry<Instant, EntityChange> last = limits.floorEntry(Instant.ofEpochMilli(quiet));
            if (last != null && (newest == null || !last.getKey().isBefore(newest))) {
                newest = last.getKey();
                limit = length(last.getValue());
            }
        }
        for (LearnedLimit learned : in.learned()) {
            Instant from = learned.from().atStartOfDay(playbook.zone()).toInstant();
            if (from.toEpochMilli() <= quiet && (newest == null || !from.isBefore(newest))) {
                newest = from;
                limit = learned.limit();
            }
        }
        return limit == null ? null : limit.toMillis();
    }

    private static Set<String> names(Stage stage) {
        Set<String> names = new TreeSet<>(stage.aliases());
        names.add(stage.name());
        if (stage.id() != null) {
            names.add(stage.id());
        }
        return names;
    }

    private static Duration length(EntityChange limit) {
        String said = Objects.requireNonNull(limit.properties().get("stalled_after"));
        if (said.startsWith("P")) {
            return Duration.parse(said);
        }
        long count = Long.parseLong(said.substring(0, said.length() - 1));
        return Duration.of(count, unit(said));
    }

    private static ChronoUnit unit(String said) {
        return switch (said.charAt(said.length() - 1)) {
            case 'd' -> ChronoUnit.DAYS;
            case 'h' -> ChronoUnit.HOURS;
            case 'm' -> ChronoUnit.MINUTES;
            default -> ChronoUnit.SECONDS;
        };
    }
}
