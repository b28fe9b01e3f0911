package dev.weir.cycletime;

import dev.weir.machine.Keys;
import dev.weir.machine.Names;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** The names of the groups of one kind that deals of a pipeline add to in one grain, by the values of a field. */
final class Groups implements Serializable {
    /** The field, and its value, of all deals together. */
    static final String TOTAL = "(total)";

    final Grain grain;
    final String breakdown;
    private final String prefix;
    private final Names<String> series = new Names<>();
    private final Names<Window> windows = new Names<>();

    private record Window(long start, String value) {}

    Groups(String kind, Pipeline pipeline, Grain grain, String breakdown) {
        this.grain = grain;
        this.breakdown = breakdown;
        prefix = whole(kind, pipeline, grain);
    }

    /** In which grains a pipeline is counted. */
    static List<Grain> grains(Pipeline pipeline) {
        List<Grain> grains = new ArrayList<>(pipeline.windows());
        grains.add(Grain.ALL);
        return List.copyOf(grains);
    }

    /** Those of all together, then of each field. */
    static List<Groups> of(String kind, Pipeline pipeline, Grain grain, List<String> fields) {
        List<Groups> all = new ArrayList<>();
        all.add(new Groups(kind, pipeline, grain, TOTAL));
        fields.forEach(field -> all.add(new Groups(kind, pipeline, grain, field)));
        return List.copyOf(all);
    }

    /** All windows of a pipeline, whatever the value. */
    static String whole(String kind, Pipeline pipeline, Grain grain) {
        return Keys.join(kind, pipeline.definition(), pipeline.name(), grain.word());
    }

    /** All windows of a value. */
    String of(String value) {
        return series.of(value, v -> prefix + Keys.SEPARATOR + Keys.join(breakdown, v));
    }

    /** One window of a value. */
    String of(long window, String value) {
        return windows.of(
                new Window(window, value),
                w -> prefix + Keys.SEPARATOR + Keys.join(Long.toString(w.start), breakdown, w.value));
    }
}
