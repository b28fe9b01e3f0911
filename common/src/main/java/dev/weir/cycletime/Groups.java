package dev.weir.cycletime;

import dev.weir.machine.Keys;
import dev.weir.machine.Names;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import java.io.Serializable;

/** The names of the groups that deals add to. */
final class Groups implements Serializable {
    private final Names<Whole> wholes = new Names<>();
    private final Names<Series> series = new Names<>();
    private final Names<Window> windows = new Names<>();

    private record Whole(String kind, String definition, String pipeline, Grain grain) {
        Whole(String kind, Pipeline pipeline, Grain grain) {
            this(kind, pipeline.definition(), pipeline.name(), grain);
        }

        String name() {
            return Keys.join(kind, definition, pipeline, grain.word());
        }
    }

    private record Series(Whole whole, String breakdown, String value) {
        String name() {
            return Keys.join(whole.kind, whole.definition, whole.pipeline, whole.grain.word(), breakdown, value);
        }
    }

    private record Window(Whole whole, long start, String breakdown, String value) {
        String name() {
            return Keys.join(
                    whole.kind,
                    whole.definition,
                    whole.pipeline,
                    whole.grain.word(),
                    Long.toString(start),
                    breakdown,
                    value);
        }
    }

    /** All windows of a pipeline. */
    String of(String kind, Pipeline pipeline, Grain grain) {
        return wholes.of(new Whole(kind, pipeline, grain), Whole::name);
    }

    /** All windows of a value in it. */
    String of(String kind, Pipeline pipeline, Grain grain, String breakdown, String value) {
        return series.of(new Series(new Whole(kind, pipeline, grain), breakdown, value), Series::name);
    }

    /** One window of it. */
    String of(String kind, Pipeline pipeline, Grain grain, long window, String breakdown, String value) {
        return windows.of(new Window(new Whole(kind, pipeline, grain), window, breakdown, value), Window::name);
    }
}
