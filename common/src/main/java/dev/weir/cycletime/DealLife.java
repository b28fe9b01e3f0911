package dev.weir.cycletime;

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
 * The life of one deal, folded from its patches: the visits it made and how it stands.
 *
 * <p>One instant is a set. First every patch of it is taken over, by event id; then the moves are made in the playbook's
 * stage order, outcomes last; then deletions, restorations and merges. So events that share a timestamp have one meaning
 * whatever their ids or the order they came in.
 */
final class DealLife {
    /** A stay, before it is known how it matures. */
    record Stay(
            String pipeline,
            int place,
            @Nullable String stage,
            String anchor,
            long enteredAt,
            @Nullable Long exitedAt,
            @Nullable Exit exit,
            @Nullable String ownerId,
            @Nullable String accountId,
            java.math.@Nullable BigDecimal amount,
            @Nullable String currency,
            List<String> values) {}

    /**
     * How a deal stood from one instant on.
     *
     * @param stage for people: under another alias it is the same
     * @param ratedAt whose rate its amount has: the instant at which it was said, or of a closed deal that of the close
     */
    record State(
            long from,
            @Nullable String pipeline,
            String stage,
            String status,
            @Nullable String dealType,
            java.math.@Nullable BigDecimal amount,
            @Nullable String currency,
            long ratedAt,
            @Nullable String ownerId,
            @Nullable String accountId,
            @Nullable Long closedAt,
            @Nullable String expectedClose,
            int pushCount) {

        /** Whether the deal stood so before, too. */
        boolean goesOn(State earlier) {
            return ratedAt == earlier.ratedAt
                    && pushCount == earlier.pushCount
                    && status.equals(earlier.status)
                    && Objects.equals(pipeline, earlier.pipeline)
                    && Objects.equals(stage, earlier.stage)
                    && Objects.equals(dealType, earlier.dealType)
                    && sameAmount(amount, earlier.amount)
                    && Objects.equals(currency, earlier.currency)
                    && Objects.equals(ownerId, earlier.ownerId)
                    && Objects.equals(accountId, earlier.accountId)
                    && Objects.equals(closedAt, earlier.closedAt)
                    && Objects.equals(expectedClose, earlier.expectedClose);
        }
    }

    final Deal deal;
    final List<Stay> stays = new ArrayList<>();
    /** One for each instant after which the deal stood otherwise than before. */
    final List<State> states = new ArrayList<>();

    final long createdAt;
    String status = "open";

    @Nullable Long closedAt;

    int pushCount;

    private final Map<String, Stages> pipelines;
    private final @Nullable String onlyPipeline;
    private int place = Stages.BEFORE;
    private @Nullable Outcome outcome;
    private boolean gone;
    /** The instant that was folded last. */
    private long last;

    private long enteredAt;
    private java.math.@Nullable BigDecimal amount;
    private @Nullable String currency;
    private long amountAt;
    private String anchor;
    private Standing entry;
    /** Values of the breakdowns of {@link #segmented}; null where they may have changed. */
    private @Nullable List<String> segments;

    private @Nullable String segmented;

    /** What a visit keeps of the deal as it was at entry. */
    private record Standing(
            @Nullable String ownerId,
            @Nullable String accountId,
            java.math.@Nullable BigDecimal amount,
            @Nullable String currency,
            List<String> values) {}

    /**
     * Folds the patches.
     *
     * @param changes sorted by time and id, never empty
     */
    DealLife(String id, List<DealChange> changes, Map<String, Stages> pipelines, @Nullable String onlyPipeline) {
        this.deal = new Deal(id);
        this.pipelines = pipelines;
        this.onlyPipeline = onlyPipeline;
        DealChange first = changes.get(0);
        createdAt = first.occurredAt().toEpochMilli();
        last = createdAt;
        enteredAt = createdAt;
        anchor = first.eventId();
        entry = new Standing(null, null, null, null, List.of());
        long now = createdAt;
        for (int from = 0; from < changes.size(); ) {
            long next = now;
            int to = from + 1;
            while (to < changes.size() && (next = changes.get(to).occurredAt().toEpochMilli()) == now) {
                to++;
            }
            if (to - from == 1) {
                instant(changes.get(from), now);
            } else {
                instant(changes.subList(from, to), now);
            }
            from = to;
            now = next;
        }
        if (isHere()) {
            stays.add(stay(null, null));
        }
    }

    /**
     * Goes on with what happened after everything else: then the life is as if folded from all of it.
     *
     * @return whether it did: not where the change is of an instant that was folded, or of an earlier one
     */
    boolean goesOn(DealChange change) {
        if (!endsBefore(change)) {
            return false;
        }
        if (isHere()) {
            stays.remove(stays.size() - 1);
        }
        instant(change, change.occurredAt().toEpochMilli());
        if (isHere()) {
            stays.add(stay(null, null));
        }
        return true;
    }

    /** Whether a change happened after everything else. */
    boolean endsBefore(DealChange change) {
        return change.occurredAt().toEpochMilli() > last;
    }

    private void instant(DealChange change, long now) {
        String expected = deal.expectedClose;
        patch(change);
        patched(now, expected, change);
        move(change, now);
        comeOrGo(change, now);
        remember(now);
    }

    private void instant(List<DealChange> changes, long now) {
        String expected = deal.expectedClose;
        for (DealChange change : changes) {
            patch(change);
        }
        patched(now, expected, changes.get(0));
        List<DealChange> moves = new ArrayList<>(changes);
        moves.sort(Comparator.comparingInt(this::order));
        for (DealChange change : moves) {
            move(change, now);
        }
        for (DealChange change : changes) {
            comeOrGo(change, now);
        }
        remember(now);
    }

    private void patch(DealChange change) {
        deal.patch(change);
        segments = segments(change) ? null : segments;
    }

    private void patched(long now, @Nullable String expected, DealChange first) {
        last = now;
        if (expected != null && deal.expectedClose != null && laterMonth(expected, deal.expectedClose)) {
            pushCount++;
        }
        if (now == createdAt) {
            entry = standing(pipelineName(first));
        }
    }

    private void remember(long now) {
        if (!sameAmount(amount, deal.amount) || !Objects.equals(currency, deal.currency)) {
            amount = deal.amount;
            currency = deal.currency;
            amountAt = now;
        }
        State state = new State(
                now,
                deal.pipeline,
                Stages.word(stages(), deal.stage),
                status,
                deal.dealType,
                amount,
                currency,
                closedAt != null ? closedAt : amountAt,
                deal.ownerId,
                deal.accountId,
                closedAt,
                deal.expectedClose,
                pushCount);
        if (states.isEmpty() || !state.goesOn(states.get(states.size() - 1))) {
            states.add(state);
        }
    }

    private static boolean sameAmount(java.math.@Nullable BigDecimal a, java.math.@Nullable BigDecimal b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        return a.compareTo(b) == 0;
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
        if (moved && isHere() && !justBegun(now)) {
            leave(now, Exit.MOVED_PIPELINE);
        }
        deal.pipeline = pipeline;
        if (named && !moved && isHere() && enteredAt < now) {
            // What lasted while the pipeline was not known yet was in this one.
            entry = new Standing(entry.ownerId, entry.accountId, entry.amount, entry.currency, values(pipeline));
        }
        String from = deal.stage;
        deal.stage = change.stage() != null ? change.stage() : from;
        if (deal.stage != null) {
            enter(change, now, from, named, moved);
        } else if (moved && isHere()) {
            begin(now, change, Stages.BEFORE);
        }
    }

    /** Takes the deal to its stage: the one the change names, or, in a pipeline that is named now, the one it was in. */
    private void enter(DealChange change, long now, @Nullable String from, boolean named, boolean moved) {
        int to = placeOf(deal.stage);
        Outcome next = outcomeAt(to);
        boolean said = change.stage() != null;
        boolean same = !moved && to == place && (to != Stages.UNKNOWN || Objects.equals(deal.stage, from));
        if (same || (!said && !named)) {
            return;
        }
        if (gone) {
            place = to;
            outcome = said ? next : outcome;
            closedAt = outcome == null ? null : closedAt;
        } else if (closedAt != null && !said) {
            place = to;
        } else if (named && !moved && Objects.equals(deal.stage, from) && next == null && isHere()) {
            place = to;
        } else {
            if (isHere() && !moved && !justBegun(now)) {
                leave(now, next == null ? direction(to) : won(next), from);
            }
            outcome = next;
            if (next == null) {
                closedAt = null;
                status = "open";
                begin(now, change, to);
            } else {
                place = to;
                closedAt = now;
                status = closed(next);
            }
        }
    }

    /** Whether the deal is in a visit. */
    private boolean isHere() {
        return !gone && closedAt == null;
    }

    /** Whether nothing lies before the first known stage: the deal began in this instant. */
    private boolean justBegun(long now) {
        return place == Stages.BEFORE && now == enteredAt;
    }

    private int placeOf(@Nullable String stage) {
        return stages() == null || stage == null ? Stages.UNKNOWN : stages().place(stage);
    }

    private @Nullable Outcome outcomeAt(int at) {
        return stages() == null ? null : stages().outcome(at);
    }

    private static String closed(Outcome outcome) {
        return outcome == Outcome.WON ? "won" : "lost";
    }

    private static Exit won(Outcome outcome) {
        return outcome == Outcome.WON ? Exit.WON : Exit.LOST;
    }

    /** From or to a stage that has no place in the order counts as forward. */
    private Exit direction(int to) {
        return place < Stages.LIMIT && to < Stages.LIMIT && to < place ? Exit.RETURNED : Exit.ADVANCED;
    }

    private void comeOrGo(DealChange change, long now) {
        switch (change.kind()) {
            case DealChange.DELETED, DealChange.MERGED -> {
                boolean merged = change.kind().equals(DealChange.MERGED);
                if (isHere()) {
                    leave(now, merged ? Exit.MERGED : Exit.DELETED);
                }
                gone = true;
                status = merged ? "merged" : "deleted";
            }
            case DealChange.RESTORED -> {
                if (gone) {
                    gone = false;
                    if (outcome == null) {
                        status = "open";
                        closedAt = null;
                        begin(now, change, place);
                    } else {
                        status = closed(outcome);
                        closedAt = closedAt == null ? Long.valueOf(now) : closedAt;
                    }
                }
            }
            default -> {}
        }
    }

    private void begin(long now, DealChange change, int to) {
        place = to;
        enteredAt = now;
        anchor = change.eventId();
        entry = standing(deal.pipeline);
    }

    private void leave(long now, Exit exit) {
        leave(now, exit, deal.stage);
    }

    private void leave(long now, Exit exit, @Nullable String said) {
        stays.add(stay(now, exit, said));
    }

    private Stay stay(@Nullable Long exitedAt, @Nullable Exit exit) {
        return stay(exitedAt, exit, deal.stage);
    }

    private Stay stay(@Nullable Long exitedAt, @Nullable Exit exit, @Nullable String said) {
        String pipeline = Objects.requireNonNullElse(deal.pipeline, "(unknown)");
        return new Stay(
                pipeline,
                place,
                said,
                anchor,
                enteredAt,
                exitedAt,
                exit,
                entry.ownerId,
                entry.accountId,
                entry.amount,
                entry.currency,
                entry.values);
    }

    private @Nullable Stages stages() {
        return deal.pipeline == null ? null : pipelines.get(deal.pipeline);
    }

    private Standing standing(@Nullable String pipeline) {
        return new Standing(deal.ownerId, deal.accountId, deal.amount, deal.currency, values(pipeline));
    }

    /** The same list as the last time, where nothing was said since that may change it. */
    private List<String> values(@Nullable String pipeline) {
        Stages stages = pipeline == null ? null : pipelines.get(pipeline);
        if (pipeline == null || stages == null) {
            return List.of();
        }
        if (segments == null || !pipeline.equals(segmented)) {
            List<String> values = new ArrayList<>(stages.pipeline.breakdowns().size());
            for (String field : stages.pipeline.breakdowns()) {
                values.add(Objects.requireNonNullElse(deal.value(field), "(unknown)"));
            }
            segments = List.copyOf(values);
            segmented = pipeline;
        }
        return segments;
    }

    /** Whether a change may put its deal into other segments of its pipeline. */
    static boolean segments(DealChange change) {
        return change.dealType() != null
                || change.currency() != null
                || change.ownerId() != null
                || change.accountId() != null
                || change.lossReason() != null
                || change.forecastCategory() != null
                || !change.cleared().isEmpty()
                || !change.properties().isEmpty();
    }

    private static boolean laterMonth(String before, String after) {
        return before.length() >= 7
                && after.length() >= 7
                && after.substring(0, 7).compareTo(before.substring(0, 7)) > 0;
    }
}
