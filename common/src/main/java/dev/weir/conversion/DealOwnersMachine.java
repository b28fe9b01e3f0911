package dev.weir.conversion;

import dev.weir.event.Deal;
import dev.weir.event.DealChange;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import java.util.List;

/**
 * Makes full deal facts of the patches of one deal and gives each to the persons of the deal, or to its account where it
 * has no person. A patch that comes late completes all that follow it.
 */
public final class DealOwnersMachine implements Machine<DealChange, DealChange> {

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
    public void say(String key, List<DealChange> facts, Step<DealChange> step) {
        Deal deal = new Deal(facts.get(0).dealId());
        for (DealChange change : facts) {
            deal.patch(change);
            if (change.pipeline() != null) {
                deal.pipeline = change.pipeline();
            }
            if (change.stage() != null) {
                deal.stage = change.stage();
            }
            DealChange full = deal.full(change);
            if (full.personIds() != null) {
                for (String person : full.personIds()) {
                    step.fact(Entities.person(person), change.eventId(), full);
                }
            }
            if (full.accountId() != null) {
                step.fact(Entities.account(full.accountId()), change.eventId(), full);
            }
        }
    }
}
