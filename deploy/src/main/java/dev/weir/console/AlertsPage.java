package dev.weir.console;

import dev.weir.console.Pieces.Filter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The alerts as they stand, what each rests on, and an answer to it. */
final class AlertsPage implements Page {
    private static final int SHOWN = 60;
    /** Alerts with a chart and open evidence: with more the page is no longer read. */
    private static final int CHARTS = 6;

    private static final String ALERTS = "SELECT " + AlertPieces.COLUMNS + """
            , count(*) OVER () AS all_of_them
            FROM bi.alert
            WHERE (?::text = '' OR alert_id = ?)
              AND (?::text = '' OR status = ANY (string_to_array(?, ' ')))
              AND (?::text = '' OR kind = ?)
              AND (?::text <> 'incidents' OR kind NOT IN ('stalled', 'digest'))
              AND (?::text = '' OR team = ?)
              AND (?::text = '' OR severity = ?)
            ORDER BY kind IN ('stalled', 'digest'), status = 'firing' DESC, status = 'acknowledged' DESC, started_at DESC, alert_id
            LIMIT ?""";

    @Override
    public String path() {
        return "/alerts";
    }

    @Override
    public String name() {
        return "Alerts";
    }

    @Override
    public Html body(Look look) throws SQLException {
        Query query = look.query();
        String only = query.get("alert");
        Map<String, String> statuses = new LinkedHashMap<>();
        statuses.put("firing acknowledged", "that stand");
        statuses.put("firing", "firing");
        statuses.put("acknowledged", "acknowledged");
        statuses.put("resolved", "resolved");
        statuses.put("retracted", "retracted");
        statuses.put("firing acknowledged resolved retracted", "all");
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("incidents", "all but stalled deals");
        kinds.putAll(choices(look, "kind", "every kind"));
        Map<String, String> teams = choices(look, "team", "every team");
        Map<String, String> severities = choices(look, "severity", "any");
        String status = only.isEmpty()
                ? ConversionPage.known(query.get("status"), statuses, "firing acknowledged")
                : "firing acknowledged resolved retracted";
        // A name that no select could hold stands for every kind in the address.
        String kind = only.isEmpty()
                ? query.get("kind").equals("every") ? "" : ConversionPage.known(query.get("kind"), kinds, "incidents")
                : "";
        String team = ConversionPage.known(query.get("team"), teams, "");
        String severity = ConversionPage.known(query.get("severity"), severities, "");
        String exact = kind.equals("incidents") ? "" : kind;
        List<Line> alerts = look.views()
                .ask(ALERTS, only, only, status, status, exact, exact, kind, team, team, severity, severity, SHOWN);
        return Html.join(
                Html.of("<h1>Alerts</h1>"),
                said(query),
                only.isEmpty()
                        ? Pieces.filters(
                                query,
                                List.of(
                                        new Filter("status", "Alerts", statuses, status),
                                        new Filter("kind", "Kind", everyKind(kinds), kind.isEmpty() ? "every" : kind),
                                        new Filter("team", "Told to", teams, team),
                                        new Filter("severity", "Severity", severities, severity)))
                        : Html.of(
                                "<p><a href=\"/alerts?{}\">All alerts</a></p>",
                                query.with("alert", "").text()),
                shown(look, alerts));
    }

    private static Map<String, String> everyKind(Map<String, String> kinds) {
        Map<String, String> named = new LinkedHashMap<>();
        kinds.forEach((kind, word) -> named.put(kind.isEmpty() ? "every" : kind, word));
        return named;
    }

    private static Map<String, String> choices(Look look, String column, String all) throws SQLException {
        Map<String, String> choices = new LinkedHashMap<>();
        choices.put("", all);
        String question =
                switch (column) {
                    case "kind" -> "SELECT DISTINCT kind AS value FROM bi.alert ORDER BY 1 LIMIT 100";
                    case "team" ->
                        "SELECT DISTINCT team AS value FROM bi.alert WHERE team IS NOT NULL ORDER BY 1 LIMIT 100";
                    default -> "SELECT DISTINCT severity AS value FROM bi.alert ORDER BY 1 LIMIT 100";
                };
        for (Line line : look.views().ask(question)) {
            choices.put(line.text("value"), line.text("value").replace('_', ' '));
        }
        return choices;
    }

    /** What came of the form that led here. */
    private static Html said(Query query) {
        return switch (query.get("said")) {
            case "" -> Html.EMPTY;
            case "acknowledged", "silenced", "verdict" ->
                Html.of(
                        "<p class=\"banner ok\" role=\"status\">Told to the alert desk: {}. It shows here once the desk has heard it.</p>",
                        query.get("said"));
            default -> Html.EMPTY;
        };
    }

    private static Html shown(Look look, List<Line> alerts) throws SQLException {
        if (alerts.isEmpty()) {
            return Html.of("<p class=\"empty\">No alert like that.</p>");
        }
        List<Html> shown = new ArrayList<>();
        for (Line alert : alerts) {
            boolean whole = shown.size() < CHARTS;
            shown.add(AlertPieces.alert(
                    alert,
                    whole ? OverviewPage.chart(look, alert) : Html.EMPTY,
                    Html.of(
                            "<details id=\"evidence-{}\"{}><summary>What it rests on</summary>{}<p class=\"note\">As known {}.</p></details>",
                            alert.text("alert_id"),
                            alerts.size() == 1 ? Html.of(" open") : Html.EMPTY,
                            Evidence.of(alert.text("evidence")),
                            Pieces.time(alert.time("as_of"))),
                    Answer.form(look, alert.text("alert_id"), UUID.randomUUID().toString())));
        }
        long all = alerts.get(0).count("all_of_them");
        return Html.of(
                "<section class=\"card\"><h2>{}</h2>{}</section>",
                all > alerts.size()
                        ? "The first " + alerts.size() + " of " + all
                        : all + (all == 1 ? " alert" : " alerts"),
                shown);
    }
}
