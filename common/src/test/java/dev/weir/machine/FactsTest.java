package dev.weir.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FactsTest {
    /** Something that happened; a rule decides about others. */
    private record Fact(String id, long time, boolean rule) {}

    private static final class Facting implements Machine<Fact, Fact> {
        @Override
        public String id(Fact fact) {
            return fact.id;
        }

        @Override
        public long time(Fact fact) {
            return fact.time;
        }

        @Override
        public Fact prefer(Fact kept, Fact newcomer) {
            return kept;
        }

        @Override
        public void say(String key, List<Fact> facts, Step<Fact> step) {}

        @Override
        public boolean alone(Fact fact) {
            return !fact.rule;
        }

        @Override
        public int marks() {
            return 2;
        }

        @Override
        public long mark(Fact fact, int word) {
            return word == 0 ? fact.time : fact.id.length();
        }
    }

    private static Fact fact(Random random) {
        // "Aa" and "BB" have one hash.
        String id = List.of("Aa", "BB", "AaBB", "BBAa", "c", "d", "e").get(random.nextInt(7));
        return new Fact(id + random.nextInt(2), random.nextInt(6), random.nextInt(8) == 0);
    }

    /** Against a list that is searched from end to end. */
    @Test
    void factsAreFoundAsInAPlainList() {
        Comparator<Fact> order = Comparator.comparingLong(Fact::time).thenComparing(Fact::id);
        Seeds.hold(random -> {
            List<Fact> plain = new ArrayList<>();
            Facts<Fact> facts = Facts.of(new Facting(), new ArrayList<>());
            for (int i = random.nextInt(40); i > 0; i--) {
                Fact fact = fact(random);
                Fact same = plain.stream()
                        .filter(other -> other.id.equals(fact.id))
                        .findFirst()
                        .orElse(null);
                assertThat(facts.find(fact.id)).isEqualTo(same == null ? -1 : plain.indexOf(same));
                if (same != null) {
                    assertThat(facts.find(same.time, same.id)).isEqualTo(plain.indexOf(same));
                    plain.remove(same);
                    facts.remove(facts.find(same.id));
                } else {
                    plain.add(fact);
                    plain.sort(order);
                    int at = -facts.find(fact.time, fact.id) - 1;
                    assertThat(at).isEqualTo(plain.indexOf(fact));
                    facts.add(at, fact);
                }
                assertThat(facts).isEqualTo(plain);
                Facts<Fact> copy = facts.copy(ArrayList::new);
                for (int k = 0; k < plain.size(); k++) {
                    assertThat(copy.time(k)).isEqualTo(plain.get(k).time);
                    assertThat(copy.mark(k, 1)).isEqualTo(plain.get(k).id.length());
                }
                concerns(copy, plain, plain.isEmpty() ? null : plain.get(random.nextInt(plain.size())));
            }
        });
    }

    /** Of those that speak for themselves the one that changes, and all that decide about others. */
    private static void concerns(Facts<Fact> facts, List<Fact> plain, @Nullable Fact comes) {
        boolean all = comes != null && comes.rule;
        List<Fact> concerned = plain.stream()
                .filter(fact -> all || fact.rule || fact.equals(comes))
                .toList();
        assertThat(facts.concerned(new Change<>(null, comes, 0, 0), comes)).isEqualTo(concerned);
    }
}
