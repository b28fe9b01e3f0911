package dev.weir.console;

import dev.weir.console.Pieces.Column;
import dev.weir.playbook.Change;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What needs a decision, what changed, what is stuck, what is due for review. */
final class OverviewPage implements Page {
    /** Charts of alerts, at most. */
    private static final int CHARTS = 4;

    private static final String STANDING = "SELECT " + AlertPieces.COLUMNS + """
             FROM bi.alert
            WHERE status IN ('firing', 'acknowledged') AND kind NOT IN ('stalled', 'digest')
            ORDER BY status = 'firing' DESC, severity = 'critical' DESC, started_at DESC, alert_id
            LIMIT 20""";

    private static final String ENDED = "SELECT " + AlertPieces.COLUMNS + """
             FROM bi.alert
            WHERE status IN ('resolved', 'retracted') AND kind NOT IN ('stalled', 'digest') AND ended_at > ?::timestamptz - interval '14 days'
            ORDER BY ended_at DESC, alert_id
            LIMIT 5""";

    /** The newest window of every watched total, at the grain that people speak of. */
    private static final String NEWEST = """
            SELECT DISTINCT ON (metric) metric, grain, window_start, observed, expected, lower, upper, denominator, evidence
            FROM bi.metric_point
            WHERE breakdown = '(total)' AND split_part(metric, '/', 1) <> 'wip'
            ORDER BY metric, array_position(ARRAY['week', 'month', 'day', 'quarter'], grain), window_start DESC, as_of DESC
            LIMIT 60""";

    private static final String STALLED = """
            SELECT pipeline, stage, count(*) AS deals, sum(amount_reporting) AS amount, max(days_in_stage) AS longest
            FROM bi.stalled
            GROUP BY pipeline, stage
            ORDER BY sum(amount_reporting) DESC NULLS LAST, pipeline, stage
            LIMIT 10""";

    @Override
    public String path() {
        return "/";
    }

    @Override
    public String name() {
        return "Overview";
    }

    @Override
    public Html body(Look look) throws SQLException {
        Health health = Health.of(look.views());
        Instant asOf = Objects.requireNonNullElse(health.asOf(), Instant.EPOCH);
        return Html.join(
                Html.of("<h1>Overview</h1><p class=\"about\">What happened up to {}.</p>", Pieces.time(health.asOf())),
                health.banner(),
                decisions(look),
                Html.of("<div class=\"grid\">{}{}</div>", stalled(look), due(look, asOf)),
                changed(look, asOf));
    }

    private static Html decisions(Look look) throws SQLException {
        List<Line> alerts = look.views().ask(STANDING);
        if (alerts.isEmpty()) {
            return Pieces.card(
                    "Needs a decision",
                    Html.of(
                            "<p class=\"empty\">No alert stands. What is smaller than the bands below would not be seen.</p>"));
        }
        List<Html> shown = new ArrayList<>();
        for (Line alert : alerts) {
            Html chart = shown.size() < CHARTS ? chart(look, alert) : Html.EMPTY;
            shown.add(AlertPieces.alert(
                    alert,
                    chart,
                    Html.of(
                            "<p><a href=\"/alerts?{}\">Evidence and answer</a></p>",
                            new Query(java.util.Map.of("alert", alert.text("alert_id"))).text())));
        }
        return Pieces.card("Needs a decision (" + alerts.size() + ")", shown.toArray(Html[]::new));
    }

    /** The series behind an alert at the finest grain that is watched. */
    static Html chart(Look look, Line alert) throws SQLException {
        String metric = alert.text("metric");
        if (metric.isEmpty()) {
            return Html.EMPTY;
        }
        Line grain = look.views().one("""
                        SELECT grain FROM bi.metric_point WHERE metric = ? AND breakdown = ? AND value = ?
                        GROUP BY grain ORDER BY array_position(ARRAY['day', 'week', 'month', 'quarter'], grain) LIMIT 1""", metric, alert.text("breakdown"), alert.text("value"));
        return grain == null
                ? Html.EMPTY
                : new Series(metric, alert.text("breakdown"), alert.text("value"), grain.text("grain"))
                        .figure(look, "series-" + alert.text("alert_id"), Zones.of(look.views()));
    }

    private static Html changed(Look look, Instant asOf) throws SQLException {
        String zone = Zones.of(look.views());
        List<List<Object>> rows = new ArrayList<>();
        for (Line point : look.views().ask(NEWEST)) {
            Series series = new Series(point.text("metric"), Series.TOTAL, Series.TOTAL, point.text("grain"));
            String against = series.against(point);
            rows.add(List.of(
                    series.words(),
                    series.unit().write(series.read(point.number("observed"))),
                    series.span(series.lower(point), series.upper(point)),
                    against.startsWith("as") || against.startsWith("no")
                            ? Html.of("{}", against)
                            : AlertPieces.tag("warn", against),
                    Html.of(
                            "{} of {}",
                            series.grain(),
                            Pieces.day(Zones.day(Objects.requireNonNull(point.time("window_start")), zone))),
                    joined(series.basis(point), Figures.caution(point.text("evidence")))));
        }
        List<Html> ended = new ArrayList<>();
        for (Line alert : look.views().ask(ENDED, asOf.toString())) {
            ended.add(AlertPieces.alert(alert));
        }
        return Pieces.card(
                "What changed",
                ended.isEmpty()
                        ? Html.EMPTY
                        : Html.of("<h3>Ended or taken back within 14 days</h3>{}<h3>All that is watched</h3>", ended),
                rows.isEmpty()
                        ? Html.of("<p class=\"empty\">No window has closed yet.</p>")
                        : Pieces.table(
                                "The newest closed window of every series over all, windows in " + zone,
                                List.of(
                                        Column.text("what"),
                                        Column.number("seen"),
                                        Column.number("usual"),
                                        Column.text("so it is"),
                                        Column.text("window"),
                                        Column.text("rests on")),
                                rows));
    }

    private static String joined(String one, String other) {
        return one.isEmpty() || other.isEmpty() ? one + other : one + "; " + other;
    }

    private static Html stalled(Look look) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : look.views().ask(STALLED)) {
            rows.add(List.of(
                    line.text("pipeline") + " / " + line.text("stage"),
                    Figures.count(line.number("deals")),
                    Figures.money(line.money("amount")),
                    Figures.days(line.number("longest"))));
        }
        return Pieces.card(
                "What is stuck",
                rows.isEmpty()
                        ? Html.of("<p class=\"empty\">No open deal stands still for longer than its stage allows.</p>")
                        : Html.join(
                                Pieces.table(
                                        "Open deals that stand still for longer than their stage allows",
                                        List.of(
                                                Column.text("pipeline / stage"),
                                                Column.number("deals"),
                                                Column.number("worth"),
                                                Column.number("longest in stage")),
                                        rows),
                                Html.of("<p><a href=\"/pipeline#stalled\">Which deals</a></p>")));
    }

    private static Html due(Look look, Instant asOf) {
        LocalDate today = asOf.atZone(ZoneOffset.UTC).toLocalDate();
        List<List<Object>> rows = new ArrayList<>();
        for (Change change : look.changes()) {
            LocalDate review = change.review();
            if (review != null && !review.isAfter(today)) {
                rows.add(List.of(
                        review,
                        Figures.cut(change.what(), 300),
                        Figures.cut(change.expects(), 300),
                        change.date(),
                        Figures.cut(change.who(), 60)));
            }
        }
        return Pieces.card(
                "Changes due for review",
                rows.isEmpty()
                        ? Html.of(
                                "<p class=\"empty\">None: no change of the playbook has a review day up to {}.</p>",
                                today)
                        : Pieces.table(
                                "Changes of the playbook whose review day has come",
                                List.of(
                                        Column.text("review"),
                                        Column.text("what"),
                                        Column.text("should bring"),
                                        Column.text("since"),
                                        Column.text("by")),
                                rows));
    }
}
