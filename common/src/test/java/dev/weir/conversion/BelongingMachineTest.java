package dev.weir.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Belonging;
import dev.weir.machine.InMemory;
import dev.weir.machine.Issues;
import dev.weir.machine.Machine;
import dev.weir.machine.Merge;
import dev.weir.machine.Merges;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Persons and funnels one after the other, as the conversion job runs them. */
class BelongingMachineTest {
    private static final Playbook PLAYBOOK =
            Playbooks.of(List.of(), List.of(quiet("one", "a b c", 10), quiet("two", "a b? c !d", 15)));
    private static final List<String> CONDITIONS = FunnelInputs.conditions(PLAYBOOK.funnels());

    private static Funnel quiet(String name, String steps, long within) {
        Funnel f = Playbooks.funnel(name, steps, within, List.of("channel"), Grain.DAY);
        return new Funnel(
                f.name(),
                f.definition(),
                f.entity(),
                f.steps(),
                f.order(),
                f.exclude(),
                f.within(),
                f.breakdowns(),
                f.breakdownFrom(),
                f.windows(),
                false);
    }

    /** A machine as it was before it had versions. */
    private record Older(Merges now) implements Machine<Merge, Belonging> {
        @Override
        public String id(Merge fact) {
            return now.id(fact);
        }

        @Override
        public long time(Merge fact) {
            return now.time(fact);
        }

        @Override
        public Merge prefer(Merge kept, Merge newcomer) {
            return now.prefer(kept, newcomer);
        }

        @Override
        public void say(String key, List<Merge> facts, Step<Belonging> step) {
            now.say(key, facts, step);
        }
    }

    private static final class People {
        private final Merges merging = new Merges("job", true);
        private final InMemory<Merge, Belonging> merges;
        private final InMemory<Observation, Observation> persons;
        private final InMemory<Observation, Observation> funnels = new InMemory<>(new FunnelMachine(PLAYBOOK));
        private final Set<String> told = new HashSet<>();

        People(boolean older) {
            merges = new InMemory<>(older ? new Older(merging) : merging, Issues.TABLE);
            persons = new InMemory<>(older ? new IdentityMachine() : now());
            merges.sends(belonging -> {
                Observation said = belonging.fact == null ? null : IdentityMachine.told(belonging.fact);
                if (said != null) {
                    persons.apply(belonging.made(said));
                }
            });
            persons.sends(observation -> {
                told.add(observation.key);
                funnels.apply(observation);
            });
        }

        private static Machine<Observation, Observation> now() {
            return BelongingMachine.of(PLAYBOOK, Profiles.NONE);
        }

        void goesOnInThisVersion() {
            merges.becomes(merging);
            persons.becomes(now());
        }

        void comes(String key, Object said) {
            if (said instanceof Merge merge) {
                merges.comes("person", merge);
            } else {
                persons.comes(key, (Observation) said);
            }
        }

        void watermark(long time) {
            persons.watermark(time);
            funnels.watermark(time);
        }

        SortedMap<String, Sums> sums() {
            SortedMap<String, Sums> all = new TreeMap<>();
            for (InMemory<Observation, Observation> machine : List.of(persons, funnels)) {
                machine.sums().forEach((group, sums) -> all.computeIfAbsent(group, g -> new Sums())
                        .plus(sums));
            }
            all.values().removeIf(Sums::isZero);
            return all;
        }
    }

    private record Said(String key, Object what) {}

    private static List<Said> draw(Random random) {
        List<Said> all = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            String id = "e" + i;
            long at = random.nextInt(40);
            String person = person(random);
            all.add(
                    switch (random.nextInt(10)) {
                        case 0 -> new Said(person, new Merge(id, at, person, person(random)));
                        case 1 -> new Said(person, Observation.retraction(id, at, "e" + (1 + random.nextInt(20))));
                        default -> {
                            String letter = String.valueOf("abcd".charAt(random.nextInt(4)));
                            String channel = random.nextBoolean() ? "ads" : null;
                            yield new Said(person, Observations.of(id, at, letter, channel, CONDITIONS));
                        }
                    });
        }
        return all;
    }

    private static String person(Random random) {
        return Entities.person("p" + random.nextInt(4));
    }

    @Test
    void whoeverTellsTheyAddUpToWhatFunnelsAloneWouldSay() {
        Seeds.hold(random -> {
            List<Said> all = draw(random);
            assertThat(run(random, all, false, all.size())).isEqualTo(run(null, all, true, all.size()));
        });
    }

    @Test
    void aJobThatGoesOnFromStateInWhichAllWasSentEndsInTheSame() {
        Seeds.hold(random -> {
            List<Said> all = draw(random);
            assertThat(run(random, all, true, random.nextInt(all.size() + 1)))
                    .isEqualTo(run(null, all, true, all.size()));
        });
    }

    /** @param random the order, and times that pass between; null for neither */
    private static SortedMap<String, Sums> run(@Nullable Random random, List<Said> all, boolean older, int turn) {
        List<Said> told = new ArrayList<>(all);
        if (random != null) {
            all.stream().filter(said -> random.nextInt(4) == 0).forEach(told::add);
            Collections.shuffle(told, random);
        }
        People people = new People(older);
        for (int i = 0; i < told.size(); i++) {
            if (i == turn && older) {
                people.goesOnInThisVersion();
            }
            people.comes(told.get(i).key, told.get(i).what);
            if (random != null && random.nextInt(3) == 0) {
                people.watermark(random.nextInt(60));
            }
        }
        if (turn < all.size() || random != null) {
            people.goesOnInThisVersion();
        }
        people.watermark(1_000);
        return people.sums();
    }

    @Test
    void onlyWhoIsNotAloneIsSentOn() {
        People people = new People(false);
        String ann = Entities.person("ann");
        String bob = Entities.person("bob");
        String eve = Entities.person("eve");
        for (String person : List.of(ann, bob, eve)) {
            people.comes(person, Observations.of("1" + person, 1, "a", "ads", CONDITIONS));
            people.comes(person, Observations.of("2" + person, 2, "b", "ads", CONDITIONS));
        }
        assertThat(people.told).isEmpty();
        SortedMap<String, Sums> alone = people.sums();
        assertThat(alone).isNotEmpty();
        people.comes("", new Merge("m", 5, eve, ann));
        assertThat(people.told).containsExactly(ann);
        assertThat(people.funnels.sums()).isNotEmpty();
        people.comes(bob, Observation.retraction("r", 3, "no such event"));
        assertThat(people.told).containsExactlyInAnyOrder(ann, bob);
        assertThat(people.persons.sums()).isEmpty();
    }

    @Test
    void whereAttemptsAreWrittenEverythingIsSent() {
        Playbook loud =
                Playbooks.of(List.of(), List.of(Playbooks.funnel("loud", "a b", 10, List.of("channel"), Grain.DAY)));
        assertThat(BelongingMachine.of(loud, Profiles.NONE)).isInstanceOf(IdentityMachine.class);
    }
}
