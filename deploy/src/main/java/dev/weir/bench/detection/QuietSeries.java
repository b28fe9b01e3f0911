package dev.weir.bench.detection;

import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** False alarms of quiet series under a budget. */
final class QuietSeries {
    static final int SERIES = 2_000;
    static final int DAYS = 90;
    private static final Simulated.Kind[] KINDS = {Simulated.Kind.RATE, Simulated.Kind.STAGE, Simulated.Kind.COUNT};
    private static final double[] SIZES = {30, 80, 300};

    private QuietSeries() {}

    /** Alerts that people are told of one seed's series, by kind of series. No two are of one incident. */
    static Map<Simulated.Kind, Integer> falseAlarms(int series, long seed) {
        Map<Simulated.Kind, Integer> alarms = new EnumMap<>(Simulated.Kind.class);
        for (int s = 0; s < series; s++) {
            Simulated.Kind kind = KINDS[s % KINDS.length];
            double size = SIZES[s / KINDS.length % SIZES.length] / (kind == Simulated.Kind.STAGE ? 10 : 1);
            SimulatedDesk desk = new SimulatedDesk(series);
            Simulated.series(kind, seed * SERIES + s, DAYS, size, day -> 1).forEach(desk::take);
            alarms.merge(kind, desk.pages().size(), Integer::sum);
        }
        return alarms;
    }

    static void report(PrintWriter out, int seeds) {
        out.printf(
                Locale.ROOT,
                "%nQuiet series: %,d daily series (rates, stages, counts with a weekly rhythm) for %d days, a budget of one false"
                        + " alarm a week%n%n",
                SERIES,
                DAYS);
        Map<Simulated.Kind, Integer> total = new EnumMap<>(Simulated.Kind.class);
        int most = 0;
        for (long seed = 0; seed < seeds; seed++) {
            Map<Simulated.Kind, Integer> alarms = falseAlarms(SERIES, seed);
            most = Math.max(
                    most, alarms.values().stream().mapToInt(Integer::intValue).sum());
            alarms.forEach((kind, count) -> total.merge(kind, count, Integer::sum));
        }
        double weeks = seeds * DAYS / 7.0;
        int all = total.values().stream().mapToInt(Integer::intValue).sum();
        out.println("| seeds | false alarms a week | most in one seed | of rates | of stages | of counts |");
        out.println("|---|---|---|---|---|---|");
        out.printf(
                Locale.ROOT,
                "| %d | %.3f | %d in %.1f weeks | %d | %d | %d |%n",
                seeds,
                all / weeks,
                most,
                DAYS / 7.0,
                total.getOrDefault(Simulated.Kind.RATE, 0),
                total.getOrDefault(Simulated.Kind.STAGE, 0),
                total.getOrDefault(Simulated.Kind.COUNT, 0));
        out.flush();
    }
}
