package dev.weir.cycletime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.alert.Signal;
import dev.weir.event.DealChange;
import dev.weir.machine.InMemory;
import dev.weir.machine.Row;
import dev.weir.machine.Table;
import dev.weir.machine.Tally;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.playbook.Windows;
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
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Flow and cohort rows of drawn deals against a recount of their visits, window by window, that shares no sums with them. */
class TalliesTest {
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long MATURES = 40 * HOUR;
    private static final Playbook PLAYBOOK = Playbooks.of(
            "Europe/Berlin",
            List.of(Playbooks.pipeline("p", "lead demo offer won+ lost-", MATURES, Grain.DAY, Grain.WEEK)),
            List.of());
    private static final Windows WINDOWS = Windows.of(PLAYBOOK);
    /** Two days before the clocks change. */
    private static final long START = Instant.parse("2026-03-27T00:00:00Z").toEpochMilli();

    private static final List<Table> TABLES =
            List.of(DealTables.STAGE_FLOW, DealTables.STAGE_QUEUE, DealTables.STAGE_COHORT, DealTables.STAGE_HAZARD);

    private record Stay(
            String stage,
            long from,
            @Nullable Long to,
            @Nullable String exit) {
        long overlap(long start, long end) {
            return Math.max(0, Math.min(to == null ? Long.MAX_VALUE : to, end) - Math.max(from, start));
        }
    }

    @Test
    void flowAgreesWithARecountOfVisits() {
        Seeds.hold(300, random -> {
            long asOf = START + random.nextLong(20 * 24 * HOUR);
            InMemory<DealChange, DealChange> deals = run(random, asOf);
            List<Stay> stays = stays(deals);
            for (Row row : rows(deals, new FlowTally(PLAYBOOK), DealTables.STAGE_FLOW, asOf)) {
                Grain grain = Grain.valueOf(text(row, "grain").toUpperCase(java.util.Locale.ROOT));
                long start = Instant.parse(text(row, "window_start")).toEpochMilli();
                long end = WINDOWS.end(grain, start);
                List<Stay> here = stays.stream()
                        .filter(s -> s.stage.equals(text(row, "stage")))
                        .toList();
                List<Stay> exits = here.stream()
                        .filter(s -> s.to != null && s.to >= start && s.to < end)
                        .toList();
                assertThat(number(row, "entered")).isEqualTo(count(here, s -> s.from >= start && s.from < end ? 1 : 0));
                assertThat(number(row, "exited")).isEqualTo(exits.size());
                for (String kind : List.of("advanced", "returned", "won", "lost")) {
                    assertThat(number(row, kind)).isEqualTo(count(exits, s -> kind.equals(s.exit) ? 1 : 0));
                }
                assertThat(number(row, "removed")).isEqualTo(count(exits, s -> "deleted".equals(s.exit) ? 1 : 0));
                assertThat(number(row, "wip_end"))
                        .isEqualTo(count(here, s -> s.from < end && (s.to == null || s.to >= end) ? 1 : 0));
                assertThat(Double.parseDouble(text(row, "at_risk_seconds")))
                        .isCloseTo(count(here, s -> s.overlap(start, Math.min(end, asOf))) / 1000., within(1e-6));
                assertThat(Double.parseDouble(text(row, "dwell_seconds_sum")))
                        .isCloseTo(count(exits, s -> s.to == null ? 0 : s.to - s.from) / 1000., within(1e-6));
                assertThat(text(row, "is_complete")).isEqualTo(Boolean.toString(end <= asOf));
            }
            // And no window with something in it is left out.
            for (Stay stay : stays) {
                for (long day = WINDOWS.start(Grain.DAY, stay.from);
                        day < (stay.to == null ? asOf : stay.to);
                        day = WINDOWS.end(Grain.DAY, day)) {
                    String window = Instant.ofEpochMilli(day).toString();
                    assertThat(rows(deals, new FlowTally(PLAYBOOK), DealTables.STAGE_FLOW, asOf))
                            .anyMatch(row -> text(row, "grain").equals("day")
                                    && text(row, "window_start").equals(window)
                                    && text(row, "stage").equals(stay.stage));
                    if (random.nextInt(4) > 0) {
                        break;
                    }
                }
            }
        });
    }

    @Test
    void queuesAgreeWithARecountOfVisits() {
        Seeds.hold(300, random -> {
            long asOf = START + random.nextLong(20 * 24 * HOUR);
            InMemory<DealChange, DealChange> deals = run(random, asOf);
            List<Stay> stays = stays(deals);
            for (Row row : rows(deals, new FlowTally(PLAYBOOK), DealTables.STAGE_QUEUE, asOf)) {
                Grain grain = Grain.valueOf(text(row, "grain").toUpperCase(java.util.Locale.ROOT));
                long start = Instant.parse(text(row, "window_start")).toEpochMilli();
                long end = WINDOWS.end(grain, start);
                List<Stay> here = stays.stream()
                        .filter(s -> s.stage.equals(text(row, "stage")))
                        .toList();
                List<Stay> exits = here.stream()
                        .filter(s -> s.to != null && s.to >= start && s.to < end)
                        .toList();
                assertThat(number(row, "exits")).isEqualTo(exits.size());
                assertThat(number(row, "wip_end") - number(row, "wip_start"))
                        .isEqualTo(number(row, "arrivals") - number(row, "exits"));
                if (grain == Grain.ALL) {
                    assertThat(text(row, "fifo_breaches")).isEqualTo("null");
                    continue;
                }
                long oldest = here.stream()
                        .filter(s -> s.from < end && (s.to == null || s.to >= end))
                        .mapToLong(s -> WINDOWS.start(grain, s.from))
                        .min()
                        .orElse(Long.MAX_VALUE);
                assertThat(number(row, "fifo_breaches"))
                        .isEqualTo(count(exits, s -> WINDOWS.start(grain, s.from) > oldest ? 1 : 0));
                if (grain == Grain.WEEK) {
                    long most = exits.stream()
                            .collect(
                                    Collectors.groupingBy(s -> (s.to == null ? 0 : s.to) / HOUR, Collectors.counting()))
                            .values()
                            .stream()
                            .mapToLong(n -> n)
                            .max()
                            .orElse(0);
                    assertThat(number(row, "exits_in_one_hour")).isEqualTo(most);
                }
            }
        });
    }

    @Test
    void aStageThatServesInBatchesAndOutOfTurnSaysSo() {
        InMemory<DealChange, DealChange> deals = new InMemory<>(
                new DealMachine(PLAYBOOK),
                DealTables.DEAL,
                DealTables.DEAL_HISTORY,
                DealTables.STAGE_VISIT,
                Signal.TABLE);
        long monday = Instant.parse("2026-04-05T22:00:00Z").toEpochMilli();
        long friday = monday + 100 * HOUR;
        for (int d = 0; d < 10; d++) {
            long entered = monday + (d - 200) * HOUR;
            // The oldest waits on; seven of ten leave within one hour.
            String exit = d == 0 ? "" : " " + (d < 8 ? friday + d : monday + d * HOUR) + ":demo";
            for (DealChange change : Changes.of(entered + ":lead" + exit)) {
                deals.comes("d" + d, Changes.at("d" + d, change));
            }
        }
        Row week = rows(deals, new FlowTally(PLAYBOOK), DealTables.STAGE_QUEUE, friday + 80 * HOUR).stream()
                .filter(row -> text(row, "stage").equals("lead")
                        && text(row, "window_start").equals("2026-04-05T22:00:00Z")
                        && text(row, "grain").equals("week"))
                .findFirst()
                .orElseThrow();
        assertThat(text(week, "is_batched")).isEqualTo("true");
        assertThat(number(week, "exits_in_one_hour")).isEqualTo(7);
        assertThat(number(week, "arrivals")).isZero();
        assertThat(text(week, "is_stationary")).isEqualTo("false");
        assertThat(number(week, "fifo_breaches")).as("all came in one week").isZero();
        assertThat(Double.parseDouble(text(week, "clearing_days"))).isCloseTo(7 / 9., within(1e-9));
    }

    @Test
    void theHazardTableHoldsTheTimeAndTheExitsOfAllVisits() {
        Seeds.hold(200, random -> {
            long asOf = START + 20 * 24 * HOUR;
            InMemory<DealChange, DealChange> deals = run(random, asOf);
            List<Stay> stays = stays(deals);
            List<Row> hazard = rows(deals, new CohortTally(PLAYBOOK), DealTables.STAGE_HAZARD, asOf);
            for (String stage : List.of("lead", "demo", "offer")) {
                List<Row> ages = hazard.stream()
                        .filter(row -> text(row, "stage").equals(stage))
                        .toList();
                List<Stay> here =
                        stays.stream().filter(s -> s.stage.equals(stage)).toList();
                for (String kind : List.of("advanced", "returned", "won", "lost")) {
                    assertThat(ages.stream().mapToLong(row -> number(row, kind)).sum())
                            .isEqualTo(count(here, s -> kind.equals(s.exit) ? 1 : 0));
                }
                assertThat(ages.stream()
                                .mapToDouble(row -> Double.parseDouble(text(row, "at_risk_seconds")))
                                .sum())
                        .isCloseTo(count(here, s -> s.overlap(0, asOf)) / 1000., within(0.01));
            }
        });
    }

    @Test
    void cohortsAgreeWithARecountOfVisits() {
        Seeds.hold(300, random -> {
            long asOf = START + random.nextLong(20 * 24 * HOUR);
            InMemory<DealChange, DealChange> deals = run(random, asOf);
            List<Stay> stays = stays(deals);
            long entered = 0;
            for (Row row : rows(deals, new CohortTally(PLAYBOOK), DealTables.STAGE_COHORT, asOf)) {
                Grain grain = Grain.valueOf(text(row, "grain").toUpperCase(java.util.Locale.ROOT));
                long start = Instant.parse(text(row, "window_start")).toEpochMilli();
                long end = WINDOWS.end(grain, start);
                List<Stay> cohort = stays.stream()
                        .filter(s -> s.stage.equals(text(row, "stage")) && s.from >= start && s.from < end)
                        .toList();
                List<Stay> mature = cohort.stream()
                        .filter(s -> !s.stage.startsWith("(") && s.from + MATURES <= asOf)
                        .toList();
                assertThat(number(row, "entered")).isEqualTo(cohort.size());
                assertThat(number(row, "mature_entered")).isEqualTo(mature.size());
                for (String kind : List.of("advanced", "won", "lost")) {
                    assertThat(number(row, "mature_" + kind))
                            .isEqualTo(count(mature, s -> kind.equals(s.exit) ? 1 : 0));
                }
                Double median = median(cohort, asOf);
                if (median == null) {
                    assertThat(text(row, "km_p50_seconds")).isEqualTo("null");
                } else {
                    // Ages and dwells share buckets 2 % wide; open ones are kept to the hour.
                    assertThat(text(row, "km_p50_seconds")).isNotEqualTo("null");
                }
                assertThat(number(row, "closed") + number(row, "open")).isEqualTo(cohort.size());
                assertThat(number(row, "closed_won")).isEqualTo(count(cohort, s -> "won".equals(s.exit) ? 1 : 0));
                entered += grain == Grain.ALL ? cohort.size() : 0;
            }
            assertThat(entered).isEqualTo(stays.size());
        });
    }

    @Test
    void theMedianOfVisitsThatLastIsThatOfKaplanAndMeier() {
        Seeds.hold(200, random -> {
            List<Stay> cohort = new ArrayList<>();
            List<DealChange> changes = new ArrayList<>();
            long asOf = START + 400 * HOUR;
            InMemory<DealChange, DealChange> deals = new InMemory<>(
                    new DealMachine(PLAYBOOK),
                    DealTables.DEAL,
                    DealTables.DEAL_HISTORY,
                    DealTables.STAGE_VISIT,
                    Signal.TABLE);
            for (int d = 0; d < 40; d++) {
                // Exits and ages at least 10 % apart from each other, so that no bucket decides.
                long from = START + random.nextLong(300 * HOUR);
                long dwell = (long) (HOUR * Math.pow(1.1, random.nextInt(60)));
                Long to = from + dwell <= asOf ? Long.valueOf(from + dwell) : null;
                cohort.add(new Stay("lead", from, to, to == null ? null : "won"));
                changes.addAll(Changes.of(from + ":lead" + (to == null ? "" : " " + to + ":won")));
                for (DealChange change : changes) {
                    deals.comes("d" + d, change);
                }
                changes.clear();
            }
            deals.watermark(asOf);
            Row all = rows(deals, new CohortTally(PLAYBOOK), DealTables.STAGE_COHORT, asOf).stream()
                    .filter(row -> text(row, "grain").equals("all"))
                    .findFirst()
                    .orElseThrow();
            Double median = median(cohort, asOf);
            assertThat(median).isNotNull();
            double said = Double.parseDouble(text(all, "km_p50_seconds")) * 1000;
            assertThat(said).isCloseTo(median == null ? 0 : median, within(0.12 * said));
        });
    }

    @Test
    void factsThatComeLateEndInTheSameRows() {
        Seeds.hold(100, random -> {
            long seed = random.nextLong();
            long asOf = START + 15 * 24 * HOUR;
            InMemory<DealChange, DealChange> inOrder = run(new Random(seed), asOf);
            List<DealChange> changes = draw(new Random(seed));
            Collections.shuffle(changes, random);
            InMemory<DealChange, DealChange> late = new InMemory<>(
                    new DealMachine(PLAYBOOK),
                    DealTables.DEAL,
                    DealTables.DEAL_HISTORY,
                    DealTables.STAGE_VISIT,
                    Signal.TABLE);
            for (DealChange change : changes) {
                late.watermark(START + random.nextLong(15 * 24 * HOUR));
                late.comes(change.dealId(), change);
            }
            late.watermark(asOf);
            assertThat(rows(late, new FlowTally(PLAYBOOK), DealTables.STAGE_FLOW, asOf))
                    .isEqualTo(rows(inOrder, new FlowTally(PLAYBOOK), DealTables.STAGE_FLOW, asOf));
            assertThat(rows(late, new FlowTally(PLAYBOOK), DealTables.STAGE_QUEUE, asOf))
                    .isEqualTo(rows(inOrder, new FlowTally(PLAYBOOK), DealTables.STAGE_QUEUE, asOf));
            assertThat(rows(late, new CohortTally(PLAYBOOK), DealTables.STAGE_COHORT, asOf))
                    .isEqualTo(rows(inOrder, new CohortTally(PLAYBOOK), DealTables.STAGE_COHORT, asOf));
            assertThat(rows(late, new CohortTally(PLAYBOOK), DealTables.STAGE_HAZARD, asOf))
                    .isEqualTo(rows(inOrder, new CohortTally(PLAYBOOK), DealTables.STAGE_HAZARD, asOf));
        });
    }

    /** Survival by the book: at each exit, those still at risk. */
    private static @Nullable Double median(List<Stay> stays, long asOf) {
        List<long[]> ages = new ArrayList<>();
        int exits = 0;
        for (Stay stay : stays) {
            boolean over = stay.to != null && !"deleted".equals(stay.exit);
            exits += over ? 1 : 0;
            ages.add(new long[] {(stay.to == null ? asOf : stay.to) - stay.from, over ? 0 : 1});
        }
        ages.sort(Comparator.<long[]>comparingLong(a -> a[0]).thenComparingLong(a -> a[1]));
        double survival = 1;
        for (int i = 0; exits >= 6 && i < ages.size(); i++) {
            int atRisk = ages.size() - i;
            survival *= ages.get(i)[1] == 0 ? (atRisk - 1.) / atRisk : 1;
            if (survival <= .5 + 1e-12) {
                return (double) ages.get(i)[0];
            }
        }
        return null;
    }

    private static InMemory<DealChange, DealChange> run(Random random, long asOf) {
        InMemory<DealChange, DealChange> deals = new InMemory<>(
                new DealMachine(PLAYBOOK),
                DealTables.DEAL,
                DealTables.DEAL_HISTORY,
                DealTables.STAGE_VISIT,
                Signal.TABLE);
        for (DealChange change : draw(random)) {
            if (change.occurredAt().toEpochMilli() <= asOf) {
                deals.comes(change.dealId(), change);
            }
        }
        deals.watermark(asOf);
        return deals;
    }

    private static List<DealChange> draw(Random random) {
        List<DealChange> all = new ArrayList<>();
        for (int d = random.nextInt(8); d >= 0; d--) {
            List<String> words = new ArrayList<>();
            for (int i = 1 + random.nextInt(6); i > 0; i--) {
                String said = List.of("lead", "demo", "offer", "won", "lost", ".deleted", ".restored", "x")
                        .get(random.nextInt(8));
                // Often at the very start of an hour, so also of a day.
                long at = START + random.nextInt(14 * 24) * HOUR + (random.nextBoolean() ? 0 : random.nextLong(HOUR));
                words.add(at + ":" + said + "#d" + d + "e" + i);
            }
            for (DealChange change : Changes.of(String.join(" ", words))) {
                all.add(Changes.at("d" + d, change));
            }
        }
        return all;
    }

    private static List<Stay> stays(InMemory<DealChange, DealChange> deals) {
        List<Stay> stays = new ArrayList<>();
        for (Row row : deals.rows().values()) {
            if (row.table().equals("stage_visit")) {
                Map<String, @Nullable String> visit = new TreeMap<>();
                for (String column : List.of("stage", "entered_at", "exited_at", "exit")) {
                    visit.put(column, row.values()[DealTables.STAGE_VISIT.index(column)]);
                }
                String to = visit.get("exited_at");
                String stage = String.valueOf(visit.get("stage"));
                stays.add(new Stay(
                        stage.startsWith("(unknown") ? "(unknown)" : stage,
                        Instant.parse(String.valueOf(visit.get("entered_at"))).toEpochMilli(),
                        to == null ? null : Long.valueOf(Instant.parse(to).toEpochMilli()),
                        visit.get("exit")));
            }
        }
        return stays;
    }

    /** Else a row would stay as it was said, and be wrong, until something happens in its group. */
    @Test
    void aTallySaysFromWhenOnTimeAloneChangesARow() {
        Seeds.hold(300, random -> {
            long asOf = START + random.nextLong(20 * 24 * HOUR);
            long later = asOf + random.nextLong(20 * 24 * HOUR);
            InMemory<DealChange, DealChange> deals = run(random, asOf);
            for (Tally tally : List.of(new FlowTally(PLAYBOOK), new CohortTally(PLAYBOOK))) {
                deals.sums().forEach((group, sums) -> {
                    if (group.startsWith(tally instanceof FlowTally ? FlowTally.KIND : CohortTally.KIND)) {
                        List<Row> before = new ArrayList<>();
                        List<Row> after = new ArrayList<>();
                        long changes = tally.rows(group, sums, asOf, before::add);
                        tally.rows(group, sums, later, row -> after.add(row.at(asOf)));
                        if (changes > later) {
                            assertThat(after).as(group).isEqualTo(before);
                        }
                    }
                });
            }
        });
    }

    private static List<Row> rows(InMemory<DealChange, DealChange> deals, Tally tally, Table table, long asOf) {
        List<Row> rows = new ArrayList<>();
        deals.sums().forEach((group, sums) -> {
            if (group.startsWith(tally instanceof FlowTally ? FlowTally.KIND : CohortTally.KIND)) {
                tally.rows(group, sums, asOf, rows::add);
            }
        });
        rows.removeIf(row -> !row.table().equals(table.name()));
        return rows;
    }

    private static long count(List<Stay> stays, ToLongFunction<Stay> amount) {
        return stays.stream().mapToLong(amount).sum();
    }

    private static long number(Row row, String column) {
        return Long.parseLong(text(row, column));
    }

    private static String text(Row row, String column) {
        Table table = TABLES.stream()
                .filter(t -> t.name().equals(row.table()))
                .findFirst()
                .orElseThrow();
        return String.valueOf(row.values()[table.index(column)]);
    }
}
