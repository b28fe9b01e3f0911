package dev.weir.conversion;

import dev.weir.playbook.Breakdown;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a playbook's funnels ask of every event, each thing once, in an order that follows from the playbook alone. */
public final class FunnelInputs {
    /** Fields of the event that opens an attempt, which every attempt tells. */
    static final List<String> OPENING = List.of("account_id", "channel", "campaign");

    private FunnelInputs() {}

    /** Every distinct condition of steps and exclusions. */
    public static List<String> conditions(List<Funnel> funnels) {
        Set<String> conditions = new LinkedHashSet<>();
        for (Funnel funnel : funnels) {
            for (FunnelStep step : funnel.steps()) {
                conditions.add(step.when());
            }
            conditions.addAll(funnel.exclude());
        }
        return new ArrayList<>(conditions);
    }

    /** Every distinct field that an attempt tells or is broken down by, and what says whose fields they are. */
    public static List<String> fields(List<Funnel> funnels) {
        Set<String> fields = new LinkedHashSet<>();
        for (Funnel funnel : funnels) {
            if (funnel.attempts()) {
                fields.addAll(OPENING);
            }
            for (Breakdown breakdown : funnel.breakdowns()) {
                fields.addAll(breakdown.fields());
            }
        }
        if (funnels.stream().anyMatch(Profiles::isByAccountOfPerson)) {
            fields.addAll(Profiles.ACCOUNT_OF_PERSON);
        }
        return new ArrayList<>(fields);
    }
}
