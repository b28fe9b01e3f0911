package dev.weir.cycletime;

import dev.weir.event.DealChange;
import dev.weir.event.EntityChange;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Values;
import dev.weir.playbook.Durations;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import dev.weir.playbook.Stages;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long deals may stand still in a stage, as it was published: a row for each limit, and what deals must know of it. Key: the
 * stage as {@code pipeline/stage}.
 *
 * <p>A limit holds for deals that fall quiet from its time on, up to the next. Of several of one instant the last by event id
 * counts; none, where the limit of that instant is deleted: then the one before it goes on. Deals hear of a limit only where the
 * playbook has the stage and sets none for it.
 */
public final class StageLimits implements Machine<EntityChange, DealChange> {
    /** Most events of one stage: a limit a month for eighty years. */
    static final int LIMIT = 1_000;

    private final Map<String, Stages> pipelines = new HashMap<>();

    public StageLimits(Playbook playbook) {
        for (Pipeline pipeline : playbook.pipelines()) {
            pipelines.put(pipeline.name(), new Stages(pipeline));
        }
    }

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

    @Override
    public boolean seals() {
        return false;
    }

    @Override
    public int limit() {
        return LIMIT;
    }

    @Override
    public void say(String key, List<EntityChange> facts, Step<DealChange> step) {
        List<EntityChange> limits = standing(facts);
        for (int i = 0; i < limits.size(); i++) {
            EntityChange limit = limits.get(i);
            Instant until = i + 1 < limits.size() ? limits.get(i + 1).occurredAt() : null;
            String pipeline = limit.id().substring(0, limit.id().indexOf('/'));
            String stage = limit.id().substring(pipeline.length() + 1);
            step.row(DealTables.STAGE_LIMIT, row(limit, pipeline, stage, until, step.asOf()));
            if (isAsked(pipeline, stage)) {
                String id = Keys.join(limit.id(), limit.eventId());
                step.fact("", id, DealChange.limit(id, limit.occurredAt(), pipeline, stage, limit.properties()));
            }
        }
    }

    /** One for each instant that has one, in order. */
    private static List<EntityChange> standing(List<EntityChange> facts) {
        List<EntityChange> standing = new ArrayList<>();
        for (int from = 0; from < facts.size(); ) {
            Instant at = facts.get(from).occurredAt();
            EntityChange last = null;
            boolean deleted = false;
            for (; from < facts.size() && facts.get(from).occurredAt().equals(at); from++) {
                deleted |= facts.get(from).kind().equals(EntityChange.DELETED);
                last = facts.get(from);
            }
            if (last != null && !deleted) {
                standing.add(last);
            }
        }
        return standing;
    }

    private static Row row(EntityChange limit, String pipeline, String stage, @Nullable Instant until, long asOf) {
        return Row.of(
                DealTables.STAGE_LIMIT,
                "",
                asOf,
                pipeline,
                stage,
                Values.time(limit.occurredAt().toEpochMilli()),
                until == null ? null : Values.time(until.toEpochMilli()),
                Values.seconds(length(limit.properties()).toMillis()),
                limit.eventId());
    }

    /** What the door found to be a duration. */
    static Duration length(Map<String, String> properties) {
        String said = properties.getOrDefault(EntityChange.STALLED_AFTER, "");
        return Objects.requireNonNull(Durations.parse(said), said);
    }

    private boolean isAsked(String pipeline, String said) {
        Stages stages = pipelines.get(pipeline);
        Stage stage = stages == null ? null : stages.at(stages.place(said));
        return stage != null && stage.stalledAfter() == null && stage.outcome() == null;
    }
}
