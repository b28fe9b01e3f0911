package dev.weir.cycletime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the changes of one deal mean, as cases of {@link Changes} and as laws over drawn ones. */
class DealMachineTest {
    private static final long END = 1_000;
    private static final Playbook ONE = Playbooks.of(
            List.of(Playbooks.pipeline(
                    "a", "lead>30 demo>20 offer won+ lost- | properties.segment owner_id", 50, Grain.DAY)),
            List.of());
    private static final Playbook TWO = Playbooks.of(
            List.of(
                    Playbooks.pipeline(
                            "a", "lead>30 demo>20 offer won+ lost- | properties.segment owner_id", 50, Grain.DAY),
                    Playbooks.pipeline("b", "trial lead sold+ lost- offer", 70, Grain.DAY)),
            List.of());

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "straight on          | 0:lead 5:demo 9:won          | lead 0-5 advanced, demo 5-9 won         | won",
                "still there          | 0:lead 5:demo                | lead 0-5 advanced, demo 5-              | open",
                "a skip counts        | 0:lead 5:offer               | lead 0-5 advanced, offer 5-             | open",
                "a return             | 0:offer 5:lead               | offer 0-5 returned, lead 5-             | open",
                "a re-entry is a new visit | 0:lead 5:demo 7:lead 9:demo | lead 0-5 advanced, demo 5-7 returned, lead 7-9 advanced, demo 9- | open",
                "the same stage again is none | 0:lead 5:lead 9:demo | lead 0-9 advanced, demo 9-              | open",
                "a patch moves nothing | 0:lead 5:.owner=ana 9:demo  | lead 0-9 advanced, demo 9-              | open",
                "lost                 | 0:lead 5:lost                | lead 0-5 lost                           | lost",
                "an outcome has no visit | 0:won                     | none                                    | won",
                "reopened             | 0:lead 5:lost 8:demo 9:won   | lead 0-5 lost, demo 8-9 won             | won",
                "reopened where it was | 0:lead 5:lost 8:lead        | lead 0-5 lost, lead 8-                  | open",
                "won after lost       | 0:lead 5:lost 8:won          | lead 0-5 lost                           | won",
                "before history       | 0:. 5:lead                   | (before history) 0-5 advanced, lead 5-  | open",
                "no stage ever        | 0:. 5:.owner=ana             | (before history) 0-                     | open",
                "before history, won at once | 0:. 5:won             | (before history) 0-5 won                | won",
                "a first stage in the first instant | 0:.#1 0:lead#2 5:won | lead 0-5 won                      | won",
                "deleted              | 0:lead 5:.deleted            | lead 0-5 deleted                        | deleted",
                "deleted and restored | 0:lead 5:.deleted 8:.restored 9:won | lead 0-5 deleted, lead 8-9 won   | won",
                "restored as it was closed | 0:lead 2:won 5:.deleted 8:.restored | lead 0-2 won            | won",
                "moved while it was gone | 0:lead 5:.deleted 6:demo 8:.restored | lead 0-5 deleted, demo 8- | open",
                "deleted twice        | 0:lead 5:.deleted 6:.deleted 7:.restored | lead 0-5 deleted, lead 7- | open",
                "restored that was there | 0:lead 5:.restored 9:won  | lead 0-9 won                            | won",
                "merged               | 0:lead 5:.merged             | lead 0-5 merged                         | merged",
                "a stage unknown      | 0:lead 5:x 9:won             | 'lead 0-5 advanced, (unknown: x) 5-9 won' | won",
                "unknown to unknown   | 0:x 5:y 7:y 9:won            | '(unknown: x) 0-5 advanced, (unknown: y) 5-9 won' | won",
                // One instant is a set
                "three stages at once | 0:offer#3 0:lead#1 0:demo#2 5:won | lead 0-0 advanced, demo 0-0 advanced, offer 0-5 won | won",
                "in another id order  | 0:offer#1 0:lead#3 0:demo#2 5:won | lead 0-0 advanced, demo 0-0 advanced, offer 0-5 won | won",
                "in a third           | 0:offer#2 0:lead#1 0:demo#3 5:won | lead 0-0 advanced, demo 0-0 advanced, offer 0-5 won | won",
                "an outcome comes last | 0:lead 5:won#1 5:demo#2     | lead 0-5 advanced, demo 5-5 won         | won",
                "of two outcomes the later in the playbook | 0:lead 5:lost#1 5:won#2 | lead 0-5 won         | lost",
                "deleted after it moved | 0:lead 5:.deleted#1 5:demo#2 | lead 0-5 advanced, demo 5-5 deleted  | deleted",
            })
    void visits(String rule, String changes, String visits, String status) {
        InMemory<DealChange, DealChange> machine = run(ONE, Changes.of(changes), END);
        assertThat(visits(machine)).as(rule).isEqualTo(visits);
        assertThat(deal(machine, "status")).as(rule).isEqualTo(status);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "moved with a stage     | 0:lead@a 5:trial@b 9:sold | a lead 0-5 moved_pipeline, b trial 5-9 won",
                "moved with its stage   | 0:lead@a 5:@b 9:sold      | a lead 0-5 moved_pipeline, b lead 5-9 won",
                "moved to an outcome    | 0:lead@a 5:sold@b         | a lead 0-5 moved_pipeline",
                "its stage is not there | 0:demo@a 5:@b 9:sold      | 'a demo 0-5 moved_pipeline, b (unknown: demo) 5-9 won'",
                "no such pipeline       | 0:lead@a 5:lead@c 9:won@a | 'a lead 0-5 moved_pipeline, c (unknown: lead) 5-9 moved_pipeline'",
                "unknown here and there | 0:x@a 5:x@b 9:sold@b      | 'a (unknown: x) 0-5 moved_pipeline, b (unknown: x) 5-9 won'",
                "closed and moved       | 0:lead@a 5:won 7:@b       | a lead 0-5 won",
                "closed, moved, deleted, restored | 0:lead@a 5:won 7:@b 8:.deleted 9:.restored | a lead 0-5 won",
                // lost of a and offer of b have the same place in the orders of their pipelines.
                "closed in one, open in the other | 0:lead@a 6:lost 7:offer@b | a lead 0-6 lost, b offer 7-",
                "moved before any stage | 0:@a 5:@b 9:lead | 'a (before history) 0-5 moved_pipeline, b (before history) 5-9 advanced, b lead 9-'",
                "two pipelines in the first instant | 0:@a#1 0:@b#2 9:lead | 'b (before history) 0-9 advanced, b lead 9-'",
                "an outcome known by the pipeline that comes late | 0:won 5:@a | 'a (unknown: won) 0-5 won'",
                "the pipeline comes late | 0:lead 5:@a 9:won        | a lead 0-9 won",
                "and to the same stage  | 0:lead 5:lead@a 9:won     | a lead 0-9 won",
                "the pipeline is cleared and set again | 0:lead@a 5:.cleared=pipeline 7:@b 9:sold | a lead 0-7 moved_pipeline, b lead 7-9 won",
            })
    void moves(String rule, String changes, String visits) {
        InMemory<DealChange, DealChange> machine = run(TWO, Changes.of(changes), END);
        assertThat(visitsWithPipeline(machine)).as(rule).isEqualTo(visits);
    }

    @Test
    void aVisitKeepsTheValuesItsDealHadAtEntry() {
        InMemory<DealChange, DealChange> machine =
                run(ONE, Changes.of("0:.segment=smb 0:lead#z 5:.owner=ana 7:demo 9:.owner=bob"), END);
        assertThat(column(machine, DealTables.STAGE_VISIT, "breakdowns"))
                .containsExactly(
                        "{\"owner_id\":\"(unknown)\",\"properties.segment\":\"smb\"}",
                        "{\"owner_id\":\"ana\",\"properties.segment\":\"smb\"}");
        assertThat(deal(machine, "owner_id")).isEqualTo("bob");
    }

    @Test
    void aCloseMovedToALaterMonthIsAPush() {
        String early =
                "0:lead 1:.close=2026-01-31 2:.close=2026-02-01 3:.close=2026-02-28 4:.close=2026-01-15 5:.close=2027-01-01";
        assertThat(deal(run(ONE, Changes.of(early), END), "push_count")).isEqualTo("2");
    }

    @Test
    void anAmendmentThatComesLateIsInEveryRowFromItsTimeOn() {
        InMemory<DealChange, DealChange> machine = run(ONE, Changes.of("0:lead 7:demo 9:won"), END);
        machine.comes("d", Changes.of("5:.amount=12.5#late").get(0));
        assertThat(column(machine, DealTables.STAGE_VISIT, "amount_reporting")).containsExactly("null", "12.5000");
        assertThat(deal(machine, "amount")).isEqualTo("12.5000");
    }

    @Test
    void aDealThatStaysTooLongIsStalledAndOneThatMovedWasNot() {
        InMemory<DealChange, DealChange> machine = new InMemory<>(new DealMachine(ONE), tables());
        machine.comes("d", Changes.of("0:lead").get(0));
        machine.watermark(30);
        assertThat(deal(machine, "stalled_since"))
                .as("at exactly that age not yet")
                .isEqualTo("null");
        machine.watermark(31);
        assertThat(deal(machine, "stalled_since"))
                .isEqualTo(Instant.ofEpochMilli(30).toString());
        assertThat(signals(machine)).hasSize(1);
        machine.comes("d", Changes.of("25:demo#late").get(0));
        assertThat(signals(machine)).as("it had moved").isEmpty();
        assertThat(deal(machine, "stalled_since")).isEqualTo("null");
        machine.watermark(46);
        assertThat(signals(machine)).as("and then stayed too long there").hasSize(1);
    }

    @Test
    void anyOrderAnyDuplicationAndAnyTimeEndInTheSameAnswer() {
        Seeds.hold(random -> {
            Playbook playbook = random.nextBoolean() ? ONE : TWO;
            List<DealChange> changes = draw(random, 40, playbook.equals(TWO));
            List<DealChange> told = new ArrayList<>(changes);
            for (int again = random.nextInt(5); again > 0; again--) {
                told.add(changes.get(random.nextInt(changes.size())));
            }
            Collections.shuffle(told, random);
            InMemory<DealChange, DealChange> machine = new InMemory<>(new DealMachine(playbook), tables());
            for (DealChange change : told) {
                if (random.nextInt(3) == 0) {
                    machine.watermark(random.nextInt(80));
                }
                machine.comes("d", change);
            }
            machine.watermark(END);
            assertThat(machine.standing()).isEqualTo(run(playbook, changes, END).standing());
        });
    }

    @Test
    void idsDecideNothingAmongStagesOfOneInstant() {
        Seeds.hold(random -> {
            StringBuilder text = new StringBuilder();
            List<Integer> ids = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
            StringBuilder other = new StringBuilder();
            List<Integer> otherIds = new ArrayList<>(ids);
            Collections.shuffle(otherIds, random);
            for (int i = 0; i < 9; i++) {
                String word = random.nextInt(4) + ":"
                        + List.of("lead", "demo", "offer", "won", "lost").get(random.nextInt(5));
                text.append(i == 0 ? "" : " ").append(word).append('#').append(ids.get(i));
                other.append(i == 0 ? "" : " ").append(word).append('#').append(otherIds.get(i));
            }
            assertThat(visits(run(ONE, Changes.of(other.toString()), END)))
                    .isEqualTo(visits(run(ONE, Changes.of(text.toString()), END)));
        });
    }

    /** Tiling: at every moment a deal is in one visit if it is open then, in none if it is closed or gone. */
    @Test
    void visitsTileTheLifeOfADeal() {
        Seeds.hold(random -> {
            Playbook playbook = random.nextBoolean() ? ONE : TWO;
            List<DealChange> changes = draw(random, 30, playbook.equals(TWO));
            InMemory<DealChange, DealChange> whole = run(playbook, changes, END);
            List<Row> visits = rows(whole, DealTables.STAGE_VISIT);
            visits.sort(Comparator.comparingLong(row -> number(row, "visit_no")));
            long until = Long.MIN_VALUE;
            for (int i = 0; i < visits.size(); i++) {
                assertThat(number(visits.get(i), "visit_no")).isEqualTo(i + 1);
                assertThat(time(visits.get(i), "entered_at")).isGreaterThanOrEqualTo(until);
                until = time(visits.get(i), "exited_at");
                assertThat(until).isGreaterThanOrEqualTo(time(visits.get(i), "entered_at"));
            }
            long created = changes.stream()
                    .mapToLong(c -> c.occurredAt().toEpochMilli())
                    .min()
                    .orElseThrow();
            for (long at = created; at < 32; at++) {
                long now = at;
                if (changes.stream().noneMatch(c -> c.occurredAt().toEpochMilli() == now)) {
                    continue;
                }
                List<DealChange> before = changes.stream()
                        .filter(c -> c.occurredAt().toEpochMilli() <= now)
                        .toList();
                boolean open = deal(run(playbook, before, END), "status").equals("open");
                long holding = visits.stream()
                        .filter(row -> time(row, "entered_at") <= now && now < time(row, "exited_at"))
                        .count();
                assertThat(holding).as("%s at %s: %s", changes, at, visits).isEqualTo(open ? 1 : 0);
            }
        });
    }

    private static List<DealChange> draw(Random random, int span, boolean pipelines) {
        List<String> words = new ArrayList<>();
        for (int i = 1 + random.nextInt(10); i > 0; i--) {
            String stage = List.of("lead", "demo", "offer", "won", "lost", "x", "trial", "sold")
                    .get(random.nextInt(8));
            String pipeline = pipelines && random.nextInt(2) == 0 ? "@" + "aabbc".charAt(random.nextInt(5)) : "";
            String said =
                    switch (random.nextInt(12)) {
                        case 0 -> ".deleted";
                        case 1 -> ".restored";
                        case 2 -> ".merged";
                        case 3 -> ".owner=o" + i;
                        case 4 -> ".segment=s" + i;
                        case 5 -> ".close=2026-0" + (1 + random.nextInt(9)) + "-01";
                        case 6 -> pipelines ? "@" + "aabbc".charAt(random.nextInt(5)) : ".";
                        case 7 -> pipelines ? ".cleared=pipeline" : ".cleared=owner_id";
                        default -> stage + pipeline;
                    };
            words.add(random.nextInt(span) + ":" + said + "#" + (char) ('A' + random.nextInt(26)) + i);
        }
        return Changes.of(String.join(" ", words));
    }

    private static InMemory<DealChange, DealChange> run(Playbook playbook, List<DealChange> changes, long asOf) {
        InMemory<DealChange, DealChange> machine = new InMemory<>(new DealMachine(playbook), tables());
        changes.forEach(change -> machine.comes("d", change));
        machine.watermark(asOf);
        return machine;
    }

    private static Table[] tables() {
        return new Table[] {DealTables.DEAL, DealTables.STAGE_VISIT, Signal.TABLE};
    }

    private static List<Row> rows(InMemory<DealChange, DealChange> machine, Table table) {
        return machine.rows().values().stream()
                .filter(row -> row.table().equals(table.name()))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static List<Row> signals(InMemory<DealChange, DealChange> machine) {
        return rows(machine, Signal.TABLE).stream()
                .filter(row -> row.values()[Signal.TABLE.index("ended_at")] == null)
                .toList();
    }

    private static List<String> column(InMemory<DealChange, DealChange> machine, Table table, String name) {
        return rows(machine, table).stream()
                .map(row -> String.valueOf(row.values()[table.index(name)]))
                .toList();
    }

    private static String deal(InMemory<DealChange, DealChange> machine, String name) {
        return column(machine, DealTables.DEAL, name).get(0);
    }

    private static long number(Row row, String name) {
        return Long.parseLong(visitColumn(row, name));
    }

    private static long time(Row row, String name) {
        String text = visitColumn(row, name);
        return text.equals("null") ? END : Instant.parse(text).toEpochMilli();
    }

    private static String visitColumn(Row row, String name) {
        return String.valueOf(row.values()[DealTables.STAGE_VISIT.index(name)]);
    }

    private static String visits(InMemory<DealChange, DealChange> machine) {
        return text(machine, false);
    }

    private static String visitsWithPipeline(InMemory<DealChange, DealChange> machine) {
        return text(machine, true);
    }

    private static String text(InMemory<DealChange, DealChange> machine, boolean pipeline) {
        List<Row> visits = rows(machine, DealTables.STAGE_VISIT);
        visits.sort(Comparator.comparingLong(row -> number(row, "visit_no")));
        return visits.isEmpty()
                ? "none"
                : visits.stream()
                        .map(row -> (pipeline ? visitColumn(row, "pipeline") + " " : "")
                                + visitColumn(row, "stage") + " " + time(row, "entered_at") + "-"
                                + (visitColumn(row, "exit").equals("null")
                                        ? ""
                                        : time(row, "exited_at") + " " + visitColumn(row, "exit")))
                        .collect(Collectors.joining(", "));
    }
}
