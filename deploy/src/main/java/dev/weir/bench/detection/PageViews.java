package dev.weir.bench.detection;

import dev.weir.alert.Signal;
import dev.weir.anomaly.SeriesMachine;
import dev.weir.anomaly.Vigilance;
import dev.weir.event.MetricPoint;
import dev.weir.playbook.Grain;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** 850 days of a real site's page views, from a file as people export them: thousands commas, quotes, gaps. */
final class PageViews {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("M/d/yy", Locale.ROOT);
    /** The two days that everybody who looks at the file sees. */
    static final List<LocalDate> SPIKES = List.of(LocalDate.of(2013, 5, 21), LocalDate.of(2013, 11, 7));

    private PageViews() {}

    static List<MetricPoint> read(Path file) throws IOException {
        List<MetricPoint> points = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            int comma = line.indexOf(',');
            String views =
                    line.substring(comma + 1).replace("\"", "").replace(",", "").strip();
            if (comma > 0 && Character.isDigit(line.charAt(0)) && views.matches("\\d+")) {
                LocalDate day = LocalDate.parse(line.substring(0, comma), DAY);
                points.add(Simulated.point(
                        "views/site/page",
                        MetricPoint.COUNT,
                        day.atStartOfDay(ZoneOffset.UTC).toInstant(),
                        Double.parseDouble(views),
                        1,
                        null));
            }
        }
        return points;
    }

    /** What the watch says of them, by the day it was noticed. */
    static List<Signal> signals(List<MetricPoint> points) {
        SeriesMachine machine = Simulated.machine(Vigilance.usual(Grain.DAY).windowsBetweenFalseAlarms());
        return Simulated.signals(machine, "views", points).stream()
                .sorted(Comparator.comparing(PageViews::noticed))
                .toList();
    }

    static LocalDate noticed(Signal signal) {
        return LocalDate.EPOCH.plusDays(Simulated.noticed(signal, Instant.EPOCH));
    }

    static void report(PrintWriter out, Path file) throws IOException {
        List<MetricPoint> points = read(file);
        List<Signal> signals = signals(points);
        out.printf("%nPage views of a real site: %d days%n%n", points.size());
        out.println("| noticed | since | until | what | |");
        out.println("|---|---|---|---|---|");
        for (Signal signal : signals) {
            LocalDate day = noticed(signal);
            Instant ended = signal.endedAt();
            out.printf(
                    "| %s | %s | %s | %s | %s |%n",
                    day,
                    LocalDate.ofInstant(signal.startedAt(), ZoneOffset.UTC),
                    ended == null ? "" : LocalDate.ofInstant(ended, ZoneOffset.UTC),
                    signal.kind(),
                    SPIKES.contains(day) ? "one of the two spikes" : "");
        }
        out.flush();
    }
}
