package dev.weir.playbook;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which stage of a pipeline a source means, and where it stands in the playbook's order. */
public final class Stages implements Serializable {
    /** The part of all stages that the playbook does not map. */
    public static final int UNKNOWN = 254;
    /** The part of what lies before the first known stage. */
    public static final int BEFORE = 255;
    /** Most stages of one pipeline. */
    public static final int LIMIT = 250;

    public final Pipeline pipeline;
    private final Map<String, Integer> places = new HashMap<>();

    public Stages(Pipeline pipeline) {
        this.pipeline = pipeline;
        for (int i = 0; i < pipeline.stages().size(); i++) {
            Stage stage = pipeline.stages().get(i);
            for (String alias : stage.aliases()) {
                places.putIfAbsent(alias, i);
            }
            if (stage.id() != null) {
                places.put(stage.id(), i);
            }
        }
        for (int i = 0; i < pipeline.stages().size(); i++) {
            places.put(pipeline.stages().get(i).name(), i);
        }
    }

    /** The stage's place, or {@link #UNKNOWN}. */
    public int place(String said) {
        Integer place = places.get(said);
        return place == null ? UNKNOWN : place;
    }

    /** The stage at a place; null for what the playbook does not map. */
    public @Nullable Stage at(int place) {
        return place < pipeline.stages().size() ? pipeline.stages().get(place) : null;
    }

    public Stage.@Nullable Outcome outcome(int place) {
        Stage stage = at(place);
        return stage == null ? null : stage.outcome();
    }

    /**
     * What a row calls the stage that a deal is said to be in.
     *
     * @param stages null when the playbook does not know the pipeline
     * @param said null before any stage was said
     */
    public static String word(@Nullable Stages stages, @Nullable String said) {
        if (said == null) {
            return "(before history)";
        }
        int place = stages == null ? UNKNOWN : stages.place(said);
        return stages == null || place == UNKNOWN ? "(unknown: " + said + ")" : stages.word(place);
    }

    /** What a row calls the stage: a name, or a word in brackets for what has none. */
    public String word(int place) {
        Stage stage = at(place);
        return stage != null ? stage.name() : place == BEFORE ? "(before history)" : "(unknown)";
    }
}
