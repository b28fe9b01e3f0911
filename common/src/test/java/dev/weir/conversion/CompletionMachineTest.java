package dev.weir.conversion;

import static dev.weir.conversion.Journeys.column;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.machine.Difference;
import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.playbook.Attribution;
import dev.weir.playbook.Attribution.Model;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Completed funnels as conversions: the machines of attribution behind one that says what was completed. */
class CompletionMachineTest {
    private static final Funnel FUNNEL = Playbooks.funnel("trial", "a b !x", 10, List.of("channel"));
    private static final List<String> CONDITIONS = FunnelInputs.conditions(List.of(FUNNEL));

    private final Ana ana = new Ana("10.01");

    /** One person, and the machines. */
    private static final class Ana {
        private final InMemory<Observation, JourneyPoint> completions;
        private final InMemory<JourneyPoint, JourneyPoint> journeys;
        private final InMemory<JourneyPoint, JourneyPoint> credits;

        Ana(String value) {
            Attribution attribution = new Attribution(
                    "a",
                    "touch",
                    Duration.ofMillis(100),
                    Duration.ofMillis(2),
                    List.of(Model.values()),
                    List.of("ads", "mail"),
                    List.of(),
                    0,
                    List.of(Grain.DAY),
                    List.of(new Attribution.Completion("trial", new BigDecimal(value))));
            Playbook playbook = Playbooks.with(Playbooks.of(List.of(), List.of(FUNNEL)), attribution);
            completions = new InMemory<>(new CompletionMachine(playbook, attribution));
            journeys = new InMemory<>(new JourneyMachine(playbook, attribution));
            credits = new InMemory<>(
                    new CreditMachine(playbook, attribution),
                    AttributionTables.CONVERSION,
                    AttributionTables.TOUCH_CREDIT);
            completions.sends(one -> (Entities.isConversion(one.key) ? credits : journeys).apply(one));
            journeys.sends(credits::apply);
        }

        void observed(boolean comes, String text) {
            for (Observation o : Observations.of(FUNNEL, text)) {
                completions.apply(new Difference<>(Entities.person("ana"), comes, o, null));
            }
        }

        void touched(boolean comes, String id, long at, String channel) {
            JourneyPoint touch = JourneyPoint.of(Journeys.touch(id, at, channel));
            journeys.apply(new Difference<>(Entities.person("ana"), comes, touch, null));
        }

        List<String> rows(String table) {
            return credits.rows().values().stream()
                    .filter(row -> row.table().equals(table))
                    .map(row -> table.equals("conversion")
                            ? column(row, "conversion_id") + " " + column(row, "converted_at") + " "
                                    + column(row, "amount_reporting") + " of " + column(row, "touches")
                            : column(row, "model") + " " + column(row, "channel") + " " + column(row, "credit_minor"))
                    .toList();
        }
    }

    @Test
    void aSmallPathAsDoneByHand() {
        ana.touched(true, "1", 1, "ads");
        ana.touched(true, "2", 3, "mail");
        ana.touched(true, "3", 5, "ads");
        ana.touched(true, "4", 9, "after it");
        ana.observed(true, "2:a 5:b");
        assertThat(ana.rows("conversion")).containsExactly("funnel/trial/ana/1 1970-01-01T00:00:00.005Z 10.0100 of 3");
        // time_decay weighs 1/4, 1/2, 1; shapley gives each channel half, and ads' half to two touches.
        assertThat(ana.rows("touch_credit"))
                .containsExactlyInAnyOrder(
                        "first ads 1001",
                        "first mail 0",
                        "first ads 0",
                        "last ads 0",
                        "last mail 0",
                        "last ads 1001",
                        "linear ads 334",
                        "linear mail 334",
                        "linear ads 333",
                        "position ads 401",
                        "position mail 200",
                        "position ads 400",
                        "time_decay ads 143",
                        "time_decay mail 286",
                        "time_decay ads 572",
                        "shapley ads 250",
                        "shapley mail 501",
                        "shapley ads 250");
    }

    @Test
    void whatIsWorthNothingIsCreditedAllTheSame() {
        Ana free = new Ana("0");
        free.touched(true, "1", 1, "ads");
        free.observed(true, "2:a 5:b");
        assertThat(free.rows("conversion")).containsExactly("funnel/trial/ana/1 1970-01-01T00:00:00.005Z 0.0000 of 1");
        assertThat(free.rows("touch_credit"))
                .contains("first ads 0", "shapley ads 0")
                .hasSize(6);
    }

    @Test
    void withoutTouchesNobodyIsCredited() {
        ana.observed(true, "2:a 5:b");
        assertThat(ana.rows("touch_credit"))
                .contains("linear (unattributed) 1001")
                .hasSize(6);
    }

    @Test
    void whatIsTakenBackIsNoConversion() {
        ana.touched(true, "1", 1, "ads");
        ana.observed(true, "2:a 5:b#b");
        ana.observed(true, "3:x#x");
        assertThat(ana.rows("conversion")).as("excluded late").isEmpty();
        assertThat(ana.rows("touch_credit")).isEmpty();
        ana.observed(false, "3:x#x");
        assertThat(ana.rows("conversion")).hasSize(1);
        ana.observed(true, "0:b#early");
        assertThat(ana.rows("conversion")).hasSize(1);
        ana.observed(false, "5:b#b");
        assertThat(ana.rows("conversion")).as("its last step was retracted").isEmpty();
        assertThat(ana.credits.rows()).isEmpty();
        assertThat(ana.journeys.sent()).isEmpty();
    }

    @Test
    void anAttemptFoundLateMovesTheNumbersOfThoseBehindIt() {
        ana.observed(true, "22:a#3 25:b#4");
        ana.observed(true, "2:a#1 5:b#2");
        assertThat(ana.rows("conversion"))
                .containsExactlyInAnyOrder(
                        "funnel/trial/ana/1 1970-01-01T00:00:00.005Z 10.0100 of 0",
                        "funnel/trial/ana/2 1970-01-01T00:00:00.025Z 10.0100 of 0");
    }

    /** Windows and paths are of won deals. */
    @Test
    void aCompletedFunnelIsInNoWindow() {
        ana.touched(true, "1", 1, "ads");
        Map<String, Object> before = ana.journeys.standing();
        ana.observed(true, "2:a 5:b");
        assertThat(ana.credits.sums()).isEmpty();
        assertThat(ana.journeys.sums()).isEqualTo(before.get("sums"));
    }

    @Test
    void inWhateverOrderTheyComeTheCreditsSumToTheWorth() {
        Seeds.hold(200, random -> {
            List<Runnable> all = new ArrayList<>();
            Ana straight = new Ana("10.01");
            Ana shuffled = new Ana("10.01");
            List<Runnable> again = draw(random, straight, shuffled, all);
            all.forEach(Runnable::run);
            Collections.shuffle(again, random);
            again.forEach(Runnable::run);
            assertThat(shuffled.credits.rows()).isEqualTo(straight.credits.rows());
            assertThat(shuffled.credits.standing()).isEqualTo(straight.credits.standing());
            SortedMap<String, Long> sums = new TreeMap<>();
            for (Row row : straight.credits.rows().values()) {
                if (row.table().equals("touch_credit")) {
                    String of = column(row, "conversion_id") + " " + column(row, "model");
                    sums.merge(of, Long.valueOf(String.valueOf(column(row, "credit_minor"))), Long::sum);
                }
            }
            assertThat(sums.values()).allMatch(sum -> sum == 1001);
            assertThat(sums).hasSize(6 * straight.rows("conversion").size());
        });
    }

    /** What both are told: one in order, the other what is returned, with some of it doubled and some come and gone. */
    private static List<Runnable> draw(Random random, Ana straight, Ana shuffled, List<Runnable> all) {
        List<Runnable> again = new ArrayList<>();
        for (int i = random.nextInt(12); i >= 0; i--) {
            int at = random.nextInt(40);
            String id = "e" + i;
            if (random.nextInt(3) == 0) {
                String channel = random.nextBoolean() ? "ads" : "mail";
                all.add(() -> straight.touched(true, id, at, channel));
                again.add(() -> shuffled.touched(true, id, at, channel));
                continue;
            }
            Observation o =
                    Observations.of(id, at, List.of("a", "b", "a", "b", "x").get(random.nextInt(5)), null, CONDITIONS);
            boolean returns = random.nextInt(4) == 0;
            all.add(() -> straight.completions.comes(Entities.person("ana"), o));
            again.add(() -> {
                shuffled.completions.comes(Entities.person("ana"), o);
                if (returns) {
                    shuffled.completions.leaves(Entities.person("ana"), o);
                    shuffled.completions.comes(Entities.person("ana"), o);
                }
            });
        }
        again.addAll(again.subList(0, again.size() / 2));
        return again;
    }
}
