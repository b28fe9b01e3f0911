package dev.weir.conversion;

import dev.weir.event.Deal;
import dev.weir.event.DealChange;
import dev.weir.playbook.Stage.Outcome;
import dev.weir.playbook.Stages;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether a deal is won, and since when. The rules are those by which the cycle-time job closes deals, which a test holds
 * this to: one instant is a set, moves come in the playbook's order with outcomes last, then deletions and restorations; a
 * deal that is reopened, deleted or merged away is not won.
 */
final class DealWins {
    final Deal deal;
    private final Map<String, Stages> pipelines;
    private final @Nullable String onlyPipeline;
    private @Nullable Outcome outcome;
    private int place = Stages.BEFORE;
    private @Nullable Long closedAt;
    private boolean gone;

    /**
     * Folds the patches.
     *
     * @param changes sorted by time and id, never empty
     */
    DealWins(List<DealChange> changes, Map<String, Stages> pipelines) {
        this.deal = new Deal(changes.get(0).dealId());
        this.pipelines = pipelines;
        this.onlyPipeline =
                pipelines.size() == 1 ? pipelines.keySet().iterator().next() : null;
        for (int from = 0; from < changes.size(); ) {
            int to = from + 1;
            while (to < changes.size()
                    && changes.get(to).occurredAt().equals(changes.get(from).occurredAt())) {
                to++;
            }
            instant(changes.subList(from, to));
            from = to;
        }
    }

    /** When it was won, epoch milliseconds; null when it is not. */
    @Nullable Long wonAt() {
        return !gone && outcome == Outcome.WON ? closedAt : null;
    }

    private void instant(List<DealChange> changes) {
        long now = changes.get(0).occurredAt().toEpochMilli();
        changes.forEach(deal::patch);
        List<DealChange> moves = new ArrayList<>(changes);
        moves.sort(Comparator.comparingInt(this::order));
        for (DealChange change : moves) {
            move(change, now);
        }
        for (DealChange change : changes) {
            switch (change.kind()) {
                case DealChange.DELETED, DealChange.MERGED -> gone = true;
                case DealChange.RESTORED -> restore(now);
                default -> {}
            }
        }
    }

    private void restore(long now) {
        if (gone) {
            gone = false;
            closedAt = outcome == null ? null : closedAt == null ? Long.valueOf(now) : closedAt;
        }
    }

    /** Outcomes last, unmapped stages first, else the playbook's order; the sort is stable, so ids decide the rest. */
    private int order(DealChange change) {
        Stages stages = pipelines.get(Objects.requireNonNullElse(pipelineName(change), ""));
        if (stages == null || change.stage() == null) {
            return -1;
        }
        int at = stages.place(change.stage());
        return stages.outcome(at) != null ? Stages.LIMIT + at : at == Stages.UNKNOWN ? -1 : at;
    }

    private @Nullable String pipelineName(DealChange change) {
        return change.pipeline() != null ? change.pipeline() : deal.pipeline != null ? deal.pipeline : onlyPipeline;
    }

    private void move(DealChange change, long now) {
        String pipeline = pipelineName(change);
        boolean named = pipeline != null && !pipeline.equals(deal.pipeline);
        boolean moved = named && deal.pipeline != null;
        deal.pipeline = pipeline;
        String from = deal.stage;
        boolean said = change.stage() != null;
        deal.stage = said ? change.stage() : from;
        if (deal.stage == null || (!said && !named)) {
            return;
        }
        Stages stages = pipeline == null ? null : pipelines.get(pipeline);
        int to = stages == null ? Stages.UNKNOWN : stages.place(deal.stage);
        boolean same = !moved && to == place && (to != Stages.UNKNOWN || Objects.equals(deal.stage, from));
        if (same) {
            return;
        }
        place = to;
        Outcome next = stages == null ? null : stages.outcome(to);
        if (gone) {
            outcome = said ? next : outcome;
            closedAt = outcome == null ? null : closedAt;
        } else if (closedAt == null || said) {
            outcome = next;
            closedAt = next == null ? null : Long.valueOf(now);
        }
    }
}
