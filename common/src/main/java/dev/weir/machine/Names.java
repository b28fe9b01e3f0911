package dev.weir.machine;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Names of groups, each put together once: there are few groups and many events.
 *
 * @param <S> what a group counts; value equality
 */
public final class Names<S> implements Serializable {
    /** Most names that are remembered; over it all are put together again. */
    private static final int LIMIT = 50_000;
    /** How many that were asked for lately lie at hand: one key asks for few names, again and again. */
    private static final int RECENT = 64;

    private transient @Nullable Map<S, Name<S>> known;
    private transient @Nullable Name<S> @Nullable [] recent;

    private record Name<S>(S of, String text) {}

    /** The name of what a group counts. */
    public String of(S series, Function<S, String> name) {
        @Nullable Name<S>[] lately = recent();
        int hash = series.hashCode();
        int slot = (hash ^ hash >>> 16) & (RECENT - 1);
        Name<S> found = lately[slot];
        if (found == null || !found.of.equals(series)) {
            found = known().computeIfAbsent(series, s -> new Name<>(s, name.apply(s)));
            lately[slot] = found;
        }
        return found.text;
    }

    private Map<S, Name<S>> known() {
        Map<S, Name<S>> names = known;
        if (names == null || names.size() >= LIMIT) {
            names = new HashMap<>();
            known = names;
        }
        return names;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private @Nullable Name<S>[] recent() {
        @Nullable Name<S>[] lately = recent;
        if (lately == null) {
            lately = new Name[RECENT];
            recent = lately;
        }
        return lately;
    }
}
