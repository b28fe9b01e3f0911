package dev.weir.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.event.EntityChange;
import dev.weir.machine.Belonging;
import dev.weir.machine.Difference;
import dev.weir.machine.InMemory;
import dev.weir.machine.Issues;
import dev.weir.machine.Merge;
import dev.weir.machine.Merges;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
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
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Visitors, persons and merges one after the other, as the conversion job runs them. */
class IdentityMachineTest {

    /** A visit, a join, a retraction or a merge. */
    private record Said(
            String id,
            long at,
            String kind,
            String of,
            @Nullable String other) {}

    private static final class People {
        private final InMemory<Merge, Belonging> merges = new InMemory<>(new Merges("job", true), Issues.TABLE);
        private final InMemory<Observation, Observation> visitors = new InMemory<>(new IdentityMachine());
        private final InMemory<Observation, Observation> persons = new InMemory<>(new IdentityMachine());
        private Map<String, Difference<Observation>> given = new TreeMap<>();

        void comes(Said said) {
            switch (said.kind) {
                case "visit" -> visitors.comes(Entities.anonymous(said.of), observation(said, null));
                case "joins" -> visitors.comes(Entities.anonymous(said.of), observation(said, said.other));
                case "acts" -> persons.comes(Entities.person(said.of), observation(said, null));
                case "takes back" -> {
                    Observation retraction = Observation.retraction(said.id, said.at, String.valueOf(said.other));
                    visitors.comes(Entities.anonymous(said.of), retraction);
                    persons.comes(Entities.person(said.of), retraction);
                }
                default -> {
                    Merge merge = IdentityMachine.merge(entity(said));
                    if (merge != null) {
                        merges.comes("person", merge);
                    }
                }
            }
        }

        /** Lets what is sent on arrive: what left, then what came, each in any order. */
        void settle(Random random) {
            Map<String, Difference<Observation>> now = new TreeMap<>();
            visitors.sent().forEach((owner, facts) -> facts.keySet()
                    .forEach(fact -> now.put(owner + fact, Difference.sent(owner, true, fact))));
            merges.sent().forEach((id, told) -> told.keySet().forEach(belonging -> {
                Observation fact = IdentityMachine.told(belonging);
                if (fact != null) {
                    now.put(id + belonging, Difference.sent(id, true, fact));
                }
            }));
            List<Difference<Observation>> gone = new ArrayList<>();
            given.forEach((key, difference) -> {
                if (!now.containsKey(key)) {
                    gone.add(Difference.sent(difference.key, false, Objects.requireNonNull(difference.fact)));
                }
            });
            List<Difference<Observation>> come = new ArrayList<>();
            now.forEach((key, difference) -> {
                if (!given.containsKey(key)) {
                    come.add(difference);
                }
            });
            Collections.shuffle(gone, random);
            Collections.shuffle(come, random);
            gone.forEach(persons::apply);
            come.forEach(persons::apply);
            given = now;
        }

        /** Whose each act is. */
        Map<String, String> owners() {
            Map<String, String> owners = new TreeMap<>();
            persons.sent()
                    .forEach((owner, facts) -> facts.forEach((fact, copies) -> {
                        assertThat(copies).as(fact.id).isEqualTo(1);
                        assertThat(owners.put(fact.id, owner)).as(fact.id).isNull();
                    }));
            return owners;
        }
    }

    private static Observation observation(Said said, @Nullable String joins) {
        return new Observation(said.id, said.at, new long[] {1}, new @Nullable String[] {null}, joins);
    }

    private static EntityChange entity(Said said) {
        return new EntityChange(
                said.id, Instant.ofEpochMilli(said.at), "person", "merged", said.of, said.other, null, Map.of());
    }

    @Test
    void whatAVisitorDidCountsForThePersonAndAfterAMergeForTheOneThatLivesOn() {
        People people = new People();
        people.comes(new Said("1", 1, "visit", "v", null));
        people.comes(new Said("2", 2, "joins", "v", "ann"));
        people.comes(new Said("3", 3, "acts", "anna", null));
        people.comes(new Said("4", 4, "is", "ann", "anna"));
        people.settle(new Random(1));
        people.settle(new Random(1));
        assertThat(people.owners().values()).hasSize(3).containsOnly(Entities.person("anna"));
    }

    @Test
    void aRetractedIdentifyLetsWhatItJoinedComeApart() {
        People people = new People();
        people.comes(new Said("4", 4, "takes back", "v", "2"));
        people.comes(new Said("1", 1, "visit", "v", null));
        people.comes(new Said("2", 2, "joins", "v", "ann"));
        people.comes(new Said("3", 3, "joins", "v", "bob"));
        people.settle(new Random(1));
        assertThat(people.owners())
                .containsExactlyEntriesOf(
                        new TreeMap<>(Map.of("1", Entities.person("bob"), "3", Entities.person("bob"))));
        people.comes(new Said("5", 5, "takes back", "v", "3"));
        people.settle(new Random(1));
        assertThat(people.owners()).isEqualTo(Map.of("1", Entities.anonymous("v")));
    }

    @Test
    void accountsAreMergedLikePersonsAndOthersAreNot() {
        EntityChange account = new EntityChange("e", Instant.EPOCH, "account", "linked", "a", "b", null, Map.of());
        assertThat(IdentityMachine.merge(account))
                .isEqualTo(new Merge("e", 0, Entities.account("a"), Entities.account("b")));
        assertThat(IdentityMachine.merge(
                        new EntityChange("e", Instant.EPOCH, "owner", "merged", "a", "b", null, Map.of())))
                .isNull();
        assertThat(IdentityMachine.merge(
                        new EntityChange("e", Instant.EPOCH, "account", "upserted", "a", "b", null, Map.of())))
                .isNull();
    }

    @Test
    void anyOrderAndAnyDuplicationEndInTheAnswerOfANaiveRecount() {
        Seeds.hold(random -> {
            List<Said> all = draw(random);
            List<Said> told = new ArrayList<>(all);
            all.stream().filter(said -> random.nextInt(3) == 0).forEach(told::add);
            Collections.shuffle(told, random);
            People people = new People();
            for (Said said : told) {
                people.comes(said);
                if (random.nextInt(3) == 0) {
                    people.settle(random);
                }
            }
            people.settle(random);
            assertThat(people.owners()).isEqualTo(recount(all));
        });
    }

    private static List<Said> draw(Random random) {
        List<Said> all = new ArrayList<>();
        for (int i = random.nextInt(14); i > 0; i--) {
            String id = "e" + i;
            long at = random.nextInt(8);
            String person = "p" + random.nextInt(3);
            String visitor = "v" + random.nextInt(2);
            all.add(
                    switch (random.nextInt(6)) {
                        case 0 -> new Said(id, at, "joins", visitor, person);
                        case 1 -> new Said(id, at, "is", person, "p" + random.nextInt(3));
                        case 2 ->
                            new Said(
                                    id,
                                    at,
                                    "takes back",
                                    random.nextBoolean() ? visitor : person,
                                    "e" + random.nextInt(14));
                        case 3 -> new Said(id, at, "acts", person, null);
                        default -> new Said(id, at, "visit", visitor, null);
                    });
        }
        return all;
    }

    private static Map<String, String> recount(List<Said> all) {
        List<Said> sorted = all.stream()
                .sorted(Comparator.comparingLong(Said::at).thenComparing(Said::id))
                .toList();
        Map<String, String> parents = new HashMap<>();
        for (Said said : sorted) {
            if (said.kind.equals("is") && !parents.containsKey(said.of)) {
                String root = root(parents, String.valueOf(said.other));
                if (!root.equals(said.of)) {
                    parents.put(said.of, String.valueOf(said.other));
                }
            }
        }
        Map<String, String> owners = new TreeMap<>();
        for (Said said : sorted) {
            if (takenBack(all, said, said.of)) {
                continue;
            }
            switch (said.kind) {
                case "acts" -> owners.put(said.id, Entities.person(root(parents, said.of)));
                case "visit", "joins" -> {
                    String owner = Entities.anonymous(said.of);
                    for (Said join : sorted) {
                        if (join.kind.equals("joins") && join.of.equals(said.of) && !takenBack(all, join, join.of)) {
                            String person = String.valueOf(join.other);
                            // What came to a person can be taken back from it too.
                            owner = takenBack(all, said, person) ? "" : Entities.person(root(parents, person));
                            break;
                        }
                    }
                    if (!owner.isEmpty()) {
                        owners.put(said.id, owner);
                    }
                }
                default -> {}
            }
        }
        return owners;
    }

    private static boolean takenBack(List<Said> all, Said said, String key) {
        return all.stream()
                .anyMatch(other ->
                        other.kind.equals("takes back") && other.of.equals(key) && said.id.equals(other.other));
    }

    private static String root(Map<String, String> parents, String id) {
        String at = id;
        while (parents.containsKey(at)) {
            at = Objects.requireNonNull(parents.get(at));
        }
        return at;
    }

    /** What a person's profile says holds from its time on, whenever it is known. */
    @Test
    void anEventHasWhatWasKnownOfItsPersonAtItsTime() {
        Funnel funnel = Playbooks.funnel("f", "a b", 10, List.of("channel", "person.country"));
        Playbook playbook = Playbooks.of(List.of(), List.of(funnel));
        Profiles profiles = new Profiles(playbook);
        int country = FunnelInputs.fields(playbook.funnels()).indexOf("person.country");
        List<Observation> facts = new ArrayList<>();
        for (int at : List.of(1, 5, 7, 9)) {
            facts.add(new Observation(
                    "e:" + at,
                    at,
                    new long[] {1},
                    new @Nullable String[FunnelInputs.fields(playbook.funnels()).size()],
                    null));
        }
        for (EntityChange change : List.of(
                entity("z", 5, Map.of("country", "DE")),
                entity("y", 6, Map.of("name", "Ana")),
                entity("x", 7, Map.of("country", "FR")),
                entity("w", 8, Map.of("country", "")))) {
            Observation profile = profiles.of(change);
            if (profile != null) {
                facts.add(profile);
            }
        }
        assertThat(facts).as("a name is not asked for").hasSize(7);
        Seeds.hold(100, random -> {
            List<Observation> shuffled = new ArrayList<>(facts);
            Collections.shuffle(shuffled, random);
            InMemory<Observation, Observation> machine = new InMemory<>(new IdentityMachine(profiles));
            shuffled.forEach(fact -> machine.comes(Entities.person("ana"), fact));
            List<String> sent = new ArrayList<>();
            machine.sent().getOrDefault(Entities.person("ana"), Map.of()).forEach((fact, times) -> {
                assertThat(times).isEqualTo(1);
                sent.add(fact.at + " " + fact.values[country]);
            });
            assertThat(sent).containsExactlyInAnyOrder("1 null", "5 DE", "7 FR", "9 null");
        });
    }

    private static EntityChange entity(String id, long at, Map<String, String> properties) {
        return new EntityChange(
                id,
                Instant.ofEpochMilli(at),
                EntityChange.PERSON,
                EntityChange.UPSERTED,
                "ana",
                null,
                null,
                properties);
    }
}
