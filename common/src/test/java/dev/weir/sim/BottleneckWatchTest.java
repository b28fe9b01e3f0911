package dev.weir.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.AlertDesk;
import dev.weir.alert.AlertTables;
import dev.weir.alert.Signal;
import dev.weir.anomaly.SeriesMachine;
import dev.weir.cycletime.DealMachine;
import dev.weir.cycletime.DealTables;
import dev.weir.cycletime.FlowTally;
import dev.weir.event.DealChange;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Json;
import dev.weir.machine.Keys;
import dev.weir.machine.Row;
import dev.weir.machine.Sums;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A stage of one segment that serves at 60 % from one week on, among four segments and five stages, through everything that
 * stands between deals and an alert. {@code -Dbottleneck.seeds=100} runs what the README tells of and prints it; without, a few
 * seeds are run.
 */
class BottleneckWatchTest {
    private static final int SEEDS = Integer.getInteger("bottleneck.seeds", 0);
    private static final long DAY = 86_400_000L;
    private static final long WEEK = 7 * DAY;
    /** A Monday. */
    private static final long START = Instant.parse("2024-01-01T00:00:00Z").toEpochMilli();

    private static final int QUIET_BEFORE = 30;
    private static final List<String> STAGES = List.of("lead", "demo", "offer", "legal", "sign");
    private static final List<String> SEGMENTS = List.of("smb", "mid", "enterprise", "public");
    private static final String SLOW_STAGE = "offer";
    private static final String SLOW_SEGMENT = "mid";
    private static final Playbook PLAYBOOK = Playbooks.of(
            List.of(Playbooks.pipeline(
                    "sales", "lead demo offer legal sign won+ lost-|properties.segment", DAY, Grain.WEEK)),
            List.of());

    /** Mean stay in each stage, in days, while nothing is slow. */
    private static final double DWELL = 10;

    @Test
    void theSlowStageAndItsSegmentAreNamedWithinTwoWindows() {
        int seeds = SEEDS > 0 ? SEEDS : 1;
        int named = 0;
        for (int seed = 1; seed <= seeds; seed++) {
            Run run = new Run(seed, 160, QUIET_BEFORE, QUIET_BEFORE + 2);
            named += run.names(SLOW_STAGE, SLOW_SEGMENT) && run.leads(SLOW_STAGE, SLOW_SEGMENT) ? 1 : 0;
        }
        show("160 exits a window: named within 2 windows, change_rank 1, in %d of %d seeds", named, seeds);
        assertThat(100 * named).isGreaterThanOrEqualTo(95 * seeds);
    }

    @Test
    void fiftyTwoQuietWindowsAreQuiet() {
        int seeds = SEEDS > 0 ? SEEDS : 1;
        int quiet = 0;
        for (int seed = 1; seed <= seeds; seed++) {
            quiet += new Run(1_000 + seed, SEEDS > 0 ? 160 : 20, Integer.MAX_VALUE, 26 + 52).signals.isEmpty() ? 1 : 0;
        }
        show("no signal in 52 quiet windows in %d of %d seeds", quiet, seeds);
        assertThat(100 * quiet).isGreaterThanOrEqualTo(95 * seeds);
    }

    @Test
    void fewerExitsTakeLonger() {
        int seeds = SEEDS > 0 ? Math.max(1, SEEDS / 4) : 1;
        for (int exits : SEEDS > 0 ? List.of(5, 20, 40, 80, 160) : List.of(20)) {
            List<Integer> delays = new ArrayList<>();
            int horizon = exits < 20 ? 80 : 30;
            for (int seed = 1; seed <= seeds; seed++) {
                delays.add(new Run(2_000 + seed, exits, QUIET_BEFORE, QUIET_BEFORE + horizon)
                        .delay(SLOW_STAGE, SLOW_SEGMENT, horizon));
            }
            delays.sort(null);
            show(
                    "%d exits a window: found after a median of %d windows, 9 in 10 within %d (of %d seeds; %d means not within)",
                    exits, delays.get(seeds / 2), delays.get((seeds - 1) * 9 / 10), seeds, horizon + 1);
            assertThat(delays.get(seeds / 2)).isLessThanOrEqualTo(exits < 20 ? horizon + 1 : horizon);
        }
    }

    private static void show(String text, Object... figures) {
        if (SEEDS > 0) {
            System.out.println("SHOW " + String.format(java.util.Locale.ROOT, text, figures));
        }
    }

    /** One company, from its first deal to the end of a window. */
    private static final class Run {
        final List<Signal> signals = new ArrayList<>();
        private final Random random;
        private final long slowFrom;
        private final long asOf;
        private final Map<String, Map<Long, long[]>> sums = new HashMap<>();
        private final List<Row> bottlenecks = new ArrayList<>();

        Run(long seed, int exitsAWindow, int slowFrom, int windows) {
            this.random = new Random(seed);
            this.slowFrom = slowFrom == Integer.MAX_VALUE ? Long.MAX_VALUE : START + slowFrom * WEEK;
            this.asOf = START + windows * WEEK;
            deals(exitsAWindow);
            watch();
        }

        private void deals(int exitsAWindow) {
            DealMachine machine = new DealMachine(PLAYBOOK);
            for (String segment : SEGMENTS) {
                double at = START;
                for (int deal = 0; at < asOf; deal++) {
                    List<DealChange> life = life(segment + deal, segment, (long) at);
                    Told.by(machine, segment + deal, life, asOf)
                            .sums((group, together) -> machine.spread(group, together, this::add));
                    at += exponential((double) WEEK / exitsAWindow);
                }
            }
        }

        private void add(String group, Sums more) {
            List<String> name = Keys.split(group);
            if (name.get(0).equals(FlowTally.KIND) && name.get(3).equals("week")) {
                Map<Long, long[]> cells = sums.computeIfAbsent(group, g -> new TreeMap<>());
                for (int i = 0; i < more.size; i++) {
                    cells.computeIfAbsent(more.cells[i], c -> new long[1])[0] += more.amounts[i];
                }
            }
        }

        private List<DealChange> life(String id, String segment, long from) {
            List<DealChange> changes = new ArrayList<>();
            double at = from;
            for (int s = 0; s <= STAGES.size() && at < asOf; s++) {
                String stage = s < STAGES.size() ? STAGES.get(s) : "won";
                changes.add(change(id + "." + s, (long) at, id, stage, s == 0 ? segment : null));
                boolean slow = stage.equals(SLOW_STAGE) && segment.equals(SLOW_SEGMENT);
                double left = exponential(DWELL * DAY);
                double before = slow ? Math.max(0, Math.min(left, slowFrom - at)) : left;
                at += before + (left - before) / 0.6;
            }
            return changes;
        }

        private double exponential(double mean) {
            return -mean * StrictMath.log(1 - random.nextDouble());
        }

        private void watch() {
            FlowTally tally = new FlowTally(PLAYBOOK);
            SeriesMachine series = new SeriesMachine();
            Map<String, List<MetricPoint>> points = new TreeMap<>();
            sums.forEach((group, cells) -> tally.rows(group, sums(cells), asOf, row -> {
                if (row.table().equals(MetricPoint.TABLE.name())) {
                    MetricPoint point = MetricPoint.of(row);
                    points.computeIfAbsent(SeriesMachine.key(point), k -> new ArrayList<>())
                            .add(point);
                } else if (row.table().equals(DealTables.BOTTLENECK.name())) {
                    bottlenecks.add(row);
                }
            }));
            points.forEach((key, windows) -> Told.by(series, key, windows, asOf).rows(row -> {
                if (row.table().equals(Signal.TABLE.name())) {
                    signals.add(Signal.of(row));
                }
            }));
        }

        private static Sums sums(Map<Long, long[]> cells) {
            Sums sums = new Sums();
            sums.cells = new long[cells.size()];
            sums.amounts = new long[cells.size()];
            cells.forEach((cell, amount) -> {
                if (amount[0] != 0) {
                    sums.cells[sums.size] = cell;
                    sums.amounts[sums.size++] = amount[0];
                }
            });
            return sums;
        }

        /** Whether the desk's alert for the stage names the segment, and no other stage has one. */
        boolean names(String stage, String segment) {
            Map<String, List<Signal>> incidents = new TreeMap<>();
            signals.forEach(signal -> incidents
                    .computeIfAbsent(AlertDesk.incidentKey(signal), k -> new ArrayList<>())
                    .add(signal));
            List<String> alerts = new ArrayList<>();
            incidents.forEach((key, incident) -> Told.by(AlertDesk.of(PLAYBOOK), key, incident, asOf)
                    .rows(row -> alerts.add(text(row, "subject") + " " + text(row, "value"))));
            return alerts.equals(List.of("sales/" + stage + " " + segment));
        }

        private static @Nullable String text(Row row, String column) {
            return row.values()[AlertTables.ALERT.index(column)];
        }

        /** Whether the stage has change_rank 1 in the last window: of its segment and of the whole. */
        boolean leads(String stage, String segment) {
            String window = Instant.ofEpochMilli(asOf - WEEK).toString();
            return bottlenecks.stream()
                            .filter(row -> window.equals(row.values()[DealTables.BOTTLENECK.index("window_start")]))
                            .filter(row -> stage.equals(row.values()[DealTables.BOTTLENECK.index("stage")]))
                            .filter(row -> segment.equals(row.values()[DealTables.BOTTLENECK.index("value")]))
                            .filter(row -> "1".equals(row.values()[DealTables.BOTTLENECK.index("change_rank")]))
                            .count()
                    == 1;
        }

        /** Windows from the change to the signal of the slow series; one more than the horizon when there is none. */
        int delay(String stage, String segment, int horizon) {
            return signals.stream()
                    .filter(s -> s.subject().equals("sales/" + stage) && segment.equals(s.value()))
                    .map(s ->
                            Instant.parse(String.valueOf(Json.read(s.evidence()).get("window_start"))))
                    .filter(anchor -> anchor.toEpochMilli() >= slowFrom)
                    .mapToInt(anchor -> (int) ((anchor.toEpochMilli() - slowFrom) / WEEK) + 1)
                    .min()
                    .orElse(horizon + 1);
        }
    }

    private static DealChange change(String id, long at, String deal, String stage, @Nullable String segment) {
        return new DealChange(
                id,
                Instant.ofEpochMilli(at),
                deal,
                DealChange.STAGE_CHANGED,
                "sales",
                stage,
                null,
                null,
                null,
                null,
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
                segment == null ? Map.of() : Map.of("segment", segment));
    }
}
