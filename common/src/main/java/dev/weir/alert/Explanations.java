package dev.weir.alert;

import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import java.io.Serializable;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which incident of a funnel or pipeline another one explains, so that people are told of one and not of all that follows.
 *
 * <p>What goes wrong at a step or stage leaves less for those behind it: a fall of conversion or of volume there, of the same
 * segment and at the same time, is explained by the incident furthest in front. At one step a fall of its conversion explains
 * that of its volume. A stage that got slow is not explained by what lies in front of it, since less work makes it no slower;
 * nor is the whole explained by one segment.
 *
 * <p>That a stage is the bottleneck now is explained by its having got slow, whatever the segment, where the same people are
 * told of that in the same way: it is one incident.
 */
final class Explanations implements Serializable {
    private static final Set<String> CAUSES = Set.of(Signal.CONVERSION_DROP, Signal.VOLUME_DROP, Signal.BOTTLENECK);
    private static final Set<String> EFFECTS = Set.of(Signal.CONVERSION_DROP, Signal.VOLUME_DROP);
    private static final String TOTAL = "(total)";

    /** Where a step or stage stands in its funnel or pipeline, by subject. */
    private final HashMap<String, Integer> places = new HashMap<>();

    Explanations(Playbook playbook) {
        for (Funnel funnel : playbook.funnels()) {
            places(funnel.name(), funnel.steps().stream().map(FunnelStep::name).toList());
        }
        for (Pipeline pipeline : playbook.pipelines()) {
            places(pipeline.name(), pipeline.stages().stream().map(Stage::name).toList());
        }
    }

    private void places(String whole, List<String> parts) {
        for (int i = 0; i < parts.size(); i++) {
            places.put(whole + "/" + parts.get(i), i);
        }
    }

    /** The alert that explains another, of those about one funnel or pipeline; null where none does. */
    @Nullable Alert of(Alert alert, Instant noticed, List<Alert> all) {
        Alert first = null;
        for (Alert other : all) {
            if (explains(other, alert, noticed) && (first == null || comesBefore(other, first))) {
                first = other;
            }
        }
        return first;
    }

    private boolean explains(Alert cause, Alert effect, Instant noticed) {
        return !cause.status().equals(Alert.RETRACTED)
                && (leavesLess(cause, effect) || leadsTo(cause, effect))
                && !cause.startedAt().isAfter(noticed)
                && (cause.endedAt() == null || cause.endedAt().isAfter(effect.startedAt()))
                && (effect.endedAt() == null || effect.endedAt().isAfter(cause.startedAt()));
    }

    private boolean leavesLess(Alert cause, Alert effect) {
        return CAUSES.contains(cause.kind())
                && EFFECTS.contains(effect.kind())
                && standsInFront(cause, effect)
                && isOfItsSegment(cause, effect);
    }

    private static boolean leadsTo(Alert cause, Alert effect) {
        return cause.kind().equals(Signal.BOTTLENECK)
                && effect.kind().equals(Signal.BOTTLENECK_MOVED)
                && cause.subject().equals(effect.subject())
                && Objects.equals(cause.team(), effect.team())
                && Objects.equals(cause.delivery(), effect.delivery());
    }

    private boolean standsInFront(Alert cause, Alert effect) {
        Integer of = places.get(cause.subject());
        Integer before = places.get(effect.subject());
        if (of == null || before == null || !whole(cause).equals(whole(effect))) {
            return false;
        }
        boolean rateBeforeVolume =
                !cause.kind().equals(Signal.VOLUME_DROP) && effect.kind().equals(Signal.VOLUME_DROP);
        return of < before || (of.equals(before) && rateBeforeVolume);
    }

    private static boolean isOfItsSegment(Alert cause, Alert effect) {
        return TOTAL.equals(cause.breakdown())
                || (cause.breakdown() != null
                        && cause.breakdown().equals(effect.breakdown())
                        && String.valueOf(cause.value()).equals(effect.value()));
    }

    private boolean comesBefore(Alert one, Alert other) {
        int byPlace = Integer.compare(place(one), place(other));
        int byStart = byPlace != 0 ? byPlace : one.startedAt().compareTo(other.startedAt());
        return byStart != 0 ? byStart < 0 : one.alertId().compareTo(other.alertId()) < 0;
    }

    private int place(Alert alert) {
        return places.getOrDefault(alert.subject(), Integer.MAX_VALUE);
    }

    private static String whole(Alert alert) {
        return alert.subject().split("/", 2)[0];
    }
}
