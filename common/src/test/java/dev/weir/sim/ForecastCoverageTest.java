package dev.weir.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.cycletime.DealMachine;
import dev.weir.cycletime.DealTables;
import dev.weir.cycletime.ForecastTally;
import dev.weir.event.DealChange;
import dev.weir.machine.Keys;
import dev.weir.machine.Sums;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import dev.weir.testing.Playbooks;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * How often what came lies within the interval that was said at the start of a quarter, over simulated companies that differ
 * in size, win rate and pace. {@code -Dforecast.quarters=400} runs what the README tells of and prints it; without, fewer
 * are run.
 */
class ForecastCoverageTest {
    private static final int QUARTERS = Integer.getInteger("forecast.quarters", 0);
    private static final long DAY = 86_400_000L;
    private static final long START = Instant.parse("2020-01-01T00:00:00Z").toEpochMilli();
    private static final long END = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    /** Quarters of a company from which on its forecasts are checked. */
    private static final String CHECKED_FROM = "2023-07-01";

    private static final int CHECKED = 10;
    private static final List<String> STAGES = List.of("lead", "demo", "offer", "legal");
    private static final Playbook PLAYBOOK = Playbooks.of(
            List.of(Playbooks.pipeline("sales", "lead demo offer legal won+ lost-", DAY, Grain.QUARTER)), List.of());

    @Test
    void eightInTenQuartersEndWithinTheIntervalOfEightInTen() {
        int companies = QUARTERS > 0 ? QUARTERS / CHECKED : 4;
        int within = 0;
        int all = 0;
        double expected = 0;
        double came = 0;
        double fresh = 0;
        for (int seed = 1; seed <= companies; seed++) {
            for (Map<String, @Nullable String> row : company(seed)) {
                within += "true".equals(row.get("is_within")) ? 1 : 0;
                all++;
                expected += number(row, "expected");
                came += number(row, "came");
                fresh += number(row, "expected_of_new");
            }
        }
        double coverage = (double) within / all;
        if (QUARTERS > 0) {
            System.out.printf(
                    "SHOW nominal 80 %% interval covers %d of %d quarters (%.1f %%); expected / came %.3f; of it new deals %.3f%n",
                    within, all, 100 * coverage, expected / came, fresh / expected);
            assertThat(coverage).isBetween(.75, .85);
        }
        assertThat(all).isEqualTo(companies * CHECKED);
        assertThat(coverage).isBetween(.65, .95);
        assertThat(expected / came).isCloseTo(1, within(QUARTERS > 0 ? .06 : .12));
        assertThat(fresh / expected).as("deals not there yet count").isBetween(.1, .6);
    }

    private static double number(Map<String, @Nullable String> row, String column) {
        return Double.parseDouble(String.valueOf(row.get(column)));
    }

    /** The checked forecasts of a company's quarters, each made on the first day. */
    private static List<Map<String, @Nullable String>> company(long seed) {
        Random random = new Random(seed);
        double perQuarter = 60 + 200 * random.nextDouble();
        double lost = 0.1 + 0.2 * random.nextDouble();
        double dwell = 8 + 15 * random.nextDouble();
        Map<String, Sums> sums = new HashMap<>();
        DealMachine machine = new DealMachine(PLAYBOOK);
        double at = START;
        for (int deal = 0; at < END; deal++) {
            List<DealChange> life = life("d" + deal, (long) at, lost, dwell, random);
            Told.by(machine, "d" + deal, life, END).sums((group, more) -> {
                if (group.startsWith(ForecastTally.KIND)
                        && Keys.split(group).get(4).equals("(total)")) {
                    sums.computeIfAbsent(group, g -> new Sums()).plus(more);
                }
            });
            at += exponential(random, 91 * DAY / perQuarter);
        }
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        sums.forEach((group, sum) -> new ForecastTally(PLAYBOOK).rows(group, sum, END, row -> {
            Map<String, @Nullable String> named = new HashMap<>();
            for (int i = 0; i < DealTables.FORECAST.width(); i++) {
                named.put(DealTables.FORECAST.columns().get(i).name(), row.values()[i]);
            }
            boolean first = String.valueOf(named.get("made_at")).equals(named.get("window_start"));
            if (first
                    && "true".equals(named.get("is_complete"))
                    && String.valueOf(named.get("window_date")).compareTo(CHECKED_FROM) >= 0) {
                rows.add(named);
            }
        }));
        return rows;
    }

    /** Large deals are slower and won less often. */
    private static List<DealChange> life(String id, long from, double lost, double dwell, Random random) {
        double size = random.nextGaussian();
        BigDecimal amount = BigDecimal.valueOf((long) (20_000 * Math.exp(0.9 * size)));
        List<DealChange> changes = new ArrayList<>();
        double at = from;
        for (int s = 0; at < END; s++) {
            boolean loses = s > 0 && random.nextDouble() < lost * (size > 0.5 ? 1.4 : 1);
            String stage = loses ? "lost" : s < STAGES.size() ? STAGES.get(s) : "won";
            changes.add(new DealChange(
                    id + "." + s,
                    Instant.ofEpochMilli((long) at),
                    id,
                    DealChange.STAGE_CHANGED,
                    "sales",
                    stage,
                    null,
                    s == 0 ? amount : null,
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
                    Map.of()));
            if (loses || stage.equals("won")) {
                break;
            }
            at += exponential(random, dwell * DAY * (size > 0.5 ? 1.5 : 1));
        }
        return changes;
    }

    private static double exponential(Random random, double mean) {
        return -mean * StrictMath.log(1 - random.nextDouble());
    }
}
