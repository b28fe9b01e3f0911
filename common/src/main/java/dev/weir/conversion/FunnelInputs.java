package dev.weir.conversion;

import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a playbook's funnels ask of every event, each thing once, in an order that follows from the playbook alone. */
public final class FunnelInputs {
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

    /** Every distinct breakdown field. */
    public static List<String> fields(List<Funnel> funnels) {
        Set<String> fields = new LinkedHashSet<>();
        for (Funnel funnel : funnels) {
            fields.addAll(funnel.breakdowns());
        }
        return new ArrayList<>(fields);
    }
}
