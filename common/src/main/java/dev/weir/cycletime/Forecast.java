package dev.weir.cycletime;

import dev.weir.machine.Cell;
import dev.weir.machine.Sums;
import dev.weir.stats.Draws;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a period will bring, as seen on one day, from what the same day of earlier periods brought.
 *
 * <p>Each open deal is won by the period's end with the share of deals that were: of its stage, its age in it, and its size,
 * each shrunk toward the coarser. What it will be worth then is its amount times what the amounts of won deals became. To that
 * come the wins of deals that are not there yet, at the rate of earlier periods. The interval is that of seeded draws in which
 * the shares and the rate are drawn too, from what is known of them, and then the wins.
 *
 * <p>It takes the future to be like the last {@link #PERIODS} periods: it knows of no growth and of no season but that within
 * the period.
 */
final class Forecast {
    /** Earlier periods it learns from. */
    static final int PERIODS = 12;
    /** Draws of the interval. */
    private static final int DRAWS = 400;
    /** Deals that the share of a stage counts as, for the share of an age or a size in it. */
    private static final double STAGE_WORTH = 8;
    /** Deals that both together count as, for the share of an age and a size. */
    private static final double CELL_WORTH = 12;
    /** Bands of amounts that share a size. */
    private static final int BANDS_A_SIZE = 3;
    /** Relative spread of amounts within a band, a third of a factor of ten. */
    private static final double SPREAD = 0.2;
    /** Periods that Poisson counts as, when the spread of new wins is estimated. */
    private static final double POISSON_PERIODS = 10;

    /** A number of deals and their amount in ten-thousandths. */
    record Wins(double deals, double units) {}

    /**
     * A forecast.
     *
     * @param ofOpen wins expected of the open deals
     * @param ofNew wins expected of deals not there yet
     * @param low a tenth of the draws of all wins lies below it
     * @param high a tenth lies above it
     */
    record Said(Wins ofOpen, Wins ofNew, Wins low, Wins high) {}

    /** What a glance at all deals on one day saw. */
    static final class Day {
        final long at;
        /** Of the open by stage, age and band: how many, what worth, won by the end, worth as won, worth then. */
        final TreeMap<Long, long[]> cells = new TreeMap<>();

        final long[] newWins = new long[Glances.BAND_COUNT];
        final long[] newUnits = new long[Glances.BAND_COUNT];
        long wonBefore;
        long wonBeforeUnits;

        private Day(long at) {
            this.at = at;
        }

        /** The days that sums tell of, ascending. */
        static List<Day> of(Sums sums) {
            TreeMap<Long, Day> days = new TreeMap<>();
            for (int i = 0; i < sums.size; i++) {
                long cell = sums.cells[i];
                days.computeIfAbsent(Cell.major(cell) * 1000, Day::new)
                        .take(Cell.part(cell), Cell.measure(cell), sums.amounts[i]);
            }
            return List.copyOf(days.values());
        }

        private void take(int part, int measure, long amount) {
            int kind = Glances.kind(measure);
            if (part == Glances.BEFORE) {
                wonBefore += kind == Glances.WON ? amount : 0;
                wonBeforeUnits += kind == Glances.WON_UNITS ? amount : 0;
            } else if (part == Glances.NEW) {
                newWins[Glances.band(measure)] += kind == Glances.WON ? amount : 0;
                newUnits[Glances.band(measure)] += kind == Glances.WON_UNITS ? amount : 0;
            } else {
                cells.computeIfAbsent(key(part, Glances.age(measure), Glances.band(measure)), c -> new long[5])[kind] +=
                        amount;
            }
        }

        long sum(int kind) {
            return cells.values().stream().mapToLong(cell -> cell[kind]).sum();
        }

        /** All wins of the period: earlier in it, of the open and of the new. */
        Wins came() {
            return new Wins(
                    (double) (wonBefore
                            + sum(Glances.WON)
                            + Arrays.stream(newWins).sum()),
                    (double) (wonBeforeUnits
                            + sum(Glances.WON_UNITS)
                            + Arrays.stream(newUnits).sum()));
        }
    }

    private static long key(int stage, int age, int band) {
        return Cell.of(stage, age, band);
    }

    /** Deals and how many of them were won, by stage, age and size, as coarse as asked. */
    private final Map<Long, double[]> shares = new HashMap<>();
    /** Won deals, their worth as won, and as it was thought, by band. */
    private final double[][] worth = new double[Glances.BAND_COUNT][3];

    private final double[] newWins = new double[Glances.BAND_COUNT];
    private final double[] newUnits = new double[Glances.BAND_COUNT];
    private final int periods;
    private double newDispersion = 1;

    /** @param past the same day of earlier periods, ascending; all of them are over */
    Forecast(List<Day> past) {
        List<Day> last = past.subList(Math.max(0, past.size() - PERIODS), past.size());
        periods = last.size();
        for (Day day : last) {
            day.cells.forEach((cell, seen) -> learn((int) Cell.major(cell), Cell.part(cell), Cell.measure(cell), seen));
            for (int band = 0; band < Glances.BAND_COUNT; band++) {
                newWins[band] += day.newWins[band];
                newUnits[band] += day.newUnits[band];
            }
        }
        double mean = Arrays.stream(newWins).sum() / Math.max(1, periods);
        if (mean > 0) {
            double squares = 0;
            for (Day day : last) {
                double excess = Arrays.stream(day.newWins).sum() - mean;
                squares += excess * excess / mean;
            }
            newDispersion = Math.max(1, (squares + POISSON_PERIODS) / (periods - 1 + POISSON_PERIODS));
        }
    }

    private void learn(int stage, int age, int band, long[] seen) {
        for (long at : new long[] {all(), stage(stage), age(stage, age), size(stage, band), both(stage, age, band)}) {
            double[] share = shares.computeIfAbsent(at, a -> new double[2]);
            share[0] += seen[Glances.OPEN];
            share[1] += seen[Glances.WON];
        }
        worth[band][0] += seen[Glances.WON];
        worth[band][1] += seen[Glances.WON_UNITS];
        worth[band][2] += seen[Glances.WON_UNITS_THEN];
    }

    private static long all() {
        return key(0, 255, 0);
    }

    private static long stage(int stage) {
        return key(stage, 254, 0);
    }

    private static long age(int stage, int age) {
        return key(stage, age, 255);
    }

    private static long size(int stage, int band) {
        return key(stage, 253, band / BANDS_A_SIZE);
    }

    private static long both(int stage, int age, int band) {
        return key(stage, age, band / BANDS_A_SIZE);
    }

    /** What to expect of an age and a size together, where each is known by itself. */
    private static double together(double ofAge, double ofSize, double ofStage) {
        return Math.min(0.999, ofAge * ofSize / ofStage);
    }

    /** How many earlier periods stand behind it. */
    int periods() {
        return periods;
    }

    /**
     * What the period will bring.
     *
     * @return null without an earlier period
     */
    @Nullable Said of(Day day, long seed) {
        if (periods == 0) {
            return null;
        }
        double deals = 0;
        double units = 0;
        for (Map.Entry<Long, long[]> cell : day.cells.entrySet()) {
            double won = cell.getValue()[Glances.OPEN] * mean(cell.getKey());
            deals += won;
            units += won * unitsOfWin(cell.getKey(), cell.getValue());
        }
        double fresh = Arrays.stream(newWins).sum() / periods;
        Wins before = new Wins((double) day.wonBefore, (double) day.wonBeforeUnits);
        double[][] drawn = draw(day, new Draws(seed));
        return new Said(
                new Wins(deals, units),
                new Wins(fresh, Arrays.stream(newUnits).sum() / periods),
                new Wins(before.deals + quantile(drawn[0], 0.1), before.units + quantile(drawn[1], 0.1)),
                new Wins(before.deals + quantile(drawn[0], 0.9), before.units + quantile(drawn[1], 0.9)));
    }

    private static double quantile(double[] sorted, double q) {
        return sorted[(int) Math.round((sorted.length - 1) * q)];
    }

    /** The share to expect of a cell, each level shrunk toward the coarser. */
    private double mean(long cell) {
        int stage = (int) Cell.major(cell);
        double ofStage = ofStage(stage);
        double ofAge = shrunk(age(stage, Cell.part(cell)), ofStage, STAGE_WORTH);
        double ofSize = shrunk(size(stage, Cell.measure(cell)), ofStage, STAGE_WORTH);
        return shrunk(both(stage, Cell.part(cell), Cell.measure(cell)), together(ofAge, ofSize, ofStage), CELL_WORTH);
    }

    private double ofStage(int stage) {
        return shrunk(stage(stage), shrunk(all(), 0.5, 1), STAGE_WORTH);
    }

    private double shrunk(long at, double toward, double worth) {
        double[] share = shares.getOrDefault(at, new double[2]);
        return (worth * toward + share[1]) / (worth + share[0]);
    }

    private double drawn(long at, double toward, double worth, Draws draws) {
        double[] share = shares.getOrDefault(at, new double[2]);
        double p = Math.min(1 - 1e-9, Math.max(1e-9, toward));
        return draws.beta(worth * p + share[1], worth * (1 - p) + Math.max(0, share[0] - share[1]));
    }

    /** What a won deal of a cell is worth: what was said of it, times what became of amounts; else what such deals brought. */
    private double unitsOfWin(long cell, long[] seen) {
        double[] past = worth[Cell.measure(cell)];
        boolean said = seen[Glances.OPEN_UNITS] > 0;
        double mean = said ? (double) seen[Glances.OPEN_UNITS] / seen[Glances.OPEN] : 0;
        if (said) {
            return past[2] > 0 ? mean * past[1] / past[2] : mean;
        }
        return past[0] > 0 ? past[1] / past[0] : 0;
    }

    private double[][] draw(Day day, Draws draws) {
        double[][] drawn = new double[2][DRAWS];
        for (int d = 0; d < DRAWS; d++) {
            Map<Long, Double> known = new HashMap<>();
            for (Map.Entry<Long, long[]> cell : day.cells.entrySet()) {
                double p = share(cell.getKey(), known, draws);
                add(
                        drawn,
                        d,
                        draws.binomial(cell.getValue()[Glances.OPEN], p),
                        unitsOfWin(cell.getKey(), cell.getValue()),
                        draws);
            }
            drawNew(drawn, d, draws);
        }
        Arrays.sort(drawn[0]);
        Arrays.sort(drawn[1]);
        return drawn;
    }

    /** A share that may be true of a cell; within one draw cells have what they share with others in common. */
    private double share(long cell, Map<Long, Double> known, Draws draws) {
        int stage = (int) Cell.major(cell);
        double ofStage = ofStage(stage);
        double ofAge = once(age(stage, Cell.part(cell)), ofStage, STAGE_WORTH, known, draws);
        double ofSize = once(size(stage, Cell.measure(cell)), ofStage, STAGE_WORTH, known, draws);
        long both = both(stage, Cell.part(cell), Cell.measure(cell));
        return once(both, together(ofAge, ofSize, ofStage), CELL_WORTH, known, draws);
    }

    private double once(long at, double toward, double worth, Map<Long, Double> known, Draws draws) {
        Double share = known.get(at);
        if (share == null) {
            share = drawn(at, toward, worth, draws);
            known.put(at, share);
        }
        return share;
    }

    private void drawNew(double[][] drawn, int d, Draws draws) {
        double total = Arrays.stream(newWins).sum();
        double rate = draws.gamma(total / newDispersion + 0.5) / (periods / newDispersion);
        double excess = newDispersion - 1;
        long left = draws.poisson(excess < 1e-6 ? rate : draws.gamma(rate / excess) * excess);
        double rest = total;
        for (int band = 0; band < Glances.BAND_COUNT && left > 0 && rest > 0; band++) {
            if (newWins[band] > 0) {
                long wins = draws.binomial(left, Math.min(1, newWins[band] / rest));
                add(drawn, d, wins, newUnits[band] / newWins[band], draws);
                left -= wins;
                rest -= newWins[band];
            }
        }
    }

    private static void add(double[][] drawn, int d, long wins, double unitsEach, Draws draws) {
        if (wins > 0) {
            drawn[0][d] += wins;
            drawn[1][d] += Math.max(0, wins * unitsEach * (1 + SPREAD * draws.normal() / Math.sqrt((double) wins)));
        }
    }
}
