package dev.weir.alert;

import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of alerts on their way to people, and what people say of them.
 *
 * <p>The incidents of one funnel or pipeline are one key, because they explain each other, and so do the verdicts on them.
 * What is about deals is an alert by itself. An entry names an alert by its id, or many by what they have in common, and
 * nothing in it says which keys know them; so it is a fact of the alert's own key, where its record is counted, and of every
 * funnel and pipeline. There are few of them, and few entries.
 */
public final class Delivery implements Machine<DeskFact, DeskFact> {
    /** The key of a raised alert. */
    public static String key(Alert alert) {
        return alert.kind().equals(Signal.STALLED) || alert.kind().equals(Digest.KIND)
                ? alone(alert.alertId())
                : together(alert.definition());
    }

    /** The keys that must know an entry; its record is counted at the first. */
    public static List<String> keys(DeskEntry entry, Set<String> definitions) {
        List<String> keys = new ArrayList<>();
        keys.add(alone(Objects.requireNonNullElse(entry.alertId(), "")));
        new TreeSet<>(definitions).forEach(definition -> keys.add(together(definition)));
        return keys;
    }

    private static String alone(String alertId) {
        return Keys.join("alert", alertId);
    }

    private static String together(String definition) {
        return Keys.join("definition", definition);
    }

    @Override
    public String id(DeskFact fact) {
        return fact.id();
    }

    @Override
    public long time(DeskFact fact) {
        return fact.at().toEpochMilli();
    }

    /** A later telling of an alert takes the place of the earlier; of two entries the smaller text counts. */
    @Override
    public DeskFact prefer(DeskFact kept, DeskFact newcomer) {
        return newcomer.alert() != null || newcomer.toString().compareTo(kept.toString()) < 0 ? newcomer : kept;
    }

    @Override
    public void say(String key, List<DeskFact> facts, Step<DeskFact> step) {
        Map<String, DeskEntry> acknowledged = new HashMap<>();
        Map<String, DeskEntry> verdicts = new HashMap<>();
        for (DeskFact fact : facts) {
            DeskEntry entry = fact.entry();
            String about = entry == null ? null : entry.alertId();
            if (entry != null && about != null) {
                switch (entry.kind()) {
                    case DeskEntry.ACKNOWLEDGED -> acknowledged.putIfAbsent(about, entry);
                    case DeskEntry.VERDICT -> verdicts.put(about, entry);
                    default -> {}
                }
            }
        }
        for (DeskFact fact : facts) {
            Alert alert = fact.alert();
            if (alert != null && !alert.deleted()) {
                Alert answered = answered(alert, acknowledged.get(alert.alertId()), verdicts.get(alert.alertId()));
                step.row(AlertTables.ALERT, answered.row(step.asOf()));
            }
        }
    }

    /** The first acknowledgement and the last verdict count. */
    private static Alert answered(Alert alert, @Nullable DeskEntry acknowledged, @Nullable DeskEntry verdict) {
        boolean taken = acknowledged != null && alert.status().equals(Alert.FIRING);
        return alert.answered(
                taken ? Alert.ACKNOWLEDGED : alert.status(),
                acknowledged == null ? null : acknowledged.by(),
                verdict == null ? null : verdict.verdict());
    }
}
