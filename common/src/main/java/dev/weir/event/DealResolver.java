package dev.weir.event;

import dev.weir.machine.Belonging;
import dev.weir.machine.Machine;
import dev.weir.machine.Merge;
import dev.weir.machine.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows whom the changes of one deal id belong to: the deal itself and, after a merge, the deal that lives on, until it is
 * restored. That a deal was deleted, restored or merged is always its own affair. A merge that was refused is no more than an
 * amendment, and an activity that was retracted never was.
 *
 * <p>What happens in the instant of a merge still belongs to the deal: one instant is a set, in which it goes last.
 */
public final class DealResolver implements Machine<DealChange, DealChange> {
    // Kinds that come from no source: the door refuses them.
    private static final String BELONGS = "belongs";
    private static final String REFUSED = "refused";

    /** What a change says about merges; null when nothing. */
    public static @Nullable Merge merge(DealChange change) {
        return switch (change.kind()) {
            case DealChange.MERGED ->
                new Merge(change.eventId(), change.occurredAt().toEpochMilli(), change.dealId(), change.intoId());
            case DealChange.RESTORED ->
                new Merge(change.eventId(), change.occurredAt().toEpochMilli(), change.dealId(), null);
            default -> null;
        };
    }

    /** What {@link dev.weir.machine.Merges} says, as a fact of the id it concerns. No event has an id with a NUL. */
    public static DealChange told(Belonging told) {
        boolean refused = !told.refused().isEmpty();
        return new DealChange(
                refused ? "\0" + told.refused() : "\0" + told.since(),
                Instant.ofEpochMilli(told.since()),
                told.of(),
                refused ? REFUSED : BELONGS,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                refused ? told.refused() : told.root(),
                null,
                null,
                null,
                null,
                List.of(),
                Map.of());
    }

    @Override
    public String id(DealChange fact) {
        return fact.eventId();
    }

    @Override
    public long time(DealChange fact) {
        return fact.occurredAt().toEpochMilli();
    }

    @Override
    public DealChange prefer(DealChange kept, DealChange newcomer) {
        return newcomer.canonical().compareTo(kept.canonical()) < 0 ? newcomer : kept;
    }

    @Override
    public boolean seldomLooks() {
        return true;
    }

    @Override
    public void say(String key, List<DealChange> facts, Step<DealChange> step) {
        List<DealChange> moves = List.of();
        Set<String> refused = Set.of();
        Set<String> retracted = Set.of();
        for (DealChange fact : facts) {
            if (fact.kind().equals(BELONGS)) {
                moves = moves.isEmpty() ? new ArrayList<>() : moves;
                moves.add(fact);
            } else if (fact.kind().equals(REFUSED)) {
                refused = refused.isEmpty() ? new HashSet<>() : refused;
                refused.add(String.valueOf(fact.intoId()));
            } else if (fact.retracts() != null) {
                retracted = retracted.isEmpty() ? new HashSet<>() : retracted;
                retracted.add(fact.retracts());
            }
        }
        for (DealChange fact : facts) {
            if (alone(fact) && !retracted.contains(fact.eventId())) {
                DealChange change = refused.contains(fact.eventId()) ? fact.asAmendment() : fact;
                String owner = owner(change, moves);
                step.fact(owner, change.eventId(), owner.equals(change.dealId()) ? change : change.of(owner));
            }
        }
    }

    /** Whether it says nothing about whom others belong to. */
    @Override
    public boolean alone(DealChange fact) {
        return !fact.kind().equals(BELONGS) && !fact.kind().equals(REFUSED) && fact.retracts() == null;
    }

    private static String owner(DealChange change, List<DealChange> moves) {
        String owner = change.dealId();
        if (isOwnAffair(change.kind())) {
            return owner;
        }
        for (DealChange move : moves) {
            if (!move.occurredAt().isBefore(change.occurredAt())) {
                break;
            }
            owner = String.valueOf(move.intoId());
        }
        return owner;
    }

    private static boolean isOwnAffair(String kind) {
        return kind.equals(DealChange.DELETED) || kind.equals(DealChange.RESTORED) || kind.equals(DealChange.MERGED);
    }
}
