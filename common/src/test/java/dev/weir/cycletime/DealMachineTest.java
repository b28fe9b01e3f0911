package dev.weir.cycletime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.event.DealResolver;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.machine.Column;
import dev.weir.machine.InMemory;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Sums;
import dev.weir.machine.Table;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Stage;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
                "a skip and a return over two | 0:lead 2:offer 5:lead 9:won | lead 0-2 advanced, offer 2-5 returned, lead 5-9 won | won",
                "reopened twice       | 0:lead 2:lost 4:demo 6:won 8:offer | lead 0-2 lost, demo 4-6 won, offer 8-   | open",
                "reopened and deleted | 0:lead 2:lost 4:demo 6:.deleted     | lead 0-2 lost, demo 4-6 deleted         | deleted",
                "from unknown back to known | 0:demo 5:x 7:lead        | 'demo 0-5 advanced, (unknown: x) 5-7 advanced, lead 7-' | open",
                "a meeting is no move | 0:lead 3:! 5:demo              | lead 0-5 advanced, demo 5-              | open",
                "a meeting before the deal | 0:! 5:lead 9:won          | lead 5-9 won                            | won",
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

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "an unmapped stage waits under its id   | lead offer won+         | 'lead 0-5 advanced, (unknown: demo) 5-8 advanced, offer 8-9 won'",
                "and heals once the playbook maps it    | lead sql=demo offer won+ | lead 0-5 advanced, sql 5-8 advanced, offer 8-9 won",
                "a new name, the old one an alias       | new=lead demo offer won+ | new 0-5 advanced, demo 5-8 advanced, offer 8-9 won",
                "in another order it is a return        | demo lead offer won+     | lead 0-5 returned, demo 5-8 advanced, offer 8-9 won",
                "an unmapped outcome is no outcome      | lead demo offer          | 'lead 0-5 advanced, demo 5-8 advanced, offer 8-9 advanced, (unknown: won) 9-'",
            })
    void thePlaybookSaysWhatAStageIs(String rule, String stages, String visits) {
        Playbook playbook = Playbooks.of(List.of(Playbooks.pipeline("a", stages, 50, Grain.DAY)), List.of());
        assertThat(visits(run(playbook, Changes.of("0:lead 5:demo 8:offer 9:won"), END)))
                .as(rule)
                .isEqualTo(visits);
    }

    /** lead allows 30, demo 20; standstills as since-until. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "at exactly that age not yet      | 0:lead             | 30  | none         | null",
                "strictly longer                  | 0:lead             | 31  | 30-          | 30",
                "moved in time                    | 0:lead 30:demo     | 50  | none         | null",
                "moved too late                   | 0:lead 31:demo     | 51  | 30-31        | null",
                "and stays there too              | 0:lead 31:demo     | 52  | 30-31, 51-   | 51",
                "a meeting begins it anew         | 0:lead 20:!        | 50  | none         | null",
                "but for as long only             | 0:lead 20:!        | 51  | 50-          | 50",
                "a meeting lifts it               | 0:lead 40:!        | 60  | 30-40        | null",
                "and it may come again            | 0:lead 40:!        | 71  | 30-40, 70-   | 70",
                "a meeting at the very limit      | 0:lead 30:!        | 60  | none         | null",
                "a meeting as it enters           | 0:lead 0:!         | 31  | 30-          | 30",
                "a meeting before it enters       | 0:demo 15:! 18:lead | 48 | none         | null",
                "a meeting in the stage before is none | 0:lead 5:! 10:demo | 31 | 30-        | 30",
                "another field moves nothing      | 0:lead 20:.owner=ana | 31 | 30-         | 30",
                "the same stage again moves nothing | 0:lead 20:lead   | 31  | 30-          | 30",
                "it cannot stall once closed      | 0:lead 10:won      | 99  | none         | null",
                "nor before it is reopened        | 0:lead 10:won 60:demo | 81 | 80-        | 80",
                "nor while it is gone             | 0:lead 10:.deleted | 99  | none         | null",
                "it ends when it is deleted       | 0:lead 40:.deleted | 99  | 30-40        | null",
                "a stage without a limit          | 0:offer            | 99  | none         | null",
                "a stage unknown                  | 0:x                | 99  | none         | null",
            })
    void standstills(String rule, String changes, long asOf, String standstills, String since) {
        InMemory<DealChange, DealChange> machine = run(ONE, Changes.of(changes), asOf);
        assertThat(standstills(machine)).as(rule).isEqualTo(standstills);
        assertThat(deal(machine, "stalled_since"))
                .as(rule)
                .isEqualTo(
                        since.equals("null")
                                ? since
                                : Instant.ofEpochMilli(Long.parseLong(since)).toString());
    }

    /** Learned from the second of January 1970 on: three hours. */
    @Test
    void aLearnedLimitHoldsForDealsThatFallQuietFromItsDayOn() {
        Playbook playbook =
                Playbooks.of(List.of(Playbooks.pipeline("a", "lead~10800000 won+", 50, Grain.DAY)), List.of());
        long day = 86_400_000;
        long later = day + 10_800_000;
        assertThat(standstills(run(playbook, Changes.of((day - 1) + ":lead"), 9 * day)))
                .isEqualTo("none");
        InMemory<DealChange, DealChange> held = run(playbook, Changes.of(day + ":lead"), later + 1);
        assertThat(standstills(held)).isEqualTo(later + "-");
        assertThat(rows(held, Signal.TABLE).get(0).values()[Signal.TABLE.index("evidence")])
                .contains("\"learned\":true");
        // A meeting on its day begins a quiet time of its own.
        assertThat(standstills(run(playbook, Changes.of("0:lead " + day + ":!"), 9 * day)))
                .isEqualTo(later + "-");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "none was published                | 0:offer       |                  | none",
                "one holds from its time on        | 10:offer      | 10:offer=20      | 30-",
                "not for who fell quiet before     | 9:offer       | 10:offer=20      | none",
                "but once there was a meeting      | 9:offer 10:!  | 10:offer=20      | 30-",
                "the newest of that time           | 10:offer      | 0:offer=20 10:offer=40 11:offer=10 | 50-",
                "each quiet time has its own       | 0:offer 15:!  | 0:offer=10 15:offer=20 | '10-15, 35-'",
                "by an alias too                   | 0:offer       | 0:bid=20         | 20-",
                "of another stage                  | 0:offer       | 0:demo=20        | none",
                "a limit of the playbook goes before | 0:lead      | 0:lead=5         | 30-",
            })
    void publishedLimits(String rule, String changes, @Nullable String published, String standstills) {
        Playbook playbook =
                Playbooks.of(List.of(Playbooks.pipeline("a", "lead>30 demo offer=bid won+", 50, Grain.DAY)), List.of());
        InMemory<DealChange, DealChange> machine = run(playbook, Changes.of(changes), 99);
        machine.learns(limits(published));
        assertThat(standstills(machine)).as(rule).isEqualTo(standstills);
    }

    /** {@code 5:offer=20}: from 5 ms on deals in offer may stand still for 20 ms. */
    private static List<DealChange> limits(@Nullable String text) {
        List<DealChange> limits = new ArrayList<>();
        for (String word : text == null ? new String[0] : text.split(" +", -1)) {
            String[] parts = word.split("[:=]", -1);
            String length = Duration.ofMillis(Long.parseLong(parts[2])).toString();
            limits.add(DealChange.limit(
                    word,
                    Instant.ofEpochMilli(Long.parseLong(parts[0])),
                    "a",
                    parts[1],
                    Map.of(EntityChange.STALLED_AFTER, length)));
        }
        limits.sort(Comparator.comparing(DealChange::occurredAt).thenComparing(DealChange::eventId));
        return limits;
    }

    @Test
    void whenALimitBecomesKnownOrIsTakenBackDoesNotMatter() {
        Seeds.hold(random -> {
            List<DealChange> changes = draw(random, 40, false);
            InMemory<DealChange, DealChange> machine = new InMemory<>(new DealMachine(ONE), tables());
            List<DealChange> known = List.of();
            for (DealChange change : changes) {
                machine.comes("d", change);
                if (random.nextInt(3) == 0) {
                    machine.watermark(random.nextInt(80));
                }
                if (random.nextInt(3) == 0) {
                    known = drawnLimits(random);
                    machine.learns(known);
                }
            }
            machine.watermark(END);
            InMemory<DealChange, DealChange> knew = new InMemory<>(new DealMachine(ONE).knowing(known), tables());
            changes.forEach(change -> knew.comes("d", change));
            knew.watermark(END);
            assertThat(machine.standing()).isEqualTo(knew.standing());
            List<DealChange> more = new ArrayList<>(known);
            more.addAll(limits("41:offer=1"));
            machine.learns(more);
            assertThat(machine.standing()).as("nothing happened after it").isEqualTo(knew.standing());
        });
    }

    private static List<DealChange> drawnLimits(Random random) {
        StringBuilder text = new StringBuilder("0:lead=1");
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(' ').append(random.nextInt(40)).append(":offer=").append(1 + random.nextInt(30));
        }
        return limits(text.toString());
    }

    /** Eight working hours from Friday 15:00 end on Monday at 15:00; the next working instant exceeds them. */
    @Test
    void aLimitInWorkingTimeWaitsForWorkingTime() {
        Playbook playbook = Playbooks.of(
                List.of(Playbooks.pipeline("a", "lead>>28800000 demo>>28800000 won+", 50, Grain.DAY)), List.of());
        long friday = Instant.parse("2026-01-09T15:00:00Z").toEpochMilli();
        long monday = Instant.parse("2026-01-12T15:00:00Z").toEpochMilli();
        List<DealChange> lead = Changes.of(friday + ":lead");
        assertThat(standstills(run(playbook, lead, monday))).isEqualTo("none");
        assertThat(standstills(run(playbook, lead, monday + 1))).isEqualTo(monday + "-");
        // A whole working day from its start ends at the close; it is exceeded the next morning.
        long morning = Instant.parse("2026-01-12T09:00:00Z").toEpochMilli();
        long next = Instant.parse("2026-01-13T09:00:00Z").toEpochMilli();
        assertThat(standstills(run(playbook, Changes.of(morning + ":lead " + next + ":demo"), next + 9)))
                .isEqualTo("none");
        InMemory<DealChange, DealChange> late = run(playbook, Changes.of(morning + ":lead"), next + 1);
        assertThat(standstills(late)).isEqualTo(next + "-");
        assertThat(rows(late, Signal.TABLE).get(0).values()[Signal.TABLE.index("evidence")])
                .contains("\"allowed\":\"1 business day\"");
    }

    @Test
    void aVisitSaysItsWorkingTime() {
        long friday = Instant.parse("2026-01-09T15:00:00Z").toEpochMilli();
        InMemory<DealChange, DealChange> machine =
                run(ONE, Changes.of(friday + ":lead " + (friday + 3 * 86_400_000) + ":demo"), friday + 3 * 86_400_000);
        assertThat(column(machine, DealTables.STAGE_VISIT, "business_seconds")).containsExactly("28800.0", "null");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "each change is a chapter         | 0:lead 5:demo 9:won | 9 | 0-5 lead open, 5-9 demo open, 9- won won",
                "one instant is one               | 0:lead 5:demo 5:.owner=ana | 9 | 0-5 lead open, 5- demo open",
                "what changes nothing is none     | 0:lead 5:lead 7:! 8:.amount=1 9:.amount=1.0 | 9 | 0-8 lead open, 8- lead open",
                "a standstill is one              | 0:lead 40:demo | 60 | 0-31 lead open, 31-40 lead open stalled, 40- demo open",
                "a meeting ends it                | 0:lead 40:! 50:.owner=ana | 60 | '0-31 lead open, 31-40 lead open stalled, 40-50 lead open, 50- lead open'",
                "one of no length is none         | 0:lead 31:! 40:.owner=ana | 41 | '0-40 lead open, 40- lead open'",
                "it goes on over a change         | 0:lead 40:.owner=ana | 60 | 0-31 lead open, 31-40 lead open stalled, 40- lead open stalled",
                "gone and back                    | 0:lead 5:.deleted 7:.restored | 9 | 0-5 lead open, 5-7 lead deleted, 7- lead open",
            })
    void history(String rule, String changes, long asOf, String chapters) {
        assertThat(chapters(run(ONE, Changes.of(changes), asOf))).as(rule).isEqualTo(chapters);
    }

    @Test
    void aStageUnderAnotherAliasIsNoOtherChapter() {
        Pipeline pipeline = Playbooks.pipeline("a", "lead won+", 50);
        Stage lead = pipeline.stages().get(0);
        Stage named = new Stage(
                lead.name(),
                "1001",
                List.of("mql"),
                lead.label(),
                null,
                List.of(),
                null,
                lead.maturesAfter(),
                false,
                List.of(),
                false);
        Playbook playbook = Playbooks.of(
                List.of(new Pipeline(
                        "a",
                        pipeline.definition(),
                        List.of(named, pipeline.stages().get(1)),
                        List.of(),
                        List.of())),
                List.of());
        assertThat(chapters(run(playbook, Changes.of("0:1001 5:mql 7:lead 9:won"), 20)))
                .isEqualTo("0-9 lead open, 9- won won");
    }

    /** As of any instant the history says what the deal's row said then. */
    @Test
    void theHistorySaysWhatTheDealWasAtEachInstant() {
        Seeds.hold(100, random -> {
            Playbook playbook = random.nextBoolean() ? ONE : TWO;
            List<DealChange> changes = draw(random, 60, playbook.equals(TWO));
            List<Row> history = rows(run(playbook, changes, END), DealTables.DEAL_HISTORY);
            for (long at = 0; at < 120; at += 1 + random.nextInt(4)) {
                long now = at;
                List<DealChange> before = changes.stream()
                        .filter(c -> c.occurredAt().toEpochMilli() <= now)
                        .toList();
                InMemory<DealChange, DealChange> then = run(playbook, before, now);
                List<Row> chapters = history.stream()
                        .filter(row -> millis(row, "valid_from", 0) <= now && now < millis(row, "valid_to", END))
                        .toList();
                if (rows(then, DealTables.DEAL).isEmpty()) {
                    assertThat(chapters).isEmpty();
                    continue;
                }
                assertThat(chapters).as("%s at %s: %s", changes, now, history).hasSize(1);
                for (String column : DealTables.DEAL_HISTORY.measures().stream()
                        .map(Column::name)
                        .filter(name -> !name.equals("valid_to"))
                        .toList()) {
                    assertThat(String.valueOf(chapters.get(0).values()[DealTables.DEAL_HISTORY.index(column)]))
                            .as("%s of %s at %s", column, changes, now)
                            .isEqualTo(deal(then, column));
                }
            }
        });
    }

    @Test
    void visitsAreAsLongAsTheTimeInWhichTheDealWasOpen() {
        Seeds.hold(random -> {
            Playbook playbook = random.nextBoolean() ? ONE : TWO;
            InMemory<DealChange, DealChange> machine = run(playbook, draw(random, 40, playbook.equals(TWO)), END);
            long open = rows(machine, DealTables.DEAL_HISTORY).stream()
                    .filter(row -> String.valueOf(row.values()[DealTables.DEAL_HISTORY.index("status")])
                            .equals("open"))
                    .mapToLong(row -> millis(row, "valid_to", END) - millis(row, "valid_from", 0))
                    .sum();
            assertThat(rows(machine, DealTables.STAGE_VISIT).stream()
                            .mapToLong(row -> time(row, "exited_at") - time(row, "entered_at"))
                            .sum())
                    .isEqualTo(open);
        });
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
    void aVisitThatEndsAsItsPipelineBecomesKnownIsSplitByThatPipelinesFields() {
        InMemory<DealChange, DealChange> machine = run(TWO, Changes.of("0:.segment=smb 0:x#z 5:demo@a"), END);
        assertThat(column(machine, DealTables.STAGE_VISIT, "breakdowns"))
                .containsOnly("{\"owner_id\":\"(unknown)\",\"properties.segment\":\"smb\"}")
                .hasSize(2);
    }

    /** Through the resolver, which knows what was retracted. */
    @Test
    void aMeetingThatWasRetractedKeptNoDealAlive() {
        for (boolean first : List.of(true, false)) {
            InMemory<DealChange, DealChange> machine = new InMemory<>(new DealMachine(ONE), tables());
            InMemory<DealChange, DealChange> resolver = new InMemory<>(new DealResolver());
            resolver.sends(machine::apply);
            resolver.comes("d", Changes.of("0:lead").get(0));
            DealChange meeting = DealChange.activity(engagement("m1", 20, "meeting", Map.of()));
            DealChange retracted =
                    DealChange.activity(engagement("r1", 60, Engagement.RETRACTED, Map.of(Engagement.RETRACTS, "m1")));
            resolver.comes("d", first ? retracted : meeting);
            machine.watermark(45);
            assertThat(signals(machine))
                    .as("quiet for 30, or for 25 since the meeting")
                    .hasSize(first ? 1 : 0);
            resolver.comes("d", first ? meeting : retracted);
            assertThat(signals(machine)).hasSize(1);
            assertThat(deal(machine, "stalled_since"))
                    .isEqualTo(Instant.ofEpochMilli(30).toString());
            assertThat(deal(machine, "last_activity_at")).isEqualTo("null");
        }
    }

    private static Engagement engagement(String id, long at, String kind, Map<String, String> properties) {
        return new Engagement(
                id, Instant.ofEpochMilli(at), null, null, null, "d", kind, null, null, null, null, properties);
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
            List<DealChange> changes = draw(random, random.nextBoolean() ? 40 : 120, playbook.equals(TWO));
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
    void aPipelineThatIsNamedLateTellsThatItsDealHadStoodStillLongBefore() {
        List<DealChange> changes = Changes.of("0:lead 35:.owner=ana 40:@a");
        InMemory<DealChange, DealChange> machine = run(TWO, changes.subList(0, 2), 60);
        assertThat(chapters(machine)).isEqualTo("0-35 (unknown: lead) open, 35- (unknown: lead) open");
        machine.comes("d", changes.get(2));
        assertThat(chapters(machine))
                .isEqualTo("0-31 (unknown: lead) open, 31-35 (unknown: lead) open stalled,"
                        + " 35-40 (unknown: lead) open stalled, 40- lead open stalled");
        machine.leaves("d", changes.get(2));
        assertThat(chapters(machine))
                .as("not named any more")
                .isEqualTo("0-35 (unknown: lead) open, 35- (unknown: lead) open");
        machine.comes("d", changes.get(2));
        machine.comes("d", Changes.of("38:demo#z").get(0));
        assertThat(chapters(machine))
                .as("named after it had left")
                .isEqualTo(
                        "0-35 (unknown: lead) open, 35-38 (unknown: lead) open, 38-40 (unknown: demo) open, 40-59 demo open, 59- demo open stalled");
    }

    /** A machine that is not told what changes, and so says everything anew. */
    private record Anew(DealMachine machine) implements Machine<DealChange, DealChange> {
        @Override
        public String id(DealChange fact) {
            return machine.id(fact);
        }

        @Override
        public long time(DealChange fact) {
            return machine.time(fact);
        }

        @Override
        public DealChange prefer(DealChange kept, DealChange newcomer) {
            return machine.prefer(kept, newcomer);
        }

        @Override
        public void say(String key, List<DealChange> facts, Step<DealChange> step) {
            machine.say(key, facts, step);
        }

        @Override
        public void spread(String group, Sums sums, BiConsumer<String, Sums> out) {
            machine.spread(group, sums, out);
        }
    }

    @Test
    void whatGoesOnFromTheLifeBeforeSaysWhatIsSaidAnew() {
        Seeds.hold(random -> {
            Playbook playbook = random.nextBoolean() ? ONE : TWO;
            InMemory<DealChange, DealChange> goesOn = new InMemory<>(new DealMachine(playbook), tables());
            InMemory<DealChange, DealChange> anew = new InMemory<>(new Anew(new DealMachine(playbook)), tables());
            List<DealChange> changes =
                    new ArrayList<>(draw(random, random.nextBoolean() ? 40 : 120, playbook.equals(TWO)));
            changes.sort(Comparator.comparing(DealChange::occurredAt));
            for (int late = random.nextInt(3); late > 0; late--) {
                changes.add(changes.remove(random.nextInt(changes.size())));
            }
            for (DealChange change : changes) {
                String deal = random.nextInt(4) == 0 ? "e" : "d";
                goesOn.comes(deal, Changes.at(deal, change));
                anew.comes(deal, Changes.at(deal, change));
                if (random.nextInt(3) == 0) {
                    long time = change.occurredAt().toEpochMilli() + random.nextInt(40) - 5;
                    goesOn.watermark(time);
                    anew.watermark(time);
                }
                assertThat(goesOn.standing()).as("%s after %s", changes, change).isEqualTo(anew.standing());
                if (random.nextInt(4) == 0) {
                    goesOn.leaves(deal, Changes.at(deal, change));
                    anew.leaves(deal, Changes.at(deal, change));
                    assertThat(goesOn.standing())
                            .as("%s and without %s", changes, change)
                            .isEqualTo(anew.standing());
                }
            }
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
                    .filter(c -> !c.isActivity())
                    .mapToLong(c -> c.occurredAt().toEpochMilli())
                    .min()
                    .orElse(END);
            for (long at = created; at < 32; at++) {
                long now = at;
                if (changes.stream()
                        .noneMatch(c -> !c.isActivity() && c.occurredAt().toEpochMilli() == now)) {
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
                    switch (random.nextInt(16)) {
                        case 0 -> ".deleted";
                        case 1 -> ".restored";
                        case 2 -> ".merged";
                        case 3 -> ".owner=o" + i;
                        case 4 -> ".segment=s" + i;
                        case 5 -> ".close=2026-0" + (1 + random.nextInt(9)) + "-01";
                        case 6 -> pipelines ? "@" + "aabbc".charAt(random.nextInt(5)) : ".";
                        case 7 -> pipelines ? ".cleared=pipeline" : ".cleared=owner_id";
                        case 8 -> "!";
                        case 9 -> ".amount=" + random.nextInt(3);
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
        return new Table[] {DealTables.DEAL, DealTables.DEAL_HISTORY, DealTables.STAGE_VISIT, Signal.TABLE};
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

    private static String standstills(InMemory<DealChange, DealChange> machine) {
        List<Row> signals = rows(machine, Signal.TABLE);
        signals.sort(Comparator.comparing(row -> String.valueOf(row.values()[Signal.TABLE.index("started_at")])));
        return signals.isEmpty()
                ? "none"
                : signals.stream()
                        .map(row -> millis(row.values()[Signal.TABLE.index("started_at")], 0) + "-"
                                + (row.values()[Signal.TABLE.index("ended_at")] == null
                                        ? ""
                                        : millis(row.values()[Signal.TABLE.index("ended_at")], 0)))
                        .collect(Collectors.joining(", "));
    }

    private static String chapters(InMemory<DealChange, DealChange> machine) {
        List<Row> chapters = rows(machine, DealTables.DEAL_HISTORY);
        chapters.sort(Comparator.comparingLong(row -> millis(row, "valid_from", 0)));
        return chapters.stream()
                .map(row -> millis(row, "valid_from", 0) + "-"
                        + (row.values()[DealTables.DEAL_HISTORY.index("valid_to")] == null
                                ? ""
                                : millis(row, "valid_to", 0))
                        + " " + row.values()[DealTables.DEAL_HISTORY.index("stage")] + " "
                        + row.values()[DealTables.DEAL_HISTORY.index("status")]
                        + (row.values()[DealTables.DEAL_HISTORY.index("stalled_since")] == null ? "" : " stalled"))
                .collect(Collectors.joining(", "));
    }

    private static long millis(Row chapter, String column, long otherwise) {
        return millis(chapter.values()[DealTables.DEAL_HISTORY.index(column)], otherwise);
    }

    private static long millis(@Nullable String time, long otherwise) {
        return time == null ? otherwise : Instant.parse(time).toEpochMilli();
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
