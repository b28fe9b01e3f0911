package dev.weir.machine;

import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testing.Seeds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The laws of {@link Machine}, held by {@link Step} for a machine that does a little of everything. */
class StepLawTest {
    private static final Table LAMP = Table.named("lamp")
            .key(TEXT, "lamp_id", "on_id")
            .with(TIMESTAMP, "went_out")
            .build();
    private static final long PATIENCE = 10;
    private static final long END = 1_000;

    /** A lamp is switched; one that is not switched again within its patience goes out by itself. */
    private record Switch(String id, long time, int brightness) {}

    /** Counts switches, measures the gaps between them, says which lamps went out, tells a neighbour of the first. */
    private record Lamp(int limit) implements Machine<Switch, Switch> {
        @Override
        public String id(Switch fact) {
            return fact.id;
        }

        @Override
        public long time(Switch fact) {
            return fact.time;
        }

        @Override
        public Switch prefer(Switch kept, Switch newcomer) {
            return Comparator.comparingInt(Switch::brightness)
                                    .thenComparingLong(Switch::time)
                                    .compare(newcomer, kept)
                            > 0
                    ? newcomer
                    : kept;
        }

        @Override
        public void say(String key, List<Switch> facts, Step<Switch> step) {
            step.fact("neighbour", key, facts.get(0));
            for (int i = 0; i < facts.size(); i++) {
                Switch here = facts.get(i);
                step.sum("switched", Cell.of(here.time / 7, 0, here.brightness), 1);
                // Every switch makes this statement, and all change it when the first switch becomes another.
                int first = facts.get(0).brightness;
                step.state(first, () -> step.sum("like the first", Cell.of(0, 0, first), 1));
                long goesOut = here.time + PATIENCE;
                if (i + 1 < facts.size()) {
                    step.sum("gap", Cell.of(0, 0, 0), facts.get(i + 1).time - here.time);
                }
                if ((i + 1 == facts.size() || facts.get(i + 1).time >= goesOut) && step.due(goesOut)) {
                    step.sum("out", Cell.of(goesOut / 7, 0, 0), 1);
                    step.row(LAMP, row(key, here));
                }
            }
        }

        private static Row row(String key, Switch here) {
            String wentOut = Instant.ofEpochMilli(here.time + PATIENCE).toString();
            return new Row("lamp", new String[] {key, here.id, wentOut}, "", false, here.time + PATIENCE);
        }
    }

    @Test
    void anyOrderAndAnyDuplicationEndInTheSameAnswer() {
        Seeds.hold(random -> {
            List<Switch> facts = draw(random, 12);
            List<Difference<Switch>> told = new ArrayList<>();
            facts.forEach(fact -> told.add(comes(random, fact)));
            for (int again = random.nextInt(8); again > 0 && !facts.isEmpty(); again--) {
                told.add(comes(random, facts.get(random.nextInt(facts.size()))));
            }
            Collections.shuffle(told, random);
            assertThat(run(random, told).standing()).isEqualTo(recount(facts));
        });
    }

    @Test
    void whatIsWithdrawnWasNeverThere() {
        Seeds.hold(random -> {
            List<Switch> facts = draw(random, 12).stream()
                    .filter(distinct(Switch::id))
                    .collect(ArrayList::new, ArrayList::add, ArrayList::addAll);
            List<Difference<Switch>> told = new ArrayList<>();
            List<Switch> stay = new ArrayList<>();
            for (Switch fact : facts) {
                boolean stays = random.nextBoolean();
                if (stays) {
                    stay.add(fact);
                }
                // Comes and goes any number of times; each difference is placed after those of its own fact.
                int from = insertAfter(random, told, 0, comes(random, fact));
                for (int turns = random.nextInt(3); turns > 0; turns--) {
                    from = insertAfter(random, told, from, new Difference<>("lamp", false, fact, null));
                    from = insertAfter(random, told, from, comes(random, fact));
                }
                if (!stays) {
                    insertAfter(random, told, from, new Difference<>("lamp", false, fact, null));
                }
            }
            assertThat(run(random, told).standing()).isEqualTo(recount(stay));
        });
    }

    /** Each way keeps its own order; between the ways anything may overtake anything. */
    @Test
    void whatIsSentOnSeveralWaysEndsAsWhatIsLeftOfAllOfThem() {
        Seeds.hold(random -> {
            List<Switch> left = new ArrayList<>();
            List<List<Difference<Switch>>> ways = new ArrayList<>();
            for (int way = 0; way < 3; way++) {
                List<Difference<Switch>> told = new ArrayList<>();
                Set<String> ids = new HashSet<>();
                for (Switch fact : draw(random, 6)) {
                    if (!ids.add(fact.id)) {
                        continue;
                    }
                    int turns = random.nextInt(3);
                    for (int turn = 0; turn <= turns; turn++) {
                        told.add(Difference.sent("lamp", turn % 2 == 0, fact));
                    }
                    if (turns % 2 == 0) {
                        left.add(fact);
                    }
                }
                ways.add(told);
            }
            List<Difference<Switch>> arrived = new ArrayList<>();
            while (ways.stream().anyMatch(way -> !way.isEmpty())) {
                List<Difference<Switch>> way = ways.get(random.nextInt(ways.size()));
                if (!way.isEmpty()) {
                    arrived.add(way.remove(0));
                }
            }
            InMemory<Switch, Switch> memory = run(random, arrived);
            assertThat(memory.standing()).isEqualTo(recount(left));
            if (left.isEmpty() && !arrived.isEmpty()) {
                assertThat(memory.memory("lamp").isEmpty()).isTrue();
            }
        });
    }

    @Test
    void whenTimePassesBetweenFactsDoesNotMatter() {
        Seeds.hold(random -> {
            List<Difference<Switch>> told = new ArrayList<>();
            draw(random, 12).forEach(fact -> told.add(comes(random, fact)));
            InMemory<Switch, Switch> once = new InMemory<>(new Lamp(100), LAMP);
            told.forEach(once::apply);
            once.watermark(END);
            InMemory<Switch, Switch> often = run(random, told);
            assertThat(often.standing()).isEqualTo(once.standing());
            assertThat(often.sums()).hasToString(once.sums().toString());
        });
    }

    @Test
    void inOrderATimerSaysWhatTheNextFactWouldSayOnlyEarlier() {
        Seeds.hold(random -> {
            List<Switch> facts = draw(random, 12).stream()
                    .filter(distinct(Switch::id))
                    .sorted(Comparator.comparingLong(Switch::time).thenComparing(Switch::id))
                    .toList();
            InMemory<Switch, Switch> awake = new InMemory<>(new Lamp(100), LAMP);
            InMemory<Switch, Switch> asleep = new InMemory<>(new Lamp(100), LAMP);
            for (Switch fact : facts) {
                // Every fact up to the watermark is there: then nothing that was said is ever taken back.
                awake.watermark(fact.time - 1);
                awake.comes("lamp", fact);
                asleep.comes("lamp", fact);
            }
            awake.watermark(END);
            asleep.watermark(END);
            assertThat(awake.said()).noneMatch(Row::deleted).hasSameSizeAs(asleep.said());
            assertThat(awake.standing()).isEqualTo(asleep.standing());
        });
    }

    @Test
    void aFactIsAcceptedOnce() {
        Seeds.hold(random -> {
            List<Switch> facts = draw(random, 12);
            InMemory<Switch, Switch> memory = new InMemory<>(new Lamp(100), LAMP);
            long accepted = facts.stream()
                    .filter(fact -> memory.comes("lamp", fact) == Step.Outcome.ACCEPTED)
                    .count();
            assertThat(accepted)
                    .isEqualTo(facts.stream().map(Switch::id).distinct().count());
        });
    }

    @Test
    void overItsLimitAKeyKeepsTheEarliestWhateverTheOrder() {
        int limit = 4;
        Seeds.hold(random -> {
            List<Switch> facts = draw(random, 12).stream()
                    .filter(distinct(Switch::id))
                    .sorted(Comparator.comparingLong(Switch::time).thenComparing(Switch::id))
                    .toList();
            List<Switch> told = new ArrayList<>(facts);
            told.addAll(facts.subList(0, random.nextInt(facts.size() + 1)));
            Collections.shuffle(told, random);
            InMemory<Switch, Switch> memory = new InMemory<>(new Lamp(limit), LAMP);
            for (Switch fact : told) {
                memory.comes("lamp", fact);
                if (random.nextInt(3) == 0) {
                    memory.watermark(random.nextLong(END));
                }
            }
            memory.watermark(END);
            List<Switch> earliest = facts.subList(0, Math.min(limit, facts.size()));
            assertThat(memory.standing()).isEqualTo(recount(earliest));
            if (!facts.isEmpty()) {
                assertThat(memory.memory("lamp").facts).isEqualTo(earliest);
                assertThat(memory.memory("lamp").truncated).isEqualTo(facts.size() > limit);
            }
        });
    }

    @Test
    void aDeadlineIsSaidOnceAlsoWhenTheWatermarkStartsAgain() {
        Memory<Switch> memory = new Memory<>();
        Lamp lamp = new Lamp(100);
        Step<Switch> step = new Step<>();
        step.advance(lamp, "lamp", memory, true, new Switch("a", 0, 0), 0);
        step.clear();
        step.wake(lamp, "lamp", memory, PATIENCE);
        List<Row> said = new ArrayList<>();
        step.rows(said::add);
        assertThat(said).hasSize(1);
        step.clear();
        // After a restart the watermark is at the beginning of time.
        step.advance(lamp, "lamp", memory, true, new Switch("b", 1_000, 0), Long.MIN_VALUE);
        step.rows(said::add);
        assertThat(said).hasSize(1);
    }

    /** Gives everything to one key while time jumps about, then lets it pass to the end. */
    private static InMemory<Switch, Switch> run(Random random, List<Difference<Switch>> told) {
        InMemory<Switch, Switch> memory = new InMemory<>(new Lamp(100), LAMP);
        for (Difference<Switch> difference : told) {
            if (random.nextInt(3) == 0) {
                memory.watermark(random.nextLong(END / 5));
            }
            memory.apply(difference);
        }
        memory.watermark(END);
        return memory;
    }

    /** What stands at the end, by a count that is obviously right. */
    private static Map<String, Object> recount(Collection<Switch> told) {
        TreeMap<String, Switch> byId = new TreeMap<>();
        told.forEach(fact -> byId.merge(fact.id, fact, new Lamp(100)::prefer));
        List<Switch> facts = new ArrayList<>(byId.values());
        facts.sort(Comparator.comparingLong(Switch::time));
        TreeMap<String, Sums> sums = new TreeMap<>();
        TreeMap<String, Row> rows = new TreeMap<>();
        for (int i = 0; i < facts.size(); i++) {
            Switch here = facts.get(i);
            long next = i + 1 < facts.size() ? facts.get(i + 1).time : Long.MAX_VALUE;
            add(sums, "switched", Cell.of(here.time / 7, 0, here.brightness), 1);
            add(sums, "like the first", Cell.of(0, 0, facts.get(0).brightness), 1);
            if (next - here.time >= PATIENCE) {
                add(sums, "out", Cell.of((here.time + PATIENCE) / 7, 0, 0), 1);
                Row row = Lamp.row("lamp", here);
                rows.put(row.key(LAMP), row.at(0));
            }
        }
        if (facts.size() > 1) {
            add(sums, "gap", Cell.of(0, 0, 0), facts.get(facts.size() - 1).time - facts.get(0).time);
        }
        sums.values().removeIf(Sums::isZero);
        Map<String, Map<Switch, Integer>> sent =
                facts.isEmpty() ? Map.of() : Map.of("neighbour", Map.of(facts.get(0), 1));
        return Map.of("sums", sums, "rows", rows, "sent", sent);
    }

    private static void add(Map<String, Sums> sums, String group, long cell, long amount) {
        sums.computeIfAbsent(group, g -> new Sums()).add(cell, amount);
    }

    private static Difference<Switch> comes(Random random, Switch fact) {
        return new Difference<>("lamp", true, fact, new Position("lamps", random.nextInt(2), random.nextInt(100)));
    }

    private static <T> int insertAfter(Random random, List<T> list, int from, T added) {
        int at = from + random.nextInt(list.size() - from + 1);
        list.add(at, added);
        return at + 1;
    }

    /** Few ids, times and values, so that facts tie, repeat and contradict each other. */
    private static List<Switch> draw(Random random, int most) {
        List<Switch> facts = new ArrayList<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            facts.add(new Switch("s" + random.nextInt(most), random.nextInt(100), random.nextInt(3)));
        }
        return facts;
    }

    private static <T> Predicate<T> distinct(Function<T, ?> by) {
        Set<Object> seen = new HashSet<>();
        return fact -> seen.add(by.apply(fact));
    }
}
