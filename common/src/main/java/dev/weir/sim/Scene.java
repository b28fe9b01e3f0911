package dev.weir.sim;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What every part of the company shares: the time shown, the dice, what goes wrong, and the list of what has happened. Life
 * goes on before and after; only what lies in {@code [start, end)} is told.
 */
final class Scene {
    final long start;
    final long end;
    final Dice dice;
    final List<Happening> told = new ArrayList<>();
    private final Set<Incident> incidents;

    Scene(long start, long end, Dice dice, Set<Incident> incidents) {
        this.start = start;
        this.end = end;
        this.dice = dice;
        this.incidents = incidents;
    }

    /** What is left of a rate or a speed at an instant. */
    double left(String kind, String subject, String breakdown, String value, long millis) {
        double left = 1;
        for (Incident incident : incidents) {
            if (millis >= incident.start().toEpochMilli() && incident.hits(kind, subject, breakdown, value)) {
                left *= incident.factor();
            }
        }
        return left;
    }

    void engagement(
            String id,
            long at,
            @Nullable String person,
            @Nullable String anonymous,
            @Nullable String account,
            @Nullable String deal,
            String kind,
            String channel,
            @Nullable String campaign,
            @Nullable String asset,
            Map<String, String> properties) {
        if (shows(at)) {
            told.add(Happening.of(new Engagement(
                    id,
                    Instant.ofEpochMilli(at),
                    person,
                    anonymous,
                    account,
                    deal,
                    kind,
                    channel,
                    campaign,
                    asset,
                    asset == null ? null : "1",
                    properties)));
        }
    }

    void deal(DealChange event) {
        if (shows(event.occurredAt().toEpochMilli())) {
            told.add(Happening.of(event));
        }
    }

    void feedback(
            String id,
            long at,
            @Nullable String person,
            String account,
            @Nullable String deal,
            String survey,
            String kind,
            @Nullable Double score) {
        if (shows(at)) {
            told.add(Happening.of(new Feedback(
                    id, Instant.ofEpochMilli(at), person, account, deal, survey, kind, score, null, Map.of())));
        }
    }

    void entity(
            String id, long at, String entity, String name, @Nullable String parent, Map<String, String> properties) {
        if (shows(at)) {
            told.add(Happening.of(new EntityChange(
                    id, Instant.ofEpochMilli(at), entity, "upserted", name, null, parent, properties)));
        }
    }

    private boolean shows(long at) {
        return at >= start && at < end;
    }
}
