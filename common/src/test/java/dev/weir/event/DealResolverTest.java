package dev.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Belonging;
import dev.weir.machine.Difference;
import dev.weir.machine.InMemory;
import dev.weir.machine.Issues;
import dev.weir.machine.Merge;
import dev.weir.machine.Merges;
import dev.weir.testing.Seeds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DealResolverTest {

    /** The two machines one after the other, as the jobs run them. */
    private static final class Both {
        final InMemory<Merge, Belonging> merges = new InMemory<>(new Merges("job", false), Issues.TABLE);
        final InMemory<DealChange, DealChange> resolver = new InMemory<>(new DealResolver());
        private Map<Belonging, Integer> told = new HashMap<>();

        void comes(DealChange change) {
            resolver.comes(change.dealId(), change);
            Merge merge = DealResolver.merge(change);
            if (merge != null) {
                merges.comes("deal", merge);
            }
        }

        /** Lets what the merges say arrive, in any order. */
        void settle(Random random) {
            Map<Belonging, Integer> now = new HashMap<>();
            merges.sent().values().forEach(now::putAll);
            List<Difference<DealChange>> changes = new ArrayList<>();
            told.keySet().stream()
                    .filter(belonging -> !now.containsKey(belonging))
                    .forEach(gone -> changes.add(Difference.sent(gone.of(), false, DealResolver.told(gone))));
            int gone = changes.size();
            now.keySet().stream()
                    .filter(belonging -> !told.containsKey(belonging))
                    .forEach(come -> changes.add(Difference.sent(come.of(), true, DealResolver.told(come))));
            Collections.shuffle(changes.subList(0, gone), random);
            Collections.shuffle(changes.subList(gone, changes.size()), random);
            changes.forEach(resolver::apply);
            told = now;
        }

        List<String> owned() {
            Set<String> owned = new TreeSet<>();
            resolver.sent()
                    .forEach((owner, changes) -> changes.forEach((change, copies) -> {
                        assertThat(copies).isEqualTo(1);
                        assertThat(change.dealId()).isEqualTo(owner);
                        owned.add(change.eventId() + ":" + change.kind() + " of " + owner);
                    }));
            return new ArrayList<>(owned);
        }
    }

    @Test
    void aDealsChangesBelongToItselfUpToItsMergeAndToTheRootAfterIt() {
        Both both = new Both();
        both.comes(change("e1", 1, "a", "created", null));
        both.comes(change("e3", 3, "a", "merged", "b"));
        both.comes(change("e4", 4, "a", "amended", null));
        both.comes(change("e2", 3, "a", "stage_changed", null));
        both.settle(new Random(1));
        assertThat(both.owned())
                .containsExactly("e1:created of a", "e2:stage_changed of a", "e3:merged of a", "e4:amended of b");
    }

    @Test
    void thatItWasDeletedAfterItsMergeIsItsOwnAffair() {
        Both both = new Both();
        both.comes(change("e1", 1, "a", "merged", "b"));
        both.comes(change("e2", 2, "a", "deleted", null));
        both.settle(new Random(1));
        assertThat(both.owned()).containsExactly("e1:merged of a", "e2:deleted of a");
    }

    @Test
    void aDealThatIsRestoredHasItsChangesAgain() {
        Both both = new Both();
        both.comes(change("e1", 1, "a", "merged", "b"));
        both.comes(change("e3", 3, "a", "restored", null));
        both.comes(change("e4", 4, "a", "amended", null));
        both.comes(change("e2", 2, "a", "amended", null));
        both.settle(new Random(1));
        assertThat(both.owned())
                .containsExactly("e1:merged of a", "e2:amended of b", "e3:restored of a", "e4:amended of a");
    }

    @Test
    void aMergeIntoADealNobodyHeardOfKeepsItsChangesForIt() {
        Both both = new Both();
        both.comes(change("e2", 2, "a", "amended", null));
        both.comes(change("e1", 1, "a", "merged", "unknown"));
        both.settle(new Random(1));
        assertThat(both.owned()).containsExactly("e1:merged of a", "e2:amended of unknown");
    }

    @Test
    void aMergeThatWasRefusedIsAnAmendment() {
        Both both = new Both();
        both.comes(change("e1", 1, "a", "merged", "b"));
        both.comes(change("e2", 2, "b", "merged", "a"));
        both.comes(change("e3", 3, "b", "amended", null));
        both.settle(new Random(1));
        assertThat(both.owned()).containsExactly("e1:merged of a", "e2:amended of b", "e3:amended of b");
    }

    @Test
    void anyOrderAndAnyDuplicationEndInTheAnswerOfANaiveRecount() {
        Seeds.hold(random -> {
            List<DealChange> changes = draw(random);
            List<DealChange> told = new ArrayList<>(changes);
            changes.stream().filter(change -> random.nextInt(3) == 0).forEach(told::add);
            Collections.shuffle(told, random);
            Both both = new Both();
            for (DealChange change : told) {
                both.comes(change);
                if (random.nextInt(3) == 0) {
                    both.settle(random);
                }
            }
            both.settle(random);
            assertThat(both.owned()).isEqualTo(recount(changes));
        });
    }

    private static List<DealChange> draw(Random random) {
        List<DealChange> changes = new ArrayList<>();
        for (int i = random.nextInt(14); i > 0; i--) {
            String deal = "d" + random.nextInt(4);
            String kind = List.of("amended", "amended", "stage_changed", "merged", "merged", "restored", "deleted")
                    .get(random.nextInt(7));
            String into = kind.equals("merged") ? "d" + random.nextInt(4) : null;
            changes.add(change("e" + i, random.nextInt(6), deal, kind, into));
        }
        return changes;
    }

    /** Every change by itself: the merges strictly before it, one after another. */
    private static List<String> recount(List<DealChange> changes) {
        Set<String> owned = new TreeSet<>();
        for (DealChange change : changes) {
            boolean own = Set.of("merged", "restored", "deleted").contains(change.kind());
            Map<String, String> parents = parents(changes, change);
            String kind = change.kind().equals("merged") && isRefused(changes, change) ? "amended" : change.kind();
            String owner = own && kind.equals(change.kind()) ? change.dealId() : root(parents, change.dealId());
            owned.add(change.eventId() + ":" + kind + " of " + owner);
        }
        return new ArrayList<>(owned);
    }

    private static Map<String, String> parents(List<DealChange> changes, DealChange before) {
        Map<String, String> parents = new HashMap<>();
        sorted(changes).stream()
                .filter(change -> change.occurredAt().isBefore(before.occurredAt()))
                .forEach(change -> apply(parents, change));
        return parents;
    }

    private static boolean isRefused(List<DealChange> changes, DealChange merge) {
        Map<String, String> parents = new HashMap<>();
        for (DealChange change : sorted(changes)) {
            boolean refused = apply(parents, change);
            if (change.equals(merge)) {
                return refused;
            }
        }
        throw new IllegalStateException();
    }

    private static boolean apply(Map<String, String> parents, DealChange change) {
        if (change.kind().equals("restored")) {
            parents.remove(change.dealId());
        } else if (change.kind().equals("merged")) {
            String into = Objects.requireNonNull(change.intoId());
            if (parents.containsKey(change.dealId())) {
                return !root(parents, into).equals(root(parents, change.dealId()));
            }
            if (root(parents, into).equals(change.dealId())) {
                return true;
            }
            parents.put(change.dealId(), into);
        }
        return false;
    }

    private static List<DealChange> sorted(List<DealChange> changes) {
        return changes.stream()
                .sorted(Comparator.comparing(DealChange::occurredAt).thenComparing(DealChange::eventId))
                .toList();
    }

    private static String root(Map<String, String> parents, String id) {
        String at = id;
        while (parents.containsKey(at)) {
            at = Objects.requireNonNull(parents.get(at));
        }
        return at;
    }

    private static DealChange change(String id, long at, String deal, String kind, @Nullable String into) {
        return new DealChange(
                id,
                Instant.ofEpochMilli(at),
                deal,
                kind,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                into,
                null,
                null,
                null,
                null,
                List.of(),
                Map.of());
    }
}
