package dev.weir.conversion;

import dev.weir.event.DealChange;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stages;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Says which deals are won conversions, to the deal itself, where the credit is given, and to its persons and its account,
 * whose touches are asked for.
 */
public final class DealWinsMachine implements Machine<DealChange, JourneyPoint> {
    private final HashMap<String, Stages> pipelines;
    private final Attribution attribution;

    public DealWinsMachine(Playbook playbook, Attribution attribution) {
        pipelines = new HashMap<>();
        playbook.pipelines().forEach(pipeline -> pipelines.put(pipeline.name(), new Stages(pipeline)));
        this.attribution = attribution;
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
    public void say(String key, List<DealChange> facts, Step<JourneyPoint> step) {
        DealWins wins = new DealWins(facts, pipelines);
        Long wonAt = wins.wonAt();
        String dealType = wins.deal.dealType;
        boolean counts = attribution.dealTypes().isEmpty()
                || (dealType != null && attribution.dealTypes().contains(dealType));
        if (wonAt == null || !counts) {
            return;
        }
        Set<String> owners = new LinkedHashSet<>();
        List<String> persons = wins.deal.personIds == null ? List.of() : wins.deal.personIds;
        persons.forEach(person -> owners.add(Entities.person(person)));
        String account = wins.deal.accountId;
        if (account != null) {
            owners.add(Entities.account(account));
        }
        JourneyPoint win = JourneyPoint.of(Conversion.ofDeal(
                wins.deal.id,
                wonAt,
                wins.deal.amount,
                wins.deal.currency,
                dealType,
                account,
                account != null ? account : persons.isEmpty() ? null : persons.get(0)));
        step.fact(Entities.deal(wins.deal.id), win.id(), win);
        owners.forEach(owner -> step.fact(owner, win.id(), win));
    }
}
