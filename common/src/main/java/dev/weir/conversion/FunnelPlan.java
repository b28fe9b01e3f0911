package dev.weir.conversion;

import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import java.io.Serializable;
import java.util.List;

/** A funnel with its conditions and fields as places in what an {@link Observation} carries. */
final class FunnelPlan implements Serializable {
    final Funnel funnel;
    final int[] steps;
    final int[] exclude;
    final int[] fields;
    final boolean[] optional;
    final long withinMillis;
    final long[] stepWithinMillis;

    FunnelPlan(Funnel funnel, List<String> conditions, List<String> fields) {
        this.funnel = funnel;
        int n = funnel.steps().size();
        steps = new int[n];
        optional = new boolean[n];
        stepWithinMillis = new long[n];
        withinMillis = funnel.within().toMillis();
        for (int s = 0; s < n; s++) {
            FunnelStep step = funnel.steps().get(s);
            steps[s] = conditions.indexOf(step.when());
            optional[s] = step.optional();
            stepWithinMillis[s] =
                    step.within() == null ? withinMillis : step.within().toMillis();
        }
        exclude = funnel.exclude().stream().mapToInt(conditions::indexOf).toArray();
        this.fields = funnel.breakdowns().stream().mapToInt(fields::indexOf).toArray();
    }

    int size() {
        return steps.length;
    }

    boolean isStep(Observation o, int step) {
        return o.holds(steps[step]);
    }

    boolean excludes(Observation o) {
        for (int condition : exclude) {
            if (o.holds(condition)) {
                return true;
            }
        }
        return false;
    }

    /** Whether any step or exclusion of this funnel matches. */
    boolean matches(Observation o) {
        for (int condition : steps) {
            if (o.holds(condition)) {
                return true;
            }
        }
        return excludes(o);
    }
}
