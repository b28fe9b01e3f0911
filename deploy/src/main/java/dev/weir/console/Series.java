package dev.weir.console;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A watched series as people read it.
 *
 * @param metric its name, such as {@code conversion/signup/trial}
 * @param grain length of its windows
 */
public record Series(String metric, String breakdown, String value, String grain) {
    public static final String TOTAL = "(total)";

    /** Windows in a chart, at most: the newest. */
    private static final int WINDOWS = 90;

    /** Characters of a name, at most. */
    private static final int NAME = 60;

    private static final String POINTS = """
            SELECT (window_start AT TIME ZONE ?::text)::date AS day, observed, expected, lower, upper, denominator, evidence
            FROM bi.metric_point
            WHERE metric = ? AND breakdown = ? AND value = ? AND grain = ?
              AND definition = (SELECT m.definition FROM bi.metric_point m
                                WHERE m.metric = ? AND m.breakdown = ? AND m.value = ? AND m.grain = ?
                                ORDER BY m.as_of DESC NULLS LAST, m.window_start DESC LIMIT 1)
            ORDER BY window_start DESC
            LIMIT ?""";

    private static final String ALERTS = """
            SELECT (started_at AT TIME ZONE ?::text)::date AS day, kind, status, summary
            FROM bi.alert
            WHERE metric = ? AND breakdown = ? AND value = ? AND started_at IS NOT NULL
            ORDER BY started_at DESC
            LIMIT 10""";

    private String kind() {
        return metric.substring(0, Math.max(0, metric.indexOf('/')));
    }

    /** Whether it is kept as exits a day and read as days. */
    private boolean isDwell() {
        return kind().equals("dwell");
    }

    public Unit unit() {
        return switch (kind()) {
            case "conversion", "win_rate" -> Unit.SHARE;
            case "dwell", "time_to" -> Unit.DAYS;
            default -> Unit.COUNT;
        };
    }

    /** What it measures, in words. */
    public String words() {
        String[] parts = metric.split("/", 3);
        String first = parts.length > 1 ? Figures.cut(parts[1], NAME) : "";
        String second = parts.length > 2 ? Figures.cut(parts[2], NAME) : "";
        return switch (parts[0]) {
            case "conversion" -> "Conversion to " + second + " in funnel " + first;
            case "entered" -> "Attempts a day that entered funnel " + first;
            case "time_to" -> "Time to " + second + " in funnel " + first;
            case "dwell" -> "Days a deal stays in " + second + " of pipeline " + first;
            case "arrivals" -> "Deals a day that came into " + second + " of pipeline " + first;
            case "wip" -> "Deals in " + second + " of pipeline " + first;
            case "win_rate" -> "Win rate of pipeline " + first;
            default -> Figures.cut(metric, NAME);
        };
    }

    /** Which part of it, in words; empty for all. */
    public static String segment(String breakdown, String value) {
        return breakdown.isEmpty() || breakdown.equals(TOTAL)
                ? ""
                : Figures.cut(breakdown.replaceFirst("^properties\\.", ""), NAME) + " " + Figures.cut(value, NAME);
    }

    /** A number of the series as it is kept, in the unit in which it is read; null for what is not. */
    public @Nullable Double read(@Nullable Double kept) {
        if (kept == null || !isDwell()) {
            return kept == null || !kind().equals("time_to") ? kept : Double.valueOf(kept / 86_400);
        }
        return kept > 0 ? 1 / kept : null;
    }

    /** How a number lies in the band of what is usual. */
    String against(Line point) {
        Double seen = read(point.number("observed"));
        Double lower = lower(point);
        Double upper = upper(point);
        if (seen == null) {
            return "nothing seen";
        } else if (lower == null || upper == null) {
            return "no usual yet: too few windows";
        } else if (seen < lower) {
            return "below the usual";
        }
        return seen > upper ? "above the usual" : "as usual";
    }

    @Nullable Double lower(Line point) {
        return read(point.number(isDwell() ? "upper" : "lower"));
    }

    @Nullable Double upper(Line point) {
        return read(point.number(isDwell() ? "lower" : "upper"));
    }

    /** What a point rests on. */
    String basis(Line point) {
        return switch (kind()) {
            case "conversion", "win_rate" -> "n " + Figures.count(point.number("denominator"));
            case "dwell" -> Figures.count(point.number("denominator")) + " days waited";
            default -> "";
        };
    }

    /**
     * Its chart with the band of what is usual, and marks of the alerts that name this very segment and, on the whole, of what
     * the playbook says was changed.
     *
     * @param zone of the windows' days
     */
    Html figure(Look look, String id, String zone) throws SQLException {
        List<Line> points = new ArrayList<>(look.views()
                .ask(POINTS, zone, metric, breakdown, value, grain, metric, breakdown, value, grain, WINDOWS));
        Collections.reverse(points);
        String segment = segment(breakdown, value);
        String title = words() + (segment.isEmpty() ? "" : ", " + segment) + ", by " + grain + " (" + zone + ")";
        if (points.isEmpty()) {
            return Html.of("<p class=\"empty\">{}: no window has closed yet.</p>", title);
        }
        List<Charts.Point> drawn = new ArrayList<>();
        List<List<Object>> rows = new ArrayList<>();
        for (Line point : points) {
            Double seen = read(point.number("observed"));
            String usual = span(lower(point), upper(point));
            drawn.add(new Charts.Point(
                    Objects.requireNonNull(point.day("day")),
                    seen,
                    read(point.number("expected")),
                    lower(point),
                    upper(point),
                    Figures.day(point.day("day")) + ": " + unit().write(seen) + ", usual " + usual + " " + basis(point),
                    true));
            rows.add(
                    0,
                    List.of(
                            Figures.day(point.day("day")),
                            unit().write(seen),
                            usual,
                            basis(point),
                            Figures.caution(point.text("evidence"))));
        }
        Html table = Pieces.table(
                title,
                List.of(
                        Pieces.Column.text(grain + " of"),
                        Pieces.Column.number("seen"),
                        Pieces.Column.number("usual"),
                        Pieces.Column.number("rests on"),
                        Pieces.Column.text("")),
                rows);
        return Pieces.figure(id, title, Charts.trend(id, title, unit(), drawn, marks(look, zone, drawn)), table);
    }

    String span(@Nullable Double lower, @Nullable Double upper) {
        return lower == null || upper == null ? Figures.NONE : unit().write(lower) + " to " + unit().write(upper);
    }

    private List<Charts.Mark> marks(Look look, String zone, List<Charts.Point> points) throws SQLException {
        List<Charts.Mark> marks = new ArrayList<>();
        for (Line alert : look.views().ask(ALERTS, zone, metric, breakdown, value)) {
            String status = alert.text("status");
            marks.add(new Charts.Mark(
                    Objects.requireNonNull(alert.day("day")),
                    alert.text("kind").replace('_', ' ') + (status.equals("firing") ? "" : ", " + status),
                    status.equals("firing") || status.equals("acknowledged")));
        }
        if (breakdown.equals(TOTAL)) {
            look.changes().forEach(change -> marks.add(new Charts.Mark(change.date(), change.what(), false)));
        }
        var first = points.get(0).day();
        var last = points.get(points.size() - 1).day();
        marks.removeIf(mark -> mark.day().isBefore(first) || mark.day().isAfter(last.plusDays(7)));
        return marks;
    }
}
