package dev.weir.io;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.Feedback;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which of a playbook's conditions hold for an event: each distinct condition is compiled once and asked once an event.
 *
 * <p>A condition speaks of {@code engagement}, {@code deal} or {@code feedback}, and holds for events of that kind only. What
 * an event does not say: a missing text, also a missing property, is {@code ''}; a missing number is not a number, so
 * {@code ==, <, <=, >, >=} and {@code in} are false (and {@code !=} is true); {@code has(…)} tells. {@code deal.stage} is
 * the playbook's name of the stage, whatever id or alias the event or the condition uses. A condition that cannot be
 * evaluated for an event (a property that is no number turned into one) does not hold for it.
 */
public final class Conditions implements Serializable {
    private static final long serialVersionUID = 1;

    private final ArrayList<String> texts;
    private final StageNames stages;
    private transient volatile @Nullable Compiled compiled;

    private Conditions(Set<String> texts, StageNames stages) {
        this.texts = new ArrayList<>(texts);
        this.stages = stages;
    }

    /** These conditions, distinct ones in order of first appearance, with stages as events say them. */
    public static Conditions of(List<String> conditions) {
        return of(conditions, List.of());
    }

    /** These conditions, distinct ones in order of first appearance, with stages as these pipelines name them. */
    public static Conditions of(List<String> conditions, List<Pipeline> pipelines) {
        return new Conditions(new LinkedHashSet<>(conditions), StageNames.of(pipelines));
    }

    /** Every condition of the playbook's funnels. */
    public static Conditions of(Playbook playbook) {
        List<String> texts = new ArrayList<>();
        for (Funnel funnel : playbook.funnels()) {
            for (FunnelStep step : funnel.steps()) {
                texts.add(step.when());
            }
            texts.addAll(funnel.exclude());
        }
        return of(texts, playbook.pipelines());
    }

    /** How many distinct conditions there are, and so how many bits. */
    public int size() {
        return texts.size();
    }

    /** Longs that hold a bit for each condition. */
    public int words() {
        return (texts.size() + Long.SIZE - 1) / Long.SIZE;
    }

    /** The bit of a condition, by its text. */
    public int index(String condition) {
        int index = texts.indexOf(condition);
        if (index < 0) {
            throw new IllegalArgumentException("not one of these conditions: " + condition);
        }
        return index;
    }

    /** Whether a bit is set. */
    public static boolean holds(long[] bits, int index) {
        return (bits[index >> 6] & (1L << (index & 63))) != 0;
    }

    /** Compiles now instead of at the first event. */
    public void open() {
        compiled();
    }

    /** Sets the bits of the conditions that hold, and clears the others. */
    public void holds(Engagement event, long[] bits) {
        ask(compiled().engagement, event, bits);
    }

    /** Sets the bits of the conditions that hold, and clears the others; the deal must be full, not a patch. */
    public void holds(DealChange event, long[] bits) {
        ask(compiled().deal, stages.named(event), bits);
    }

    /** Sets the bits of the conditions that hold, and clears the others. */
    public void holds(Feedback event, long[] bits) {
        ask(compiled().feedback, event, bits);
    }

    private static void ask(Condition[] conditions, Object event, long[] bits) {
        Arrays.fill(bits, 0);
        for (Condition condition : conditions) {
            if (condition.test().holds(event)) {
                bits[condition.index() >> 6] |= 1L << (condition.index() & 63);
            }
        }
    }

    private Compiled compiled() {
        Compiled ready = compiled;
        if (ready == null) {
            ready = compile();
            compiled = ready;
        }
        return ready;
    }

    private Compiled compile() {
        Map<String, List<Condition>> bySubject = new HashMap<>();
        for (int i = 0; i < texts.size(); i++) {
            ConditionText text = ConditionText.read(texts.get(i), stages);
            bySubject.computeIfAbsent(text.subject(), s -> new ArrayList<>()).add(new Condition(i, text.compile()));
        }
        return new Compiled(
                array(bySubject.get("engagement")), array(bySubject.get("deal")), array(bySubject.get("feedback")));
    }

    private static Condition[] array(@Nullable List<Condition> conditions) {
        return conditions == null ? new Condition[0] : conditions.toArray(new Condition[0]);
    }

    /** Whether an event of the one kind that a condition speaks of fulfils it. */
    interface Test {
        boolean holds(Object event);
    }

    private record Condition(int index, Test test) {}

    private record Compiled(Condition[] engagement, Condition[] deal, Condition[] feedback) {}

    /** The playbook's names of stages, by pipeline and by what a source calls them. */
    static final class StageNames implements Serializable {
        private static final long serialVersionUID = 1;

        private final LinkedHashMap<String, LinkedHashMap<String, String>> byPipeline = new LinkedHashMap<>();

        private boolean complete;

        /** None yet, but all there will be: a literal that is none of them is a mistake. */
        static StageNames complete() {
            StageNames names = new StageNames();
            names.complete = true;
            return names;
        }

        static StageNames of(List<Pipeline> pipelines) {
            StageNames names = new StageNames();
            for (Pipeline pipeline : pipelines) {
                for (Stage stage : pipeline.stages()) {
                    names.add(pipeline.name(), stage.name(), stage.id(), stage.aliases());
                }
            }
            return names;
        }

        void add(String pipeline, String name, @Nullable String id, List<String> aliases) {
            LinkedHashMap<String, String> known = byPipeline.computeIfAbsent(pipeline, p -> new LinkedHashMap<>());
            known.put(name, name);
            if (id != null) {
                known.putIfAbsent(id, name);
            }
            aliases.forEach(alias -> known.putIfAbsent(alias, name));
        }

        /** Stages of any pipeline that a condition may mean by this text. */
        Set<String> meant(String text) {
            Set<String> meant = new LinkedHashSet<>();
            for (Map<String, String> known : byPipeline.values()) {
                String name = known.get(text);
                if (name != null) {
                    meant.add(name);
                }
            }
            return meant;
        }

        /** The literal beside a field as the matcher must compare it; says so when no event can ever have that value. */
        String literal(String subject, String field, String text, Consumer<String> fault) {
            if (text.isEmpty()) {
                return text;
            }
            if (subject.equals("deal") && field.equals("stage") && (complete || !byPipeline.isEmpty())) {
                Set<String> meant = meant(text);
                if (meant.isEmpty()) {
                    fault.accept("unknown stage '" + text + "'; " + Spelling.mend(text, names()));
                } else if (meant.size() > 1) {
                    fault.accept("'" + text + "' is another stage in each pipeline; write one of: "
                            + String.join(", ", meant));
                } else {
                    return meant.iterator().next();
                }
            }
            if (subject.equals("deal") && field.equals("pipeline") && (complete || !byPipeline.isEmpty())) {
                known("pipeline", text, byPipeline.keySet(), fault);
            }
            if (subject.equals("deal") && field.equals("kind")) {
                known("kind of deal event", text, DealChange.KINDS, fault);
            }
            if (subject.equals("feedback") && field.equals("kind")) {
                known("kind of feedback event", text, Feedback.KINDS, fault);
            }
            return text;
        }

        private static void known(String what, String text, Collection<String> known, Consumer<String> fault) {
            if (!known.contains(text)) {
                fault.accept("unknown " + what + " '" + text + "'; " + Spelling.mend(text, known));
            }
        }

        private Set<String> names() {
            Set<String> names = new LinkedHashSet<>();
            byPipeline.values().forEach(known -> known.values().forEach(names::add));
            return names;
        }

        /** The same deal with the playbook's name for its stage, as far as the playbook knows it. */
        DealChange named(DealChange deal) {
            String name = name(deal.pipeline(), deal.stage());
            return name == null || name.equals(deal.stage()) ? deal : withStage(deal, name);
        }

        private @Nullable String name(@Nullable String pipeline, @Nullable String stage) {
            if (stage == null) {
                return null;
            }
            if (pipeline == null) {
                return byPipeline.size() == 1
                        ? byPipeline.values().iterator().next().get(stage)
                        : null;
            }
            Map<String, String> known = byPipeline.get(pipeline);
            return known == null ? null : known.get(stage);
        }

        private static DealChange withStage(DealChange d, String stage) {
            return new DealChange(
                    d.eventId(),
                    d.occurredAt(),
                    d.dealId(),
                    d.kind(),
                    d.pipeline(),
                    stage,
                    d.dealType(),
                    d.amount(),
                    d.recurringAmount(),
                    d.currency(),
                    d.ownerId(),
                    d.accountId(),
                    d.personIds(),
                    d.expectedClose(),
                    d.intoId(),
                    d.lossReason(),
                    d.forecastCategory(),
                    d.contractStart(),
                    d.contractEnd(),
                    d.cleared(),
                    d.properties());
        }
    }
}
