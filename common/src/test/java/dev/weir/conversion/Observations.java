package dev.weir.conversion;

import dev.weir.playbook.Funnel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Observations out of words: {@code 5:ab} holds a and b at 5 ms; {@code 5:ab=ads} with a value; {@code 5:ab#z} with an id. */
final class Observations {
    private Observations() {}

    static List<Observation> of(Funnel funnel, String text) {
        List<String> conditions = FunnelInputs.conditions(List.of(funnel));
        List<Observation> all = new ArrayList<>();
        for (String word : text.isEmpty() ? new String[0] : text.split(" +", -1)) {
            String[] idApart = word.split("#", -1);
            String[] valueApart = idApart[0].split("=", -1);
            String[] timeApart = valueApart[0].split(":", -1);
            String id = idApart.length > 1 ? idApart[1] : "e%03d".formatted(all.size());
            String value = valueApart.length > 1 ? valueApart[1] : null;
            all.add(of(id, Long.parseLong(timeApart[0]), timeApart[1], value, conditions));
        }
        all.sort(Comparator.<Observation>comparingLong(o -> o.at).thenComparing(o -> o.id));
        return all;
    }

    static Observation of(String id, long at, String letters, @Nullable String value, List<String> conditions) {
        long[] holds = new long[1];
        for (String letter : letters.split("", -1)) {
            int condition = conditions.indexOf(letter);
            if (condition >= 0) {
                holds[0] |= 1L << condition;
            }
        }
        return new Observation(id, at, holds, new @Nullable String[] {null, value, null}, null);
    }
}
