package dev.weir.recount;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who was merged into whom, one merge after the other. */
final class Joined {
    private final Map<String, String> parents = new HashMap<>();

    /** Takes a merge in its turn: null when it counts, the empty text when it says nothing new, else why it is refused. */
    @Nullable String join(String from, String into) {
        String parent = parents.get(from);
        if (parent != null) {
            return root(from).equals(root(into))
                    ? ""
                    : from + " was merged into " + parent + " before: restore it first, or merge that one";
        }
        if (root(into).equals(from)) {
            return from + " and " + into + " would each be merged into the other: merge only one of them";
        }
        parents.put(from, into);
        return null;
    }

    /** From now on it belongs to itself again. */
    void part(String from) {
        parents.remove(from);
    }

    /** Whom it belongs to now. */
    String root(String id) {
        String at = id;
        while (parents.containsKey(at)) {
            at = Objects.requireNonNull(parents.get(at));
        }
        return at;
    }
}
