package dev.weir.cycletime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ForecastTest {
    private static final long DAY = 86_400_000L;
    private static final long START = Instant.parse("2025-01-10T00:00:00Z").toEpochMilli();
    private static final Playbook PLAYBOOK = Playbooks.of(
            "Europe/Berlin",
            List.of(Playbooks.pipeline("p", "lead demo won+ lost-", DAY, Grain.MONTH, Grain.QUARTER)),
            List.of());
    private static final Windows WINDOWS = Windows.of(PLAYBOOK);

    @Test
    void anOpenDealIsExpectedToBeWonAsOftenAsThoseBeforeItWere() {
        InMemory<DealChange, DealChange> deals = deals();
        // In each of four quarters ten deals of 1,000 wait in demo as it begins; six are won in it, at 900.
        for (int quarter = 1; quarter <= 5; quarter++) {
            long begins = START + quarter * 91L * DAY;
            for (int d = 0; d < 10; d++) {
                long entered = begins - 60 * DAY + d * DAY / 4;
                String end = quarter == 5 ? "" : d < 6 ? won(begins + 20 * DAY) : " " + (begins + 30 * DAY) + ":lost";
                say(deals, "q" + quarter + "d" + d, entered + ":.amount=1000 " + (entered + 1) + ":demo" + end);
            }
        }
        long asOf = START + 5 * 91 * DAY;
        Row last = forecasts(deals, asOf, "quarter").lastEntry().getValue();
        assertThat(text(last, "periods_learned")).isEqualTo("4");
        assertThat(text(last, "open_deals")).isEqualTo("10");
        assertThat(number(last, "deals_of_open")).isCloseTo(6, within(.3));
        assertThat(number(last, "expected_of_open"))
                .as("a tenth is lost on the way")
                .isCloseTo(5_400, within(270.));
        assertThat(number(last, "low")).isLessThan(5_400);
        assertThat(number(last, "high")).isBetween(5_400., 9_500.);
        assertThat(text(last, "evidence")).isEqualTo("enough");
        assertThat(text(last, "came")).isEqualTo("null");
    }

    private static String won(long at) {
        return " " + at + ":.amount=900 " + (at + 1) + ":won";
    }

    @Test
    void withoutAnEarlierPeriodThereIsNoForecast() {
        InMemory<DealChange, DealChange> deals = deals();
        Changes.of(START + ":lead").forEach(change -> deals.comes("d", Changes.at("d", change)));
        deals.watermark(START + 30 * DAY);
        Row only = forecasts(deals, START + 30 * DAY, "month").lastEntry().getValue();
        assertThat(text(only, "evidence")).isEqualTo("none");
        assertThat(text(only, "expected")).isEqualTo("null");
        assertThat(text(only, "open_deals")).isEqualTo("1");
    }

    @Test
    void theGlancesAgreeWithARecountOfVisitsWhateverTheOrder() {
        Seeds.hold(200, random -> {
            long asOf = START + random.nextLong(400 * DAY);
            List<DealChange> changes = draw(random, asOf);
            InMemory<DealChange, DealChange> inOrder = deals();
            changes.forEach(change -> inOrder.comes(change.dealId(), change));
            inOrder.watermark(asOf);
            Collections.shuffle(changes, random);
            InMemory<DealChange, DealChange> late = deals();
            for (DealChange change : changes) {
                late.watermark(START + random.nextLong(Math.max(1, asOf - START)));
                late.comes(change.dealId(), change);
            }
            late.watermark(asOf);
            assertThat(late.sums()).isEqualTo(inOrder.sums());
            for (Row row : forecasts(late, asOf, "quarter").values()) {
                long at = Instant.parse(text(row, "made_at")).toEpochMilli();
                assertThat(text(row, "open_deals")).isEqualTo(Long.toString(waiting(late, at)));
                if (!text(row, "came").equals("null")) {
                    long start = WINDOWS.start(Grain.QUARTER, at);
                    assertThat(number(row, "deals_came"))
                            .isEqualTo(won(late, start, WINDOWS.end(Grain.QUARTER, start)));
                }
            }
        });
    }

    private static long waiting(InMemory<DealChange, DealChange> deals, long at) {
        return deals.rows().values().stream()
                .filter(row -> row.table().equals("stage_visit"))
                .filter(row -> time(row, "entered_at") < at && time(row, "exited_at") >= at)
                .count();
    }

    private static long time(Row visit, String column) {
        String time = visit.values()[DealTables.STAGE_VISIT.index(column)];
        return time == null ? Long.MAX_VALUE : Instant.parse(time).toEpochMilli();
    }

    private static double won(InMemory<DealChange, DealChange> deals, long from, long to) {
        return (double) deals.rows().values().stream()
                .filter(row -> row.table().equals("deal"))
                .filter(row -> "won".equals(row.values()[DealTables.DEAL.index("status")]))
                .mapToLong(row -> Instant.parse(String.valueOf(row.values()[DealTables.DEAL.index("closed_at")]))
                        .toEpochMilli())
                .filter(closed -> closed >= from && closed < to)
                .count();
    }

    /** Deals that go forward and end or wait; none is deleted or open again, of which a glance tells nothing. */
    private static List<DealChange> draw(Random random, long asOf) {
        List<DealChange> all = new ArrayList<>();
        for (int d = random.nextInt(8); d >= 0; d--) {
            long at = START + random.nextLong(300 * DAY);
            List<String> words = new ArrayList<>();
            for (String said : List.of("lead", ".amount=" + (1 + random.nextInt(9_000)), "demo", "won")) {
                if (at <= asOf) {
                    words.add(at + ":" + (said.equals("won") && random.nextBoolean() ? "lost" : said));
                }
                at += random.nextLong(100 * DAY);
            }
            if (!words.isEmpty()) {
                for (DealChange change : Changes.of(String.join(" ", words))) {
                    all.add(Changes.at("d" + d, change));
                }
            }
        }
        return all;
    }

    private static InMemory<DealChange, DealChange> deals() {
        return new InMemory<>(
                new DealMachine(PLAYBOOK),
                DealTables.DEAL,
                DealTables.DEAL_HISTORY,
                DealTables.STAGE_VISIT,
                Signal.TABLE);
    }

    private static void say(InMemory<DealChange, DealChange> deals, String deal, String words) {
        for (DealChange change : Changes.of(words)) {
            deals.comes(deal, Changes.at(deal, change));
        }
        deals.watermark(START + 5 * 91 * DAY);
    }

    /** The forecasts of all deals by the day on which they were made. */
    private static NavigableMap<String, Row> forecasts(
            InMemory<DealChange, DealChange> deals, long asOf, String grain) {
        TreeMap<String, Row> rows = new TreeMap<>();
        deals.sums().forEach((group, sum) -> {
            if (group.startsWith(ForecastTally.KIND)) {
                new ForecastTally(PLAYBOOK).rows(group, sum, asOf, row -> {
                    if (text(row, "breakdown").equals("(total)")
                            && text(row, "grain").equals(grain)) {
                        rows.put(text(row, "made_at"), row);
                    }
                });
            }
        });
        return rows;
    }

    private static double number(Row row, String column) {
        return Double.parseDouble(text(row, column));
    }

    private static String text(Row row, String column) {
        return String.valueOf(row.values()[DealTables.FORECAST.index(column)]);
    }
}
