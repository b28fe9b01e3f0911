package dev.weir.bench.detection;

import dev.weir.alert.Signal;
import dev.weir.anomaly.SeriesMachine;
import dev.weir.anomaly.Vigilance;
import dev.weir.playbook.Grain;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/** Incidents of five kinds, planted into series that are quiet otherwise. */
final class PlantedIncidents {
    static final int START = 230;
    private static final int DAYS = 260;

    /**
     * A kind of incident.
     *
     * @param signal the kind of signal that tells of it
     * @param left how much of the usual is left, day by day
     */
    private record Incident(String name, Simulated.Kind series, double size, String signal, IntToDoubleFunction left) {}

    private static final List<Incident> INCIDENTS = List.of(
            new Incident(
                    "a conversion rate halves",
                    Simulated.Kind.RATE,
                    200,
                    Signal.CONVERSION_DROP,
                    day -> day < START ? 1 : 0.5),
            new Incident(
                    "a stage slows to 40 %", Simulated.Kind.STAGE, 4, Signal.BOTTLENECK, day -> day < START ? 1 : 0.4),
            new Incident(
                    "visits fall to 60 %", Simulated.Kind.COUNT, 150, Signal.VOLUME_DROP, day -> day < START ? 1 : 0.6),
            new Incident(
                    "three days of four times the visits",
                    Simulated.Kind.COUNT,
                    150,
                    Signal.VOLUME_RISE,
                    day -> day < START || day > START + 2 ? 1 : 4),
            new Incident("a queue doubles", Simulated.Kind.VALUE, 40, Signal.UNUSUAL, day -> day < START ? 1 : 2));

    /** Of so many planted: found in 30 days by a signal of the right kind, the days it took, and signals of anything else. */
    record Result(int planted, int found, double days, int others) {}

    private PlantedIncidents() {}

    private static Result result(Incident incident, int count) {
        SeriesMachine machine = Simulated.machine(Vigilance.usual(Grain.DAY).windowsBetweenFalseAlarms());
        int found = 0;
        int others = 0;
        double days = 0;
        for (int i = 0; i < count; i++) {
            List<Signal> signals = Simulated.signals(
                    machine,
                    incident.name + i,
                    Simulated.series(incident.series, 77_000 + i, DAYS, incident.size, incident.left));
            int first = signals.stream()
                    .filter(signal -> signal.kind().equals(incident.signal))
                    .mapToInt(signal -> Simulated.noticed(signal, Simulated.MONDAY))
                    .filter(day -> day >= START)
                    .min()
                    .orElse(-1);
            found += first >= 0 ? 1 : 0;
            days += first >= 0 ? first - START + 1 : 0;
            others += (int) signals.stream()
                    .filter(signal -> !signal.kind().equals(incident.signal)
                            || Simulated.noticed(signal, Simulated.MONDAY) < START)
                    .count();
        }
        return new Result(count, found, days / Math.max(1, found), others);
    }

    /** All kinds together. */
    static Result all(int each) {
        int found = 0;
        int others = 0;
        double days = 0;
        for (Incident incident : INCIDENTS) {
            Result result = result(incident, each);
            found += result.found;
            others += result.others;
            days += result.days * result.found;
        }
        return new Result(each * INCIDENTS.size(), found, days / Math.max(1, found), others);
    }

    static void report(PrintWriter out, int each) {
        out.printf("%nPlanted incidents, from day %d on, found within %d days%n%n", START, DAYS - START);
        out.println("| incident | planted | found | days to notice | other signals |");
        out.println("|---|---|---|---|---|");
        for (Incident incident : INCIDENTS) {
            line(out, incident.name, result(incident, each));
        }
        line(out, "all", all(each));
        out.flush();
    }

    private static void line(PrintWriter out, String name, Result result) {
        out.printf(
                Locale.ROOT,
                "| %s | %d | %d | %.1f | %d |%n",
                name,
                result.planted,
                result.found,
                result.days,
                result.others);
    }
}
