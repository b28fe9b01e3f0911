package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MergesTest {
    private static final String KIND = "deal";

    @Test
    void aChainEndsAtItsLast() {
        assertThat(told(false, merge(1, "a", "b"), merge(2, "b", "c"))).containsExactly("a>b@1", "a>c@2", "b>c@2");
        assertThat(told(true, merge(1, "a", "b"), merge(2, "b", "c"))).containsExactly("a>c", "b>c", "c>c");
    }

    @Test
    void whoComesLaterToOneThatWasMergedBelongsToItsRoot() {
        assertThat(told(false, merge(1, "b", "c"), merge(2, "a", "b"))).containsExactly("a>c@2", "b>c@1");
    }

    @Test
    void theEarlierOfTwoThatWouldCloseACycleCounts() {
        assertThat(told(false, merge(2, "b", "a"), merge(1, "a", "b"))).containsExactly("a>b@1", "b refused m2");
        assertThat(told(true, merge(1, "a", "b"), merge(2, "b", "c"), merge(3, "c", "a")))
                .containsExactly("a>c", "b>c", "c refused m3", "c>c");
        assertThat(told(false, merge(1, "a", "a"))).containsExactly("a refused m1");
    }

    @Test
    void aRefusalIsSaidAndSaysHowToMendIt() {
        InMemory<Merge, Belonging> merges = run(false, List.of(merge(1, "a", "b"), merge(2, "b", "a")));
        assertThat(merges.rows().values())
                .extracting(row -> String.join("|", row.values()))
                .containsExactly(
                        "job|merge_refused|m2|b and a would each be merged into the other: merge only one of them");
    }

    @Test
    void whatIsMergedStaysWhereItIsUntilItIsRestored() {
        assertThat(told(false, merge(1, "a", "b"), merge(2, "a", "c"))).containsExactly("a refused m2", "a>b@1");
        assertThat(told(false, merge(1, "a", "b"), restore(2, "a"), merge(3, "a", "c")))
                .containsExactly("a>a@2", "a>b@1", "a>c@3");
    }

    @Test
    void whatIsRestoredTakesItsOwnAlong() {
        assertThat(told(false, merge(1, "a", "b"), merge(2, "b", "c"), restore(3, "b")))
                .containsExactly("a>b@1", "a>b@3", "a>c@2", "b>b@3", "b>c@2");
    }

    @Test
    void aMergeIntoTheRootItHasAlreadySaysNothingNew() {
        assertThat(told(false, merge(1, "a", "b"), merge(2, "b", "c"), merge(3, "a", "c")))
                .containsExactly("a>b@1", "a>c@2", "b>c@2");
    }

    @Test
    void aChainHasAnEnd() {
        List<Merge> chain = new ArrayList<>();
        for (int i = 0; i < Merges.MOVES + 5; i++) {
            chain.add(merge(i, "d" + i, "d" + (i + 1)));
        }
        InMemory<Merge, Belonging> merges = run(false, chain);
        assertThat(merges.sent().values())
                .allSatisfy(told -> assertThat(told.size()).isLessThanOrEqualTo(Merges.MOVES + 1));
        assertThat(merges.rows()).isNotEmpty();
    }

    @Test
    void anyOrderAndAnyDuplicationEndInTheAnswerOfANaiveRecount() {
        Seeds.hold(random -> {
            List<Merge> facts = draw(random);
            List<Merge> told = new ArrayList<>(facts);
            facts.stream().filter(fact -> random.nextInt(3) == 0).forEach(told::add);
            Collections.shuffle(told, random);
            assertThat(text(run(false, told))).isEqualTo(recount(facts));
        });
    }

    @Test
    void forAllTimesTheLastRootCounts() {
        Seeds.hold(random -> {
            List<Merge> facts = draw(random);
            Set<String> last = new TreeSet<>();
            Map<String, String> root = new TreeMap<>();
            run(false, facts).sent().forEach((id, told) -> told.keySet().stream()
                    .filter(belonging -> belonging.refused().isEmpty())
                    .max((x, y) -> Long.compare(x.since(), y.since()))
                    .ifPresent(belonging -> root.put(id, belonging.root())));
            root.forEach((id, to) -> {
                if (!id.equals(to)) {
                    last.add(id + ">" + to);
                    last.add(to + ">" + to);
                }
            });
            Collections.shuffle(facts, random);
            List<String> always = new ArrayList<>(text(run(true, facts)));
            always.removeIf(text -> text.contains("refused"));
            assertThat(always).containsExactlyElementsOf(last);
        });
    }

    private static Merge merge(long at, String from, String into) {
        return new Merge("m" + at, at, from, into);
    }

    private static Merge restore(long at, String from) {
        return new Merge("m" + at, at, from, null);
    }

    private static List<Merge> draw(Random random) {
        List<Merge> facts = new ArrayList<>();
        for (int i = random.nextInt(12); i > 0; i--) {
            String from = "d" + random.nextInt(5);
            @Nullable String into = random.nextInt(4) == 0 ? null : "d" + random.nextInt(5);
            facts.add(new Merge("m" + i, random.nextInt(6), from, into));
        }
        return facts;
    }

    private static List<String> told(boolean always, Merge... facts) {
        return text(run(always, List.of(facts)));
    }

    private static InMemory<Merge, Belonging> run(boolean always, List<Merge> facts) {
        InMemory<Merge, Belonging> merges = new InMemory<>(new Merges("job", always), Issues.TABLE);
        facts.forEach(fact -> merges.comes(KIND, fact));
        return merges;
    }

    private static List<String> text(InMemory<Merge, Belonging> merges) {
        Set<String> texts = new TreeSet<>();
        merges.sent()
                .values()
                .forEach(told -> told.forEach((belonging, copies) -> {
                    assertThat(copies).isEqualTo(1);
                    texts.add(
                            !belonging.refused().isEmpty()
                                    ? belonging.of() + " refused " + belonging.refused()
                                    : belonging.of() + ">" + belonging.root()
                                            + (belonging.since() == Long.MIN_VALUE ? "" : "@" + belonging.since()));
                }));
        return new ArrayList<>(texts);
    }

    /** Parents in a map, roots looked up for every id after every instant. */
    private static List<String> recount(List<Merge> facts) {
        List<Merge> sorted = new ArrayList<>(facts);
        sorted.sort((x, y) -> x.at() != y.at() ? Long.compare(x.at(), y.at()) : x.id().compareTo(y.id()));
        Map<String, String> parents = new HashMap<>();
        Map<String, String> told = new TreeMap<>();
        Set<String> refused = new TreeSet<>();
        for (Merge merge : sorted) {
            Map<String, String> before = roots(parents);
            String into = merge.into();
            if (into == null) {
                parents.remove(merge.from());
            } else if (parents.containsKey(merge.from())) {
                if (!root(parents, into).equals(root(parents, merge.from()))) {
                    refused.add(merge.from() + " refused " + merge.id());
                }
            } else if (root(parents, into).equals(merge.from())) {
                refused.add(merge.from() + " refused " + merge.id());
            } else {
                parents.put(merge.from(), into);
            }
            Map<String, String> after = roots(parents);
            after.forEach((id, root) -> {
                if (!root.equals(before.get(id))) {
                    told.put(id + "@" + merge.at(), id + ">" + root + "@" + merge.at());
                }
            });
        }
        refused.addAll(told.values());
        return new ArrayList<>(refused);
    }

    private static Map<String, String> roots(Map<String, String> parents) {
        Map<String, String> roots = new TreeMap<>();
        for (int i = 0; i < 5; i++) {
            roots.put("d" + i, root(parents, "d" + i));
        }
        return roots;
    }

    private static String root(Map<String, String> parents, String id) {
        String at = id;
        while (parents.containsKey(at)) {
            at = Objects.requireNonNull(parents.get(at));
        }
        return at;
    }
}
