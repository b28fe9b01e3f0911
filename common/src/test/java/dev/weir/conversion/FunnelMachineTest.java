package dev.weir.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.event.MetricPoint;
import dev.weir.machine.InMemory;
import dev.weir.machine.Json;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FunnelMachineTest {
    private static final String ANA = Entities.person("ana");
    private static final Playbook PLAYBOOK = Playbooks.of(
            List.of(),
            List.of(
                    Playbooks.funnel("one", "a b c", 10, List.of("channel"), Grain.DAY),
                    Playbooks.funnel("two", "a b? c !d", 15, List.of("channel"), Grain.DAY)));
    private static final List<String> CONDITIONS = FunnelInputs.conditions(PLAYBOOK.funnels());

    @Test
    void anyOrderAnyDuplicationAndAnyTimeEndInTheSameAnswer() {
        Seeds.hold(random -> {
            List<Observation> facts = draw(random);
            assertThat(answer(random, facts, 3)).isEqualTo(answer(new Random(0), facts, 0));
        });
    }

    @Test
    void whatLeavesWasNeverThere() {
        Seeds.hold(random -> {
            List<Observation> facts = draw(random);
            List<Observation> stay =
                    facts.stream().filter(f -> random.nextBoolean()).toList();
            InMemory<Observation, Observation> machine =
                    new InMemory<>(new FunnelMachine(PLAYBOOK), FunnelTables.FUNNEL_ATTEMPT);
            facts.forEach(fact -> machine.comes(ANA, fact));
            machine.watermark(random.nextInt(60));
            facts.stream().filter(fact -> !stay.contains(fact)).forEach(fact -> machine.leaves(ANA, fact));
            machine.watermark(1_000);
            assertThat(machine.standing()).isEqualTo(answer(new Random(0), stay, 0));
        });
    }

    @Test
    void whatIsToldAtOnceIsTheDifferenceOfWhatWasSaidAndIsSaid() {
        Playbook playbook = Playbooks.of(
                List.of(),
                List.of(
                        Playbooks.funnel("ordered", "a b? c !d", 15, List.of("channel"), Grain.DAY),
                        as("strict", Funnel.Order.STRICT, Funnel.From.FIRST, true),
                        as("any", Funnel.Order.ANY, Funnel.From.LAST, true),
                        as("last", Funnel.Order.ORDERED, Funnel.From.LAST, false)));
        Seeds.hold(random -> {
            List<Observation> facts = draw(random, FunnelInputs.conditions(playbook.funnels()));
            InMemory<Observation, Observation> inOrder =
                    new InMemory<>(new FunnelMachine(playbook), FunnelTables.FUNNEL_ATTEMPT);
            InMemory<Observation, Observation> together =
                    new InMemory<>(new FunnelMachine(playbook), FunnelTables.FUNNEL_ATTEMPT).gathering();
            long time = 0;
            for (int n = 1; n <= facts.size(); n++) {
                inOrder.comes(ANA, facts.get(n - 1));
                together.comes(ANA, facts.get(n - 1));
                time += random.nextInt(8);
                inOrder.watermark(time);
                if (random.nextInt(3) > 0) {
                    continue;
                }
                together.watermark(time);
                assertThat(together.standing()).isEqualTo(inOrder.standing());
                // The last first, so that no fact comes after all others and each is asked about before and after.
                InMemory<Observation, Observation> asked =
                        new InMemory<>(new FunnelMachine(playbook), FunnelTables.FUNNEL_ATTEMPT);
                asked.watermark(time);
                for (int i = n - 1; i >= 0; i--) {
                    asked.comes(ANA, facts.get(i));
                }
                assertThat(inOrder.standing()).isEqualTo(asked.standing());
            }
        });
    }

    private static Funnel as(String name, Funnel.Order order, Funnel.From from, boolean attempts) {
        Funnel f = Playbooks.funnel(name, "a b c !d", 12, List.of("channel"), Grain.DAY);
        return new Funnel(
                f.name(),
                f.definition(),
                f.entity(),
                f.steps(),
                order,
                f.exclude(),
                f.within(),
                f.breakdowns(),
                from,
                f.windows(),
                attempts);
    }

    @Test
    void anAttemptIsMatureFromItsLimitOn() {
        InMemory<Observation, Observation> machine =
                new InMemory<>(new FunnelMachine(PLAYBOOK), FunnelTables.FUNNEL_ATTEMPT);
        machine.comes(ANA, observation("1", 100, "a"));
        machine.comes(ANA, observation("2", 101, "b"));
        machine.comes(ANA, observation("3", 102, "c"));
        machine.watermark(109);
        assertThat(total(machine, "one", 109)).containsExactly("1 1 0 0", "1 1 0 0", "1 1 0 0");
        machine.watermark(110);
        assertThat(total(machine, "one", 110)).containsExactly("1 1 1 1", "1 1 1 1", "1 1 1 1");
        assertThat(total(machine, "two", 110)).containsExactly("1 1 0 0", "1 1 0 0", "1 1 0 0");
    }

    @Test
    void aLateStepIsCountedWhereItsAttemptBegan() {
        long day = Duration.ofDays(1).toMillis();
        Funnel slow = Playbooks.funnel("slow", "a b", 3 * day, List.of(), Grain.DAY);
        Playbook playbook = Playbooks.of(List.of(), List.of(slow));
        InMemory<Observation, Observation> machine =
                new InMemory<>(new FunnelMachine(playbook), FunnelTables.FUNNEL_ATTEMPT);
        machine.comes(ANA, Observations.of(slow, day - 1 + ":a").get(0));
        machine.watermark(9 * day);
        machine.comes(ANA, Observations.of(slow, day + 5 + ":b#late").get(0));
        List<String> windows = machine.tallied(new FunnelTally(playbook), 9 * day).stream()
                .filter(row -> row.table().equals("funnel_window") && "day".equals(row.values()[1]))
                .map(row -> column(row, "window_start") + " " + column(row, "reached"))
                .toList();
        assertThat(windows).containsExactly(Instant.EPOCH + " 1", Instant.EPOCH + " 1");
    }

    @Test
    void whatIsSaidOfAStepNeverExceedsWhatIsSaidOfTheStepBeforeItThatIsNotOptional() {
        Seeds.hold(random -> {
            InMemory<Observation, Observation> machine =
                    new InMemory<>(new FunnelMachine(PLAYBOOK), FunnelTables.FUNNEL_ATTEMPT);
            for (int person = 0; person < 5; person++) {
                String key = Entities.person("p" + person);
                draw(random).forEach(fact -> machine.comes(key, fact));
            }
            long asOf = random.nextInt(80);
            machine.watermark(asOf);
            Map<String, long[]> before = new HashMap<>();
            for (Row row : machine.tallied(new FunnelTally(PLAYBOOK), asOf)) {
                if (!row.table().equals("funnel_window")) {
                    continue;
                }
                String window = column(row, "funnel")
                        + column(row, "grain")
                        + column(row, "window_start")
                        + column(row, "value");
                long[] counts = {number(row, "reached"), number(row, "mature_reached")};
                assertThat(counts[1]).isLessThanOrEqualTo(counts[0]);
                long[] entered = {number(row, "entered"), number(row, "mature_entered")};
                long[] earlier = before.getOrDefault(window, entered);
                assertThat(counts[0]).isLessThanOrEqualTo(earlier[0]);
                assertThat(counts[1]).isLessThanOrEqualTo(earlier[1]);
                boolean optional = column(row, "funnel").equals("two")
                        && column(row, "step").equals("b");
                if (!optional) {
                    before.put(window, counts);
                }
            }
        });
    }

    @Test
    void aWindowInWhichNobodyEnteredIsAPointUntilTheSeriesHasEnded() {
        long day = Duration.ofDays(1).toMillis();
        Playbook playbook =
                Playbooks.of(List.of(), List.of(Playbooks.funnel("f", "a b", day, List.of("channel"), Grain.DAY)));
        InMemory<Observation, Observation> machine =
                new InMemory<>(new FunnelMachine(playbook), FunnelTables.FUNNEL_ATTEMPT);
        machine.comes(ANA, observation("1", 5, "a"));
        machine.comes(Entities.person("bo"), observation("2", 3 * day, "a"));
        Observation late = observation("3", 2 * day + 7, "a");
        machine.comes(Entities.person("cy"), late);
        assertThat(entered(machine, playbook, 4 * day)).containsExactly("0 1", "1 0", "2 1", "3 1");
        machine.leaves(Entities.person("cy"), late);
        assertThat(entered(machine, playbook, 5 * day)).containsExactly("0 1", "1 0", "2 0", "3 1", "4 0");
        List<String> ended = entered(machine, playbook, 90 * day);
        assertThat(ended).hasSize(4 + MetricPoint.RETIRED).endsWith("33 0");
    }

    /** Each day's point of the whole: the day, and how many entered. */
    private static List<String> entered(InMemory<Observation, Observation> machine, Playbook playbook, long asOf) {
        return machine.tallied(new FunnelTally(playbook), asOf).stream()
                .filter(row -> row.table().equals(MetricPoint.TABLE.name()))
                .map(MetricPoint::of)
                .filter(point -> point.metric().equals("entered/f/a")
                        && point.grain().equals("day")
                        && point.breakdown().equals("(total)"))
                .sorted(Comparator.comparing(MetricPoint::windowStart))
                .map(point -> point.windowStart().toEpochMilli()
                                / Duration.ofDays(1).toMillis() + " " + (long) point.numerator())
                .toList();
    }

    @Test
    void noAttemptTakesLongerThanItsLimits() {
        Seeds.hold(random -> {
            Funnel funnel = Playbooks.funnel("limits", "a b<" + random.nextInt(1, 6) + " c? d<4", 12, List.of());
            InMemory<Observation, Observation> machine = new InMemory<>(
                    new FunnelMachine(Playbooks.of(List.of(), List.of(funnel))), FunnelTables.FUNNEL_ATTEMPT);
            List<String> conditions = FunnelInputs.conditions(List.of(funnel));
            for (Observation fact : draw(random)) {
                machine.comes(ANA, new Observation(fact.id, fact.at, letters(fact, conditions), fact.values, null));
            }
            for (Row row : machine.rows().values()) {
                List<Long> times = times(row);
                long start = times.get(0);
                long last = start;
                for (int s = 1; s < times.size(); s++) {
                    Long at = times.get(s);
                    if (at == null) {
                        continue;
                    }
                    Duration own = funnel.steps().get(s).within();
                    assertThat(at).isBetween(last, start + 12);
                    assertThat(at - last).isLessThanOrEqualTo(own == null ? 12 : own.toMillis());
                    last = at;
                }
            }
        });
    }

    /** The same letters under another funnel's conditions. */
    private static long[] letters(Observation fact, List<String> conditions) {
        long[] holds = new long[1];
        for (int c = 0; c < conditions.size(); c++) {
            int known = CONDITIONS.indexOf(conditions.get(c));
            if (known >= 0 && fact.holds(known)) {
                holds[0] |= 1L << c;
            }
        }
        return holds;
    }

    private static List<@Nullable Long> times(Row row) {
        Map<String, @Nullable Object> read =
                Json.read("{\"times\":" + column(row, FunnelTables.FUNNEL_ATTEMPT, "step_times") + "}");
        List<@Nullable Long> times = new ArrayList<>();
        for (Object time : (List<?>) Objects.requireNonNull(read.get("times"))) {
            times.add(time == null ? null : Instant.parse((String) time).toEpochMilli());
        }
        return times;
    }

    @Test
    void aYoungWindowIsProjectedFromThoseBeforeIt() {
        long day = Duration.ofDays(1).toMillis();
        Funnel slow = Playbooks.funnel("slow", "a b", 4 * day, List.of(), Grain.DAY);
        Playbook playbook = Playbooks.of(List.of(), List.of(slow));
        InMemory<Observation, Observation> machine =
                new InMemory<>(new FunnelMachine(playbook), FunnelTables.FUNNEL_ATTEMPT);
        // Each day 20 begin at noon; 5 of them convert after a day, 5 after three.
        long noon = day / 2;
        for (int d = 0; d < 10; d++) {
            for (int p = 0; p < 20; p++) {
                String key = Entities.person(d + "-" + p);
                long start = d * day + noon;
                machine.comes(
                        key, Observations.of(slow, start + ":a#" + key + "a").get(0));
                if (p < 10) {
                    long end = start + (p < 5 ? 1 : 3) * day;
                    if (end <= 10 * day) {
                        machine.comes(
                                key,
                                Observations.of(slow, end + ":b#" + key + "b").get(0));
                    }
                }
            }
        }
        long asOf = 10 * day;
        machine.watermark(asOf);
        List<String> projected = machine.tallied(new FunnelTally(playbook), asOf).stream()
                .filter(row -> row.table().equals("funnel_window"))
                .filter(row -> "day".equals(column(row, "grain")) && "b".equals(column(row, "step")))
                .map(row -> column(row, "window_date") + " " + column(row, "reached") + " " + column(row, "projected"))
                .toList();
        assertThat(projected.subList(0, 6)).allMatch(row -> row.endsWith(" 10 0.5"));
        // Two and a half days old: 5 are there, 5 of the other 15 will be; half a day old: none is, half will be.
        assertThat(projected.get(7)).startsWith("1970-01-08 5 ");
        assertThat(Double.parseDouble(projected.get(7).split(" ", -1)[2])).isCloseTo(0.5, within(0.01));
        assertThat(projected.get(9)).startsWith("1970-01-10 0 ");
        assertThat(Double.parseDouble(projected.get(9).split(" ", -1)[2])).isCloseTo(0.5, within(0.01));
    }

    @Test
    void aVisitorIsCountedForThePersonOfTheEarliestIdentify() {
        Seeds.hold(random -> {
            List<Observation> facts = draw(random);
            List<Observation> identified = new ArrayList<>();
            for (Observation fact : facts) {
                String joins = random.nextInt(4) == 0 ? "p" + random.nextInt(2) : null;
                identified.add(new Observation(fact.id, fact.at, fact.holds, fact.values, joins));
            }
            String visitor = Entities.anonymous("v");
            InMemory<Observation, Observation> identity = new InMemory<>(new IdentityMachine());
            List<Observation> told = new ArrayList<>(identified);
            identified.stream().filter(f -> random.nextBoolean()).forEach(told::add);
            Collections.shuffle(told, random);
            told.forEach(fact -> identity.comes(visitor, fact));
            String owner = identified.stream()
                    .filter(fact -> fact.joins != null)
                    .findFirst()
                    .map(fact -> Entities.person(String.valueOf(fact.joins)))
                    .orElse(visitor);
            if (facts.isEmpty()) {
                assertThat(identity.sent()).isEmpty();
            } else {
                assertThat(identity.sent()).containsOnlyKeys(owner);
                assertThat(identity.sent().getOrDefault(owner, Map.of()))
                        .hasSize(facts.size())
                        .containsOnlyKeys(identified);
                assertThat(identity.sent().getOrDefault(owner, Map.of()).values())
                        .containsOnly(1);
            }
        });
    }

    private static Object answer(Random random, List<Observation> facts, int disorder) {
        List<Observation> told = new ArrayList<>(facts);
        for (int again = facts.isEmpty() ? 0 : disorder; again > 0; again--) {
            told.add(facts.get(random.nextInt(facts.size())));
        }
        if (disorder > 0) {
            Collections.shuffle(told, random);
        }
        InMemory<Observation, Observation> machine =
                new InMemory<>(new FunnelMachine(PLAYBOOK), FunnelTables.FUNNEL_ATTEMPT);
        for (Observation fact : told) {
            if (disorder > 0 && random.nextInt(3) == 0) {
                machine.watermark(random.nextInt(60));
            }
            machine.comes(ANA, fact);
        }
        machine.watermark(1_000);
        return machine.standing();
    }

    private static List<Observation> draw(Random random) {
        return draw(random, CONDITIONS);
    }

    private static List<Observation> draw(Random random, List<String> conditions) {
        List<Observation> facts = new ArrayList<>();
        for (int i = random.nextInt(12); i > 0; i--) {
            String letters = String.valueOf("abcd".charAt(random.nextInt(4)))
                    + (random.nextInt(4) == 0 ? "abcd".charAt(random.nextInt(4)) : "");
            facts.add(observation("e" + i, random.nextInt(40), letters, conditions));
        }
        facts.sort((a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : a.id.compareTo(b.id));
        return facts;
    }

    private static Observation observation(String id, long at, String letters) {
        return observation(id, at, letters, CONDITIONS);
    }

    private static Observation observation(String id, long at, String letters, List<String> conditions) {
        return Observations.of(id, at, letters, at % 2 == 0 ? "ads" : null, conditions);
    }

    /** entered, reached, mature_entered, mature_reached of each step in the whole history. */
    private static List<String> total(InMemory<Observation, Observation> machine, String funnel, long asOf) {
        return machine.tallied(new FunnelTally(PLAYBOOK), asOf).stream()
                .filter(row -> row.table().equals("funnel_window"))
                .filter(row -> funnel.equals(column(row, "funnel")))
                .filter(row -> "all".equals(column(row, "grain")) && "(total)".equals(column(row, "breakdown")))
                .map(row -> column(row, "entered") + " " + column(row, "reached") + " " + column(row, "mature_entered")
                        + " " + column(row, "mature_reached"))
                .toList();
    }

    private static String column(Row row, String name) {
        return column(row, FunnelTables.FUNNEL_WINDOW, name);
    }

    private static String column(Row row, Table table, String name) {
        return String.valueOf(row.values()[table.index(name)]);
    }

    private static long number(Row row, String name) {
        return Long.parseLong(column(row, name));
    }
}
