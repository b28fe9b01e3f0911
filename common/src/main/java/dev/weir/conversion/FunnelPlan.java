package dev.weir.conversion;

import dev.weir.machine.Facts;
import dev.weir.playbook.Breakdown;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.FunnelStep;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A funnel with its conditions and fields as places in what an {@link Observation} carries. */
final class FunnelPlan implements Serializable {
    final Funnel funnel;
    final int[] steps;
    final int[] exclude;
    /** Names of the breakdowns. */
    final String[] breakdowns;

    final boolean[] optional;
    final long withinMillis;
    final long[] stepWithinMillis;
    private final long[] mask;
    private final List<String> fields;
    private final int[][] places;
    /** The fields of all breakdowns, sorted. */
    private final int[] split;

    FunnelPlan(Funnel funnel, List<String> conditions, List<String> fields) {
        this.funnel = funnel;
        int n = funnel.steps().size();
        steps = new int[n];
        optional = new boolean[n];
        stepWithinMillis = new long[n];
        withinMillis = funnel.within().toMillis();
        for (int s = 0; s < n; s++) {
            FunnelStep step = funnel.steps().get(s);
            steps[s] = conditions.indexOf(step.when());
            optional[s] = step.optional();
            stepWithinMillis[s] =
                    step.within() == null ? withinMillis : step.within().toMillis();
        }
        exclude = funnel.exclude().stream().mapToInt(conditions::indexOf).toArray();
        this.fields = List.copyOf(fields);
        breakdowns = funnel.breakdowns().stream().map(Breakdown::name).toArray(String[]::new);
        places = funnel.breakdowns().stream()
                .map(breakdown ->
                        breakdown.fields().stream().mapToInt(fields::indexOf).toArray())
                .toArray(int[][]::new);
        split = Stream.of(places)
                .flatMapToInt(IntStream::of)
                .distinct()
                .sorted()
                .toArray();
        mask = new long[(conditions.size() + Long.SIZE - 1) / Long.SIZE];
        IntStream.concat(IntStream.of(steps), IntStream.of(exclude)).forEach(c -> mask[c >> 6] |= 1L << c);
    }

    int size() {
        return steps.length;
    }

    boolean isStep(Facts<Observation> facts, int fact, int step) {
        return holds(facts, fact, steps[step]);
    }

    boolean excludes(Facts<Observation> facts, int fact) {
        for (int condition : exclude) {
            if (holds(facts, fact, condition)) {
                return true;
            }
        }
        return false;
    }

    /** What {@link FunnelMachine} marks facts with are the conditions that hold for them. */
    private static boolean holds(Facts<Observation> facts, int fact, int condition) {
        return (facts.mark(fact, condition >> 6) & 1L << condition) != 0;
    }

    /** Whether any step or exclusion of this funnel matches. */
    boolean matches(Facts<Observation> facts, int fact) {
        for (int word = 0; word < mask.length; word++) {
            if ((facts.mark(fact, word) & mask[word]) != 0) {
                return true;
            }
        }
        return false;
    }

    /** The same of any of the facts from one on. */
    boolean matchesAny(Facts<Observation> facts, int from) {
        for (int fact = from; fact < facts.size(); fact++) {
            if (matches(facts, fact)) {
                return true;
            }
        }
        return false;
    }

    /** The same of one that may not be among the facts. */
    boolean matches(Observation o) {
        for (int word = 0; word < mask.length; word++) {
            if ((o.word(word) & mask[word]) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether another funnel has the same breakdowns. */
    boolean isSplitAs(FunnelPlan other) {
        return funnel.breakdowns().equals(other.funnel.breakdowns());
    }

    /** What an event says in the fields of the breakdowns, each once. */
    @Nullable String[] split(Observation o) {
        @Nullable String[] values = new @Nullable String[split.length];
        for (int i = 0; i < split.length; i++) {
            values[i] = o.values[split[i]];
        }
        return values;
    }

    /** The values of the breakdowns, where {@link #split} has these, null or empty where the event does not say. */
    List<String> values(List<? extends @Nullable String> split) {
        return Stream.of(places)
                .map(of ->
                        of.length == 1 ? known(split, of[0]) : Breakdown.pair(known(split, of[0]), known(split, of[1])))
                .toList();
    }

    private String known(List<? extends @Nullable String> values, int place) {
        String value = values.get(Arrays.binarySearch(split, place));
        return value == null || value.isEmpty() ? "(unknown)" : value;
    }

    private static String known(Observation o, int place) {
        return Objects.requireNonNullElse(o.values[place], "(unknown)");
    }

    /** What an event says in a field; null where it does not, and where no funnel asks for it. */
    @Nullable String field(Observation o, String name) {
        int place = fields.indexOf(name);
        return place < 0 ? null : o.values[place];
    }

    /** What an event says in every field that this funnel is broken down by, by name. */
    Map<String, String> values(Observation o) {
        Map<String, String> values = new TreeMap<>();
        for (Breakdown breakdown : funnel.breakdowns()) {
            for (String field : breakdown.fields()) {
                values.put(field, known(o, fields.indexOf(field)));
            }
        }
        return values;
    }
}
