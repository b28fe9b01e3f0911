package dev.weir.io;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what a misspelt name was meant to be. */
final class Spelling {
    /** More known names than this are not listed in a message. */
    private static final int MAX_LISTED = 30;

    private Spelling() {}

    /** {@code did you mean 'x'? known: x, y}. */
    static String mend(String name, Collection<String> known) {
        String near = nearest(name, known);
        String listed = known.isEmpty()
                ? "none is known"
                : "known: "
                        + String.join(", ", known.stream().limit(MAX_LISTED).toList())
                        + (known.size() > MAX_LISTED ? ", …" : "");
        return near == null ? listed : "did you mean '" + near + "'? " + listed;
    }

    /** The known name at most a third of its letters away; null when none is. */
    static @Nullable String nearest(String name, Collection<String> known) {
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(simple(name), simple(candidate));
            if (distance < least && distance <= Math.max(1, candidate.length() / 3)) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    private static String simple(String name) {
        return name.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** Levenshtein's: insertions, deletions and replacements. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
