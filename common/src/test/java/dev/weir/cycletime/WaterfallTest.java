package dev.weir.cycletime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.playbook.Alerts;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Target;
import dev.weir.playbook.WorkCalendar;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaterfallTest {
    private static final long DAY = 86_400_000L;
    private static final long JANUARY = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final List<String> TERMS = List.of(
            "opening",
            "created",
            "reopened",
            "amount_up",
            "amount_down",
            "pulled_in",
            "pushed_out",
            "won",
            "lost",
            "removed",
            "closing");
    private static final Playbook PLAYBOOK = Playbooks.of(
            List.of(
                    Playbooks.pipeline("a", "lead demo won+ lost-", 50, Grain.WEEK, Grain.MONTH),
                    Playbooks.pipeline("b", "trial sold+ gone-", 50, Grain.WEEK, Grain.MONTH)),
            List.of());

    /** Days from 1 January, with the deal worth 100 from its first event on; terms that are zero are left out. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "created and still open  | 3:lead@a                          | created 100 closing 100       | opening 100 closing 100",
                "won in its month        | 3:lead@a 9:won                    | created 100 won 100           | none",
                "won in the next         | 3:lead@a 40:won                   | created 100 closing 100       | opening 100 won 100",
                "lost                    | 3:lead@a 40:lost                  | created 100 closing 100       | opening 100 lost 100",
                "won at once             | 3:won@a                           | created 100 won 100           | none",
                "the amount rises        | 3:lead@a 9:.amount=150            | created 100 amount_up 50 closing 150 | opening 150 closing 150",
                "the amount falls        | 3:lead@a 40:.amount=70            | created 100 closing 100       | opening 100 amount_down 30 closing 70",
                "won for more            | 3:lead@a 40:.amount=120 40:won    | created 100 closing 100       | opening 100 amount_up 20 won 120",
                "due later               | 3:lead@a 3:.close=2026-02-10      | none                          | opening 100 closing 100",
                "due much later          | 3:lead@a 3:.close=2026-05-10      | none                          | none",
                "overdue                 | 3:lead@a 3:.close=2025-12-01      | created 100 closing 100       | opening 100 closing 100",
                "pulled in               | 3:lead@a 3:.close=2026-05-10 40:.close=2026-02-27 | none          | pulled_in 100 closing 100",
                "pushed out              | 3:lead@a 3:.close=2026-02-10 40:.close=2026-03-01 | none          | opening 100 pushed_out 100",
                "won before it was due   | 3:lead@a 3:.close=2026-05-10 40:won | none                        | pulled_in 100 won 100",
                "deleted                 | 3:lead@a 40:.deleted              | created 100 closing 100       | opening 100 removed 100",
                "restored                | 3:lead@a 9:.deleted 40:.restored  | created 100 removed 100       | reopened 100 closing 100",
                "reopened                | 3:lead@a 9:lost 40:demo           | created 100 lost 100          | reopened 100 closing 100",
                "lost, then won          | 3:lead@a 9:lost 40:won            | created 100 lost 100          | reopened 100 won 100",
                "amended when closed     | 3:lead@a 9:won 40:.amount=500     | created 100 won 100           | none",
                "moved away              | 3:lead@a 40:trial@b               | created 100 closing 100       | opening 100 removed 100",
                "moved here              | 3:trial@b 40:lead@a               | none                          | created 100 closing 100",
                "on the first instant    | 3:lead@a 31:won                   | created 100 closing 100       | opening 100 won 100",
            })
    void aDealInJanuaryAndFebruary(String rule, String changes, String january, String february) {
        StringBuilder words = new StringBuilder();
        for (String word : changes.split(" +", -1)) {
            String[] apart = word.split(":", 2);
            long at = JANUARY + Long.parseLong(apart[0]) * DAY;
            words.append(words.isEmpty() ? at + ":.amount=100 " : " ")
                    .append(at)
                    .append(':')
                    .append(apart[1]);
        }
        InMemory<DealChange, DealChange> deals = deals(Changes.of(words.toString()), JANUARY + 70 * DAY);
        assertThat(terms(deals, "a", "2026-01-01")).as(rule).isEqualTo(january);
        assertThat(terms(deals, "a", "2026-02-01")).as(rule).isEqualTo(february);
    }

    @Test
    void afterTheWindowInWhichTheLastDealClosedThereIsNone() {
        String words = JANUARY + ":.amount=100 " + JANUARY + ":lead@a " + (JANUARY + 40 * DAY) + ":won";
        long asOf = JANUARY + 100 * DAY;
        assertThat(waterfall(deals(Changes.of(words), asOf), PLAYBOOK, asOf))
                .filteredOn(row -> of(row, "grain").equals("month"))
                .extracting(row -> of(row, "window_date"))
                .containsExactly("2026-01-01", "2026-02-01");
    }

    @Test
    void aDealThatIsDueAfterAllWindowsSoFarIsInNone() {
        String words = JANUARY + ":.amount=100 " + JANUARY + ":lead@a " + JANUARY + ":.close=2026-05-10";
        long asOf = JANUARY + 100 * DAY;
        assertThat(waterfall(deals(Changes.of(words), asOf), PLAYBOOK, asOf))
                .extracting(row -> of(row, "grain"))
                .containsExactly("all");
    }

    /** Opening and closing against the stock of deals as they stood then; won and lost against what closed. */
    @Test
    void everyWindowBalancesAgainstTheStock() {
        Seeds.hold(150, random -> {
            List<DealChange> changes = draw(random);
            long asOf = JANUARY + random.nextInt(100) * DAY + random.nextInt(2);
            changes.removeIf(change -> change.occurredAt().toEpochMilli() > asOf);
            List<DealChange> shuffled = new ArrayList<>(changes);
            Collections.shuffle(shuffled, random);
            InMemory<DealChange, DealChange> deals = deals(shuffled, asOf);
            for (Row row : waterfall(deals, PLAYBOOK, asOf)) {
                long start = Instant.parse(of(row, "window_start")).toEpochMilli();
                long end = of(row, "window_end").equals("null")
                        ? Long.MAX_VALUE
                        : Instant.parse(of(row, "window_end")).toEpochMilli();
                String pipeline = of(row, "pipeline");
                if (end != Long.MAX_VALUE) {
                    assertThat(new BigDecimal(of(row, "opening")))
                            .as("opening of %s by %s", row, changes)
                            .isEqualByComparingTo(stock(changes, pipeline, start, end));
                }
                assertThat(new BigDecimal(of(row, "closing")))
                        .as("closing of %s by %s", row, changes)
                        .isEqualByComparingTo(stock(changes, pipeline, Math.min(end, asOf + 1), end));
            }
        });
    }

    @Test
    void aQuarterHasItsTarget() {
        Playbook fiscal = new Playbook(
                "test",
                "0",
                PLAYBOOK.zone(),
                new WorkCalendar(
                        PLAYBOOK.calendar().workdays(),
                        PLAYBOOK.calendar().opens(),
                        PLAYBOOK.calendar().closes(),
                        List.of(),
                        7),
                "EUR",
                List.of(),
                Map.of(),
                List.of(Playbooks.pipeline("a", "lead won+", 50, Grain.MONTH, Grain.QUARTER)),
                List.of(),
                List.of(
                        new Target("a", "2026-Q3", "x", new BigDecimal(10)),
                        new Target("a", "2026-Q3", "y", new BigDecimal(20)),
                        new Target("a", "2026-Q4", "y", new BigDecimal(20)),
                        new Target("a", "2026-Q4", null, new BigDecimal(70))),
                List.of(),
                List.of(),
                new Alerts(Map.of(), List.of()),
                null);
        InMemory<DealChange, DealChange> deals = new InMemory<>(
                new DealMachine(fiscal),
                DealTables.DEAL,
                DealTables.DEAL_HISTORY,
                DealTables.STAGE_VISIT,
                Signal.TABLE);
        Changes.of(JANUARY + ":.amount=1 " + JANUARY + ":lead").forEach(change -> deals.comes("d", change));
        List<String> targets = waterfall(deals, fiscal, JANUARY + 100 * DAY).stream()
                .map(row -> of(row, "grain") + " " + of(row, "window_date") + " " + of(row, "target"))
                .filter(text -> !text.endsWith("null"))
                .toList();
        assertThat(targets).containsExactly("quarter 2026-01-01 30.0000", "quarter 2026-04-01 70.0000");
    }

    /** What is open in a pipeline just before an instant and due before another. */
    private static BigDecimal stock(List<DealChange> changes, String pipeline, long before, long dueBefore) {
        InMemory<DealChange, DealChange> then = deals(
                changes.stream()
                        .filter(change -> change.occurredAt().toEpochMilli() < before)
                        .toList(),
                before);
        BigDecimal stock = BigDecimal.ZERO;
        for (Row deal : then.rows().values()) {
            if (!deal.table().equals("deal")
                    || !of(deal, "status").equals("open")
                    || !of(deal, "pipeline").equals(pipeline)) {
                continue;
            }
            String due = of(deal, "expected_close");
            String amount = of(deal, "amount_reporting");
            if (!amount.equals("null")
                    && (due.equals("null") || LocalDate.parse(due).toEpochDay() * DAY < dueBefore)) {
                stock = stock.add(new BigDecimal(amount));
            }
        }
        return stock;
    }

    private static List<DealChange> draw(Random random) {
        List<DealChange> all = new ArrayList<>();
        for (int d = random.nextInt(4); d >= 0; d--) {
            List<String> words = new ArrayList<>();
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                String said =
                        switch (random.nextInt(12)) {
                            case 0 -> ".deleted";
                            case 1 -> ".restored";
                            case 2, 3 -> ".amount=" + random.nextInt(1000);
                            case 4, 5 -> ".close=" + LocalDate.of(2025, 12, 1).plusDays(random.nextInt(150));
                            case 6 ->
                                ".cleared="
                                        + List.of("amount", "expected_close").get(random.nextInt(2));
                            case 7 ->
                                List.of("trial@b", "sold@b", "lead@a", "won@a").get(random.nextInt(4));
                            default -> List.of("lead", "demo", "won", "lost").get(random.nextInt(4));
                        };
                // Often at midnight, so at a window's start.
                long at = JANUARY + random.nextInt(90) * DAY + (random.nextBoolean() ? 0 : random.nextLong(DAY));
                words.add(at + ":" + said + "#d" + d + "e" + i);
            }
            for (DealChange change : Changes.of(String.join(" ", words))) {
                all.add(Changes.at("d" + d, change));
            }
        }
        return all;
    }

    private static InMemory<DealChange, DealChange> deals(List<DealChange> changes, long asOf) {
        InMemory<DealChange, DealChange> deals = new InMemory<>(
                new DealMachine(PLAYBOOK),
                DealTables.DEAL,
                DealTables.DEAL_HISTORY,
                DealTables.STAGE_VISIT,
                Signal.TABLE);
        changes.forEach(change -> deals.comes(change.dealId(), change));
        deals.watermark(asOf);
        return deals;
    }

    private static List<Row> waterfall(InMemory<DealChange, DealChange> deals, Playbook playbook, long asOf) {
        List<Row> rows = new ArrayList<>();
        deals.sums().forEach((group, sums) -> {
            if (group.startsWith(WaterfallTally.KIND)) {
                new WaterfallTally(playbook).rows(group, sums, asOf, rows::add);
            }
        });
        return rows;
    }

    private static String terms(InMemory<DealChange, DealChange> deals, String pipeline, String month) {
        for (Row row : waterfall(deals, PLAYBOOK, JANUARY + 70 * DAY)) {
            if (of(row, "pipeline").equals(pipeline)
                    && of(row, "grain").equals("month")
                    && of(row, "window_date").equals(month)) {
                List<String> terms = new ArrayList<>();
                for (String term : TERMS) {
                    BigDecimal amount = new BigDecimal(of(row, term));
                    if (amount.signum() != 0) {
                        terms.add(term + " " + amount.stripTrailingZeros().toPlainString());
                    }
                }
                return terms.isEmpty() ? "none" : String.join(" ", terms);
            }
        }
        return "none";
    }

    private static String of(Row row, String column) {
        return String.valueOf(row.values()[
                (row.table().equals("deal") ? DealTables.DEAL : DealTables.PIPELINE_WATERFALL).index(column)]);
    }
}
