package dev.weir.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Facts;
import dev.weir.playbook.Funnel;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The nine rules as cases, and the walk against a recount that shares no code with it.
 *
 * <p>A case reads: a funnel, how long it lasts, the events of one person as {@code time:conditions}, and the attempts that
 * follow: the time at which each step was reached, {@code -} where it was not, attempts apart by {@code /}.
 */
class WalkTest {
    /** An attempt as the cases speak of it. */
    private record Path(long startedAt, List<Long> reachedAt, List<String> values) {}

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                // Rule 1
                "1 the first step-1 event opens       | a b   | 10 | 3:b 5:a 7:a 8:b     | 5 8",
                "1 no step-1 event opens nothing      | a b   | 10 | 3:b 5:b             | none",
                "1 opened and nothing more            | a b c | 10 | 3:a                 | 3 - -",
                // Rule 2
                "2 at the earliest that qualifies     | a b c | 10 | 1:a 3:b 4:b 5:c 6:c | 1 3 5",
                "2 not before the step before         | a b c | 10 | 1:a 2:c 3:b         | 1 3 -",
                "2 at exactly the limit               | a b   | 10 | 1:a 11:b            | 1 11",
                "2 one past the limit                 | a b   | 10 | 1:a 12:b            | 1 -",
                "2 the limit runs from the start      | a b c | 10 | 1:a 9:b 12:c        | 1 9 -",
                "2 a step's own limit, met            | a b c<3 | 10 | 1:a 5:b 8:c       | 1 5 8",
                "2 a step's own limit, passed         | a b c<3 | 10 | 1:a 5:b 9:c       | 1 5 -",
                "2 optional and reached               | a b? c | 10 | 1:a 2:b 3:c        | 1 2 3",
                "2 optional and passed over           | a b? c | 10 | 1:a 3:c            | 1 - 3",
                "2 what was passed over is not caught up | a b? c d | 10 | 1:a 3:c 4:b 5:d | 1 - 3 5",
                "2 a limit after one passed over runs from the last reached | a b? c<3 | 10 | 1:a 5:c | 1 - -",
                "2 two optional ones in a row         | a b? c? d | 10 | 1:a 5:d         | 1 - - 5",
                "2 an optional last one may come      | a b c? | 10 | 1:a 2:b 3:c        | 1 2 3",
                "2 or not                             | a b c? | 10 | 1:a 2:b            | 1 2 -",
                // Rule 3
                "3 others may lie between             | a b c | 10 | 1:a 2:z 3:b 4:a 5:c | 1 3 5",
                "3 strict: foreign events may         | a b c strict | 10 | 1:a 2:z 3:b 4:c | 1 3 4",
                "3 strict: own ones may not           | a b c strict | 10 | 1:a 2:c 3:b 4:c | 1 - -",
                "3 strict: a step again is one of them | a b c strict | 10 | 1:a 2:b 3:b 4:c | 1 2 -",
                "3 any: every order                   | a b c any | 10 | 1:a 2:c 3:b     | 1 2 3",
                "3 any: how many, not which           | a b c any | 10 | 1:a 4:c         | 1 4 -",
                "3 any: but step 1 opens              | a b c any | 10 | 1:b 2:a 3:c     | 2 3 -",
                "3 the greedy choice is not revisited | a b<5 c<2 | 20 | 1:a 3:b 5:b 7:c | 1 3 -",
                // Rule 4
                "4 an exclusion removes the attempt   | a b !x | 10 | 1:a 2:x 3:b        | none",
                "4 and frees what follows             | a b !x | 10 | 1:a 2:x 3:a 4:b    | 3 4",
                "4 one before the start does nothing  | a b !x | 10 | 1:x 2:a 3:b        | 2 3",
                "4 nor one at the start               | a b !x | 10 | 2:a 2:x 3:b        | 2 3",
                "4 nor one after completion           | a b !x | 10 | 1:a 2:b 3:x        | 1 2",
                "4 nor one at completion              | a b !x | 10 | 1:a 2:b 2:x        | 1 2",
                "4 at exactly the deadline it does    | a b !x | 10 | 1:a 11:x           | none",
                "4 past the deadline it does not      | a b !x | 10 | 1:a 12:x           | 1 -",
                "4 the instant of the exclusion is spent | a b !x | 10 | 1:a 2:x 2:a 3:b | none",
                // Rule 5
                "5 one event, one step                | a a   | 10 | 1:a                 | 1 -",
                "5 two events, two steps              | a a   | 10 | 1:a 2:a             | 1 2",
                "5 one event for two conditions       | a b c | 10 | 1:ab 2:bc           | 1 2 -",
                // Rule 6
                "6 further openers join               | a b   | 10 | 1:a 2:a 3:a 4:b 5:b | 1 4",
                "6 also when it will not complete     | a b   | 10 | 1:a 5:a 9:a         | 1 -",
                // Rule 7 and 8
                "7 complete: the next opens again     | a b   | 10 | 1:a 2:b 3:a 4:b     | 1 2 / 3 4",
                "7 past its limit it closes           | a b   | 10 | 1:a 12:a 13:b       | 1 - / 12 13",
                "7 at its limit it is open still      | a b   | 10 | 1:a 11:a 12:b       | 1 -",
                "8 an instant touches one attempt     | a b   | 10 | 1:a 2:b 2:a 3:b     | 1 2",
                "8 also where one event does both     | a b   | 10 | 1:a 2:ab 3:b        | 1 2",
                // Ties
                "tie: step order, not id order        | a b c | 10 | 1:c#1 1:b#2 1:a#3   | 1 1 1",
                "tie: whatever the ids                | a b c | 10 | 1:a#1 1:c#2 1:b#3   | 1 1 1",
                "tie: in the middle                   | a b c | 10 | 1:a 5:c#1 5:b#2     | 1 5 5",
                "tie: an optional step is not passed over | a b? c | 10 | 1:a 5:c#1 5:b#2 | 1 5 5",
                "tie: one event still serves one step | a b c | 10 | 1:a 5:bc#1 5:b#2    | 1 5 -",
            })
    void aRule(String rule, String funnel, long within, String events, String attempts) {
        assertThat(text(walk(Playbooks.funnel("f", funnel, within, List.of("channel")), events)))
                .as(rule)
                .isEqualTo(attempts);
    }

    @Test
    void atOneInstantTheLowestIdOpensAndGivesTheValues() {
        Funnel first = Playbooks.funnel("f", "a b", 10, List.of("channel"));
        assertThat(walk(first, "5:a=mail#2 5:a=ads#1 6:b=seo").get(0).values()).containsExactly("ads");
    }

    @Test
    void theCohortIsThatOfTheOpeningEventOrOnRequestOfTheLast() {
        Funnel first = Playbooks.funnel("f", "a b c", 10, List.of("channel"));
        Funnel last = Playbooks.funnel("f", "a b c last", 10, List.of("channel"));
        String events = "1:a=ads 2:b=mail 3:z=seo";
        assertThat(walk(first, events).get(0).values()).containsExactly("ads");
        assertThat(walk(last, events).get(0).values()).containsExactly("mail");
        assertThat(walk(first, "1:a").get(0).values()).containsExactly("(unknown)");
    }

    @Test
    void theWalkAgreesWithARecount() {
        Seeds.hold(4_000, random -> {
            Funnel funnel = draw(random);
            List<Observation> facts = facts(random, funnel);
            assertThat(walk(funnel, facts))
                    .as("%s of %s", facts, funnel.steps())
                    .isEqualTo(recount(funnel, facts));
        });
    }

    private static Funnel draw(Random random) {
        StringBuilder text = new StringBuilder("a");
        int steps = 2 + random.nextInt(3);
        boolean any = random.nextInt(4) == 0;
        for (int s = 1; s < steps; s++) {
            // A condition may stand twice, and serve as an exclusion too.
            text.append(' ').append((char) ('a' + random.nextInt(4)));
            text.append(!any && random.nextInt(4) == 0 ? "?" : "");
            text.append(!any && random.nextInt(4) == 0 ? "<" + random.nextInt(6) : "");
        }
        text.append(random.nextInt(3) == 0 ? " !x" : "");
        text.append(random.nextInt(6) == 0 ? " !d" : "");
        text.append(any ? " any" : random.nextInt(4) == 0 ? " strict" : "");
        text.append(random.nextBoolean() ? " last" : "");
        return Playbooks.funnel("f", text.toString(), 1 + random.nextInt(20), List.of("channel"));
    }

    private static List<Observation> facts(Random random, Funnel funnel) {
        StringBuilder text = new StringBuilder();
        int n = random.nextInt(14);
        int span = 1 + random.nextInt(40);
        for (int i = 0; i < n; i++) {
            text.append(i == 0 ? "" : " ").append(random.nextInt(span)).append(':');
            text.append("abcdxz".charAt(random.nextInt(6)));
            text.append(random.nextInt(4) == 0 ? "abcdx".charAt(random.nextInt(5)) : "");
            text.append(random.nextBoolean() ? "=v" + i : "");
            text.append("#").append((char) ('A' + random.nextInt(26))).append(i);
        }
        return Observations.of(funnel, text.toString());
    }

    /** Attempt after attempt, step after step: looks for the earliest event that will do, in the whole list each time. */
    private static List<Path> recount(Funnel funnel, List<Observation> facts) {
        FunnelPlan plan =
                new FunnelPlan(funnel, FunnelInputs.conditions(List.of(funnel)), FunnelInputs.fields(List.of(funnel)));
        List<Path> attempts = new ArrayList<>();
        long spent = -1;
        while (true) {
            Observation opener = earliest(plan, facts, 0, spent + 1, Long.MAX_VALUE, Set.of());
            if (opener == null) {
                return attempts;
            }
            long deadline = opener.at + plan.withinMillis;
            Long[] times = new Long[plan.size()];
            Arrays.fill(times, -1L);
            times[0] = opener.at;
            Set<Observation> used = new HashSet<>(List.of(opener));
            Observation latest = opener;
            for (int last = 0; last >= 0; ) {
                Observation best = null;
                int step = -1;
                for (int s : candidates(funnel, times, last)) {
                    boolean any = funnel.order() == Funnel.Order.ANY;
                    long from = any ? opener.at : times[last];
                    long to = any ? deadline : Math.min(deadline, from + plan.stepWithinMillis[s]);
                    Observation found = earliest(plan, facts, s, from, to, used);
                    if (found != null && (best == null || found.at < best.at)) {
                        best = found;
                        step = s;
                    }
                }
                if (best == null
                        || (funnel.order() == Funnel.Order.STRICT
                                && brokenBefore(plan, facts, opener, best.at, used))) {
                    break;
                }
                times[step] = best.at;
                used.add(best);
                latest = best;
                last = step;
            }
            boolean complete = funnel.order() == Funnel.Order.ANY
                    ? Arrays.stream(times).noneMatch(t -> t < 0)
                    : times[plan.size() - 1] >= 0;
            long end = complete ? latest.at : deadline;
            long closes = complete ? end - 1 : end;
            Observation exclusion = facts.stream()
                    .filter(o -> Arrays.stream(plan.exclude).anyMatch(o::holds) && o.at > opener.at && o.at <= closes)
                    .findFirst()
                    .orElse(null);
            if (exclusion != null) {
                spent = exclusion.at;
                continue;
            }
            spent = end;
            List<Long> reached = new ArrayList<>(List.of(times));
            if (funnel.order() == Funnel.Order.ANY) {
                reached.sort((a, b) -> Long.compareUnsigned(a, b));
            }
            String value = (funnel.breakdownFrom() == Funnel.From.LAST ? latest : opener).values[1];
            attempts.add(new Path(opener.at, reached, List.of(value == null ? "(unknown)" : value)));
        }
    }

    /** The steps that may be next: all not reached, or those up to the next that is not optional. */
    private static List<Integer> candidates(Funnel funnel, Long[] times, int last) {
        List<Integer> candidates = new ArrayList<>();
        for (int s = 1; s < times.length; s++) {
            if (funnel.order() == Funnel.Order.ANY ? times[s] < 0 : s > last) {
                candidates.add(s);
                if (funnel.order() != Funnel.Order.ANY && !funnel.steps().get(s).optional()) {
                    break;
                }
            }
        }
        return candidates;
    }

    /** Whether the funnel matches an event before this instant that served no step. */
    private static boolean brokenBefore(
            FunnelPlan plan, List<Observation> facts, Observation opener, long at, Set<Observation> used) {
        return facts.stream().anyMatch(o -> o.at >= opener.at && o.at < at && plan.matches(o) && !used.contains(o));
    }

    private static @org.jspecify.annotations.Nullable Observation earliest(
            FunnelPlan plan, List<Observation> facts, int step, long from, long to, Set<Observation> used) {
        return facts.stream()
                .filter(o -> o.at >= from && o.at <= to && o.holds(plan.steps[step]) && !used.contains(o))
                .findFirst()
                .orElse(null);
    }

    private static List<Path> walk(Funnel funnel, String events) {
        return walk(funnel, Observations.of(funnel, events));
    }

    private static List<Path> walk(Funnel funnel, List<Observation> facts) {
        FunnelPlan plan =
                new FunnelPlan(funnel, FunnelInputs.conditions(List.of(funnel)), FunnelInputs.fields(List.of(funnel)));
        Walk walk = new Walk(plan, Facts.of(new FunnelMachine(Playbooks.of(List.of(), List.of(funnel))), facts));
        List<Path> paths = new ArrayList<>();
        while (walk.next()) {
            List<Long> reachedAt = Arrays.stream(walk.reachedAt()).boxed().toList();
            paths.add(new Path(walk.startedAt(), reachedAt, plan.values(Arrays.asList(plan.split(walk.source())))));
        }
        return paths;
    }

    private static String text(List<Path> paths) {
        return paths.isEmpty()
                ? "none"
                : paths.stream()
                        .map(path -> path.reachedAt().stream()
                                .map(time -> time < 0 ? "-" : time.toString())
                                .collect(Collectors.joining(" ")))
                        .collect(Collectors.joining(" / "));
    }
}
