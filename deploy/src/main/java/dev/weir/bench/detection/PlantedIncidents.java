package dev.weir.bench.detection;

import dev.weir.alert.Alert;
import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Incidents of five kinds, planted each into a company that is quiet otherwise, and what its alert desk tells of them under the
 * budget of {@link QuietSeries}. A company has a whole, two devices and two channels, or two segments.
 */
final class PlantedIncidents {
    static final int START = 230;
    private static final int DAYS = 260;

    /** What is usual of one device and channel, or of one segment. */
    private record Part(Map<String, String> values, double size, double rate) {}

    /** How much of its usual size and rate a part has on a day. */
    private interface Left {
        double of(Part part, int day);
    }

    /**
     * A kind of incident.
     *
     * @param alert the kind of alert that tells of it
     * @param value of the breakdown that is off; null where the whole is
     * @param cause why; null where there is no rate
     */
    private record Incident(
            String name,
            Simulated.Kind series,
            List<Part> parts,
            String alert,
            @Nullable String value,
            @Nullable String cause,
            Left size,
            Left rate) {}

    private static final Left USUAL = (part, day) -> 1;

    private static final List<Incident> INCIDENTS = List.of(
            new Incident(
                    "conversion halves on mobile",
                    Simulated.Kind.RATE,
                    visits(0.05, 0.05),
                    Signal.CONVERSION_DROP,
                    "mobile",
                    "rate",
                    USUAL,
                    (part, day) -> day >= START && part.values.containsValue("mobile") ? 0.5 : 1),
            new Incident(
                    "three times the mobile visits, which convert worse",
                    Simulated.Kind.RATE,
                    visits(0.02, 0.1),
                    Signal.CONVERSION_DROP,
                    null,
                    "mix",
                    (part, day) -> day >= START && part.values.containsValue("mobile") ? 3 : 1,
                    USUAL),
            new Incident(
                    "a stage slows to 40 % for enterprise",
                    Simulated.Kind.STAGE,
                    List.of(
                            new Part(Map.of("segment", "enterprise"), 4, 0.2),
                            new Part(Map.of("segment", "smb"), 6, 0.2)),
                    Signal.BOTTLENECK,
                    "enterprise",
                    null,
                    USUAL,
                    (part, day) -> day >= START && part.values.containsValue("enterprise") ? 0.4 : 1),
            new Incident(
                    "visits by ads fall to half",
                    Simulated.Kind.COUNT,
                    visits(0, 0),
                    Signal.VOLUME_DROP,
                    "ads",
                    null,
                    (part, day) -> day >= START && part.values.containsValue("ads") ? 0.5 : 1,
                    USUAL),
            new Incident(
                    "three days of four times the visits",
                    Simulated.Kind.COUNT,
                    visits(0, 0),
                    Signal.VOLUME_RISE,
                    null,
                    null,
                    (part, day) -> day < START || day > START + 2 ? 1 : 4,
                    USUAL));

    /**
     * What became of so many planted.
     *
     * @param found told within 30 days, by an alert of the right kind
     * @param alone told by one alert, and none of anything else before or after
     * @param right of those, with the right segment and cause
     * @param retracted of the found, taken back when the facts were corrected, before another window closed
     * @param days to notice, on average
     */
    record Result(int planted, int found, int alone, int right, int retracted, double days) {
        Result plus(Result other) {
            int all = found + other.found;
            return new Result(
                    planted + other.planted,
                    all,
                    alone + other.alone,
                    right + other.right,
                    retracted + other.retracted,
                    (days * found + other.days * other.found) / Math.max(1, all));
        }
    }

    private PlantedIncidents() {}

    private static List<Part> visits(double mobile, double desktop) {
        List<Part> parts = new ArrayList<>();
        for (String device : List.of("mobile", "desktop")) {
            for (String channel : List.of("ads", "organic")) {
                Map<String, String> values = new LinkedHashMap<>();
                values.put("device", device);
                values.put("channel", channel);
                parts.add(new Part(values, 100, device.equals("mobile") ? mobile : desktop));
            }
        }
        return parts;
    }

    private static Result result(Incident incident, long seed) {
        SimulatedDesk desk = new SimulatedDesk(QuietSeries.SERIES);
        points(incident, seed, true).forEach(desk::take);
        List<Alert> told = desk.pages();
        Alert alert = told.stream()
                .filter(page -> page.kind().equals(incident.alert))
                .findFirst()
                .orElse(null);
        if (alert == null || day(alert.startedAt()) < START - 14) {
            return new Result(1, 0, 0, 0, 0, 0);
        }
        String value = incident.value == null ? "(total)" : incident.value;
        boolean alone = told.size() == 1;
        boolean right = value.equals(alert.value()) && Objects.equals(incident.cause, alert.cause());
        for (MetricPoint point : points(incident, seed, false)) {
            if (day(point.windowStart()) >= START) {
                desk.take(point);
            }
        }
        boolean retracted = desk.pages().stream().allMatch(page -> page.status().equals(Alert.RETRACTED));
        int noticed = day(Instant.parse(String.valueOf(
                        dev.weir.machine.Json.read(alert.evidence()).get("first_noticed_at"))))
                - START;
        return new Result(1, 1, alone ? 1 : 0, alone && right ? 1 : 0, retracted ? 1 : 0, noticed);
    }

    private static int day(Instant at) {
        return (int) Duration.between(Simulated.MONDAY, at).toDays();
    }

    /** Day after day the points of the whole and of every value. */
    private static List<MetricPoint> points(Incident incident, long seed, boolean planted) {
        Random random = new Random(seed);
        double[] waiting =
                incident.parts.stream().mapToDouble(part -> part.size * 5).toArray();
        List<MetricPoint> points = new ArrayList<>();
        for (int day = 0; day < DAYS; day++) {
            Map<String, double[]> sums = new LinkedHashMap<>();
            for (int p = 0; p < waiting.length; p++) {
                Part part = incident.parts.get(p);
                double size = planted ? incident.size.of(part, day) : 1;
                double rate = planted ? incident.rate.of(part, day) : 1;
                double[] seen = incident.series.seen(random, day, part.size * size, part.rate * rate, (int) waiting[p]);
                waiting[p] += seen[2] - seen[0];
                add(sums, "(total)\t(total)", seen);
                part.values.forEach((breakdown, value) -> add(sums, breakdown + "\t" + value, seen));
            }
            for (Map.Entry<String, double[]> series : sums.entrySet()) {
                String[] name = series.getKey().split("\t", 2);
                points.add(incident.series.point(day, name[0], name[1], series.getValue()));
            }
        }
        return points;
    }

    private static void add(Map<String, double[]> sums, String series, double[] seen) {
        double[] sum = sums.computeIfAbsent(series, s -> new double[seen.length]);
        for (int i = 0; i < seen.length; i++) {
            sum[i] += seen[i];
        }
    }

    private static Result of(Incident incident, int count) {
        Result all = new Result(0, 0, 0, 0, 0, 0);
        for (int i = 0; i < count; i++) {
            all = all.plus(result(incident, 77_000 + i));
        }
        return all;
    }

    /** All kinds together. */
    static Result all(int each) {
        return INCIDENTS.stream()
                .map(incident -> of(incident, each))
                .reduce(Result::plus)
                .orElseThrow();
    }

    static void report(PrintWriter out, int each) {
        out.printf("%nPlanted incidents, from day %d on, told within %d days%n%n", START, DAYS - START);
        out.println(
                "| incident | planted | told | by one alert alone | segment and cause right | taken back when corrected |"
                        + " days to notice |");
        out.println("|---|---|---|---|---|---|---|");
        Result all = new Result(0, 0, 0, 0, 0, 0);
        for (Incident incident : INCIDENTS) {
            Result result = of(incident, each);
            line(out, incident.name, result);
            all = all.plus(result);
        }
        line(out, "all", all);
        out.flush();
    }

    private static void line(PrintWriter out, String name, Result result) {
        out.printf(
                Locale.ROOT,
                "| %s | %d | %d | %d | %d | %d | %.1f |%n",
                name,
                result.planted,
                result.found,
                result.alone,
                result.right,
                result.retracted,
                result.days);
    }
}
