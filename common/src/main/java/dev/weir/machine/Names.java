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

    private transient @Nullable Map<S, String> known;

    /** The name of what a group counts. */
    public String of(S series, Function<S, String> name) {
        Map<S, String> names = known;
        if (names == null || names.size() >= LIMIT) {
            names = new HashMap<>();
            known = names;
        }
        return names.computeIfAbsent(series, name);
    }
}
