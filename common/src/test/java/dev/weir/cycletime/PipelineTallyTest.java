package dev.weir.cycletime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.event.MetricPoint;
import dev.weir.machine.InMemory;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
import dev.weir.testing.Playbooks;
import dev.weir.testing.Seeds;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PipelineTallyTest {
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long DAY = 24 * HOUR;
    private static final long MATURES = 5 * DAY;
    private static final Playbook PLAYBOOK = Playbooks.of(
            "Europe/Berlin",
            List.of(Playbooks.pipeline("p", "lead demo won+ lost-|properties.segment", MATURES, Grain.DAY, Grain.WEEK)),
            List.of());
    private static final Windows WINDOWS = Windows.of(PLAYBOOK);
    /** Two days before the clocks change. */
    private static final long START = Instant.parse("2026-03-27T00:00:00Z").toEpochMilli();

    @Test
    void aHundredDealsAQuarterWonAtFiftyThousandInSixtyDaysAre20833ADay() {
        assertThat(Velocity.perDay(100, .25, 50_000., 60.)).isCloseTo(20_833.333, within(.001));
        assertThat(Velocity.perDay(100, null, 50_000., 60.)).isNull();
        assertThat(Velocity.perDay(100, .25, 50_000., 0.)).isNull();
    }

    @Test
    void velocityIsMadeOfTheWindowsOwnFigures() {
        InMemory<DealChange, DealChange> deals = deals();
        long monday = Instant.parse("2026-04-05T22:00:00Z").toEpochMilli();
        say(
                deals,
                "a",
                (monday - 6 * DAY) + ":lead " + (monday + DAY) + ":.amount=3000 " + (monday + DAY + 1) + ":won");
        say(deals, "b", (monday - 6 * DAY) + ":lead " + (monday + DAY) + ":lost");
        say(deals, "c", (monday - 6 * DAY) + ":lead");
        Map<String, @Nullable String> week =
                one(deals, monday + 7 * DAY, "week", "2026-04-05T22:00:00Z", "(total)", "(total)");
        // Open for 1, 1 and 7 days, two closed: 4.5 days a deal.
        assertThat(Double.parseDouble(text(week, "cycle_mean_days"))).isCloseTo(4.5, within(1e-6));
        assertThat(Double.parseDouble(text(week, "closed_cycle_mean_days"))).isCloseTo(7, within(1e-6));
        assertThat(Double.parseDouble(text(week, "velocity_per_day"))).isCloseTo(1 * .5 * 3000 / 4.5, within(1e-3));
    }

    @Test
    void pushesSlipsAndAmountsCountInTheWindowInWhichTheyWereMade() {
        InMemory<DealChange, DealChange> deals = deals();
        say(
                deals,
                "a",
                START + ":lead " + (START + HOUR) + ":.amount=1000 " + (START + 2 * HOUR) + ":.close=2026-04-30 "
                        + (START + DAY) + ":.amount=1500 " + (START + DAY + 1) + ":.amount=1200 "
                        + (START + DAY + 2) + ":.close=2026-05-15 " + (START + DAY + 3) + ":.close=2026-05-01");
        Map<String, @Nullable String> first =
                one(deals, START + 9 * DAY, "day", "2026-03-26T23:00:00Z", "(total)", "(total)");
        assertThat(text(first, "pushes")).isEqualTo("0");
        assertThat(text(first, "amount_up_reporting")).isEqualTo("0.0000");
        Map<String, @Nullable String> second =
                one(deals, START + 9 * DAY, "day", "2026-03-27T23:00:00Z", "(total)", "(total)");
        assertThat(text(second, "pushes")).isEqualTo("1");
        assertThat(text(second, "slip_days")).isEqualTo("1");
        assertThat(text(second, "amount_up_reporting")).isEqualTo("500.0000");
        assertThat(text(second, "amount_down_reporting")).isEqualTo("300.0000");
        assertThat(text(second, "open_end")).isEqualTo("1");
    }

    @Test
    void newBusinessAndRenewalsAndCurrenciesStandApart() {
        InMemory<DealChange, DealChange> deals = deals();
        for (String word : List.of("new 100 EUR", "renewal 900 USD", "renewal 50 EUR")) {
            String[] said = word.split(" ", -1);
            String id = word;
            deals.comes(id, change(id, "1", START, "lead", null, null, null));
            deals.comes(id, change(id, "2", START + 1, "won", said[0], new BigDecimal(said[1]), said[2]));
        }
        long asOf = START + 9 * DAY;
        Map<String, @Nullable String> renewals =
                one(deals, asOf, "all", "1970-01-01T00:00:00Z", "deal_type", "renewal");
        assertThat(text(renewals, "won")).isEqualTo("2");
        assertThat(text(renewals, "won_priced")).as("no rate for the dollar").isEqualTo("1");
        assertThat(text(renewals, "won_amount_reporting")).isEqualTo("50.0000");
        assertThat(text(one(deals, asOf, "all", "1970-01-01T00:00:00Z", "deal_type", "new"), "won_amount_reporting"))
                .isEqualTo("100.0000");
        Map<String, @Nullable String> dollars = one(deals, asOf, "all", "1970-01-01T00:00:00Z", "currency", "USD");
        assertThat(text(dollars, "won_amount")).isEqualTo("900.0000");
        assertThat(text(dollars, "won_amount_reporting")).isEqualTo("0.0000");
    }

    @Test
    void figuresAgreeWithARecountOfDeals() {
        Seeds.hold(300, random -> {
            long asOf = START + random.nextLong(20 * DAY);
            InMemory<DealChange, DealChange> deals = deals();
            List<DealChange> changes = draw(random);
            Collections.shuffle(changes, random);
            for (DealChange change : changes) {
                if (change.occurredAt().toEpochMilli() <= asOf) {
                    deals.watermark(START + random.nextLong(Math.max(1, asOf - START)));
                    deals.comes(change.dealId(), change);
                }
            }
            deals.watermark(asOf);
            List<Map<String, @Nullable String>> known = rows(deals, DealTables.DEAL).stream()
                    .filter(deal -> List.of("open", "won", "lost").contains(text(deal, "status")))
                    .toList();
            for (Map<String, @Nullable String> row : figures(deals, asOf)) {
                if (!text(row, "breakdown").equals("(total)")) {
                    continue;
                }
                Grain grain = Grain.valueOf(text(row, "grain").toUpperCase(Locale.ROOT));
                long start = time(row, "window_start");
                long end = WINDOWS.end(grain, start);
                assertThat(text(row, "created")).isEqualTo(count(known, d -> in(d, "created_at", start, end)));
                assertThat(text(row, "won"))
                        .isEqualTo(count(known, d -> is(d, "won") && in(d, "closed_at", start, end)));
                assertThat(text(row, "lost"))
                        .isEqualTo(count(known, d -> is(d, "lost") && in(d, "closed_at", start, end)));
                assertThat(text(row, "open_end"))
                        .isEqualTo(count(
                                known,
                                d -> time(d, "created_at") < end && (is(d, "open") || time(d, "closed_at") >= end)));
                assertThat(text(row, "mature_won"))
                        .isEqualTo(count(
                                known,
                                d -> is(d, "won")
                                        && in(d, "created_at", start, end)
                                        && time(d, "created_at") + MATURES <= asOf));
            }
        });
    }

    @Test
    void everyClosedWindowGivesThePointOfItsWinRate() {
        InMemory<DealChange, DealChange> deals = deals();
        say(deals, "a", START + ":lead " + (START + 1) + ":won");
        say(deals, "b", START + ":lead " + (START + 2) + ":lost");
        List<MetricPoint> points = new ArrayList<>();
        deals.sums().forEach((group, sums) -> {
            if (group.startsWith(PipelineTally.KIND)) {
                new PipelineTally(PLAYBOOK).rows(group, sums, START + 9 * DAY, row -> {
                    if (row.table().equals("metric")) {
                        points.add(MetricPoint.of(row));
                    }
                });
            }
        });
        assertThat(points).anySatisfy(point -> {
            assertThat(point.metric()).isEqualTo("win_rate/p");
            assertThat(point.grain()).isEqualTo("day");
            assertThat(point.numerator()).isEqualTo(1);
            assertThat(point.denominator()).isEqualTo(2);
        });
        assertThat(points).noneMatch(point -> point.breakdown().equals("currency"));
    }

    private interface Which {
        boolean is(Map<String, @Nullable String> deal);
    }

    private static String count(List<Map<String, @Nullable String>> deals, Which which) {
        return Long.toString(deals.stream().filter(which::is).count());
    }

    private static boolean is(Map<String, @Nullable String> deal, String status) {
        return text(deal, "status").equals(status);
    }

    @Test
    void aRowIsSaidAgainWhenItsWindowEndsThoughALaterOneIsKnownAlready() {
        InMemory<DealChange, DealChange> deals = deals();
        say(deals, "a", START + ":lead " + (START + 9 * DAY) + ":lost");
        deals.sums().forEach((group, sums) -> {
            if (group.startsWith(PipelineTally.KIND) && Keys.split(group).get(3).equals("day")) {
                assertThat(new PipelineTally(PLAYBOOK).rows(group, sums, START + HOUR, row -> {}))
                        .as(group)
                        .isEqualTo(START + 23 * HOUR);
            }
        });
    }

    @Test
    void aDealThatCameFromAPipelineWithOtherBreakdownsKeepsItsOwnValues() {
        Playbook two = Playbooks.of(
                List.of(
                        Playbooks.pipeline("a", "lead won+|owner_id", MATURES, Grain.DAY),
                        Playbooks.pipeline("b", "trial sold+|properties.segment", MATURES, Grain.DAY)),
                List.of());
        InMemory<DealChange, DealChange> deals = new InMemory<>(
                new DealMachine(two), DealTables.DEAL, DealTables.DEAL_HISTORY, DealTables.STAGE_VISIT, Signal.TABLE);
        say(
                deals,
                "d",
                START + ":.owner=ana " + START + ":.segment=smb " + START + ":lead@a " + (START + 1) + ":trial@b");
        List<String> values = new ArrayList<>();
        deals.sums().keySet().stream()
                .filter(group -> group.startsWith(PipelineTally.KIND))
                .forEach(group -> values.add(String.join("=", Keys.split(group).subList(4, 6))));
        assertThat(values).contains("properties.segment=smb").doesNotContain("properties.segment=ana");
    }

    private static boolean in(Map<String, @Nullable String> deal, String column, long start, long end) {
        return time(deal, column) >= start && time(deal, column) < end;
    }

    private static long time(Map<String, @Nullable String> row, String column) {
        return Instant.parse(text(row, column)).toEpochMilli();
    }

    private static String text(Map<String, @Nullable String> row, String column) {
        return String.valueOf(row.get(column));
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
    }

    private static List<DealChange> draw(Random random) {
        List<DealChange> all = new ArrayList<>();
        for (int d = random.nextInt(8); d >= 0; d--) {
            List<String> words = new ArrayList<>();
            for (int i = 1 + random.nextInt(6); i > 0; i--) {
                String said = List.of("lead", "demo", "won", "lost", ".deleted", ".restored", ".amount=7", "x")
                        .get(random.nextInt(8));
                long at = START + random.nextInt(14 * 24) * HOUR + (random.nextBoolean() ? 0 : random.nextLong(HOUR));
                words.add(at + ":" + said + "#d" + d + "e" + i);
            }
            for (DealChange change : Changes.of(String.join(" ", words))) {
                all.add(Changes.at("d" + d, change));
            }
        }
        return all;
    }

    private static List<Map<String, @Nullable String>> rows(InMemory<DealChange, DealChange> deals, Table table) {
        return deals.rows().values().stream()
                .filter(row -> row.table().equals(table.name()))
                .map(row -> named(row, table))
                .toList();
    }

    private static List<Map<String, @Nullable String>> figures(InMemory<DealChange, DealChange> deals, long asOf) {
        List<Map<String, @Nullable String>> figures = new ArrayList<>();
        deals.sums().forEach((group, sums) -> {
            if (group.startsWith(PipelineTally.KIND)) {
                new PipelineTally(PLAYBOOK).rows(group, sums, asOf, row -> {
                    if (row.table().equals(DealTables.PIPELINE_FIGURES.name())) {
                        figures.add(named(row, DealTables.PIPELINE_FIGURES));
                    }
                });
            }
        });
        return figures;
    }

    private static Map<String, @Nullable String> one(
            InMemory<DealChange, DealChange> deals,
            long asOf,
            String grain,
            String window,
            String breakdown,
            String value) {
        return figures(deals, asOf).stream()
                .filter(row -> text(row, "grain").equals(grain)
                        && text(row, "window_start").equals(window)
                        && text(row, "breakdown").equals(breakdown)
                        && text(row, "value").equals(value))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, @Nullable String> named(Row row, Table table) {
        Map<String, @Nullable String> named = new TreeMap<>();
        for (int i = 0; i < table.width(); i++) {
            named.put(table.columns().get(i).name(), row.values()[i]);
        }
        return named;
    }

    private static DealChange change(
            String deal,
            String id,
            long at,
            String stage,
            @Nullable String type,
            @Nullable BigDecimal amount,
            @Nullable String currency) {
        return new DealChange(
                deal + id,
                Instant.ofEpochMilli(at),
                deal,
                DealChange.STAGE_CHANGED,
                null,
                stage,
                type,
                amount,
                null,
                currency,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                Map.of());
    }
}
