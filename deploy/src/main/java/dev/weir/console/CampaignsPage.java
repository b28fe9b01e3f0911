package dev.weir.console;

import dev.weir.console.Pieces.Column;
import dev.weir.console.Pieces.Filter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What campaigns did and cost, and the revenue that models credit them with. */
final class CampaignsPage implements Page {
    private static final int ROWS = 60;

    private static final String WINDOWS = """
            SELECT grain, window_start::text AS start, window_date, timezone FROM bi.campaign_by
            GROUP BY grain, window_start, window_date, timezone
            ORDER BY array_position(ARRAY['all', 'quarter', 'month', 'week', 'day'], grain), window_start DESC LIMIT 40""";

    private static final String BREAKDOWNS =
            "SELECT breakdown FROM bi.campaign_by WHERE grain = 'all' GROUP BY breakdown ORDER BY breakdown";

    private static final String MODELS = """
            SELECT model FROM bi.attribution WHERE grain = 'all' GROUP BY model
            ORDER BY array_position(ARRAY['linear', 'first', 'last', 'position', 'time_decay', 'shapley', 'markov'], model)""";

    private static final String DID = """
            SELECT value, touches, people_reached, people_engaged, engagement_rate, low, high, evidence, email_sent, open_rate,
                   click_rate, cost, currency
            FROM bi.campaign_by WHERE grain = ? AND window_start = ?::timestamptz AND breakdown = ?
            ORDER BY people_reached DESC NULLS LAST, value LIMIT ?""";

    private static final String CREDIT = """
            SELECT value, conversions, revenue, currency, without_rate, revenue_share, cost, roas, cost_per_conversion, n, evidence
            FROM bi.attribution WHERE grain = ? AND window_start = ?::timestamptz AND breakdown = ? AND model = ?
            ORDER BY revenue DESC NULLS LAST, value LIMIT ?""";

    @Override
    public String path() {
        return "/campaigns";
    }

    @Override
    public String name() {
        return "Campaigns";
    }

    @Override
    public Html body(Look look) throws SQLException {
        Map<String, String> windows = new LinkedHashMap<>();
        String zone = "UTC";
        for (Line line : look.views().ask(WINDOWS)) {
            String grain = line.text("grain");
            zone = line.text("timezone").isEmpty() ? zone : line.text("timezone");
            windows.put(
                    grain + " " + line.text("start"),
                    grain.equals("all") ? "whole history" : grain + " of " + Figures.day(line.day("window_date")));
        }
        if (windows.isEmpty()) {
            return Html.of(
                    "<h1>Campaigns</h1><p class=\"empty\">Nothing yet: the playbook has no <code>attribution</code> section, or no"
                            + " engagement has come. With one, this page shows what each campaign, channel and asset did, what it cost"
                            + " and the won revenue that each model credits it with.</p>");
        }
        Query query = look.query();
        String window = ConversionPage.known(query.get("window"), windows, ConversionPage.first(windows));
        Map<String, String> breakdowns = choices(look, BREAKDOWNS, "breakdown");
        String breakdown = ConversionPage.known(
                query.get("by"),
                breakdowns,
                breakdowns.containsKey("campaign") ? "campaign" : ConversionPage.first(breakdowns));
        Map<String, String> models = choices(look, MODELS, "model");
        String model = ConversionPage.known(query.get("model"), models, ConversionPage.first(models));
        int space = window.indexOf(' ');
        String grain = window.substring(0, space);
        String start = window.substring(space + 1);
        return Html.join(
                Html.of(
                        "<h1>Campaigns and attribution</h1><p class=\"about\">Windows in {}. Credit is a rule about touches before a"
                                + " win; none of the models is causal.</p>",
                        zone),
                Pieces.filters(
                        query,
                        List.of(
                                new Filter("window", "Window", windows, window),
                                new Filter("by", "By", breakdowns, breakdown),
                                new Filter("model", "Model", models, model))),
                credit(look, grain, start, breakdown, model),
                did(look, grain, start, breakdown));
    }

    private static Map<String, String> choices(Look look, String question, String column) throws SQLException {
        Map<String, String> choices = new LinkedHashMap<>();
        for (Line line : look.views().ask(question)) {
            choices.put(line.text(column), line.text(column).replace('_', ' '));
        }
        return choices;
    }

    private static Html credit(Look look, String grain, String start, String breakdown, String model)
            throws SQLException {
        List<Line> lines = look.views().ask(CREDIT, grain, start, breakdown, model, ROWS);
        if (lines.isEmpty()) {
            return Pieces.card(
                    "Revenue credited",
                    Html.of(
                            "<p class=\"empty\">No won deal in this window, or the model does not speak of {}.</p>",
                            breakdown));
        }
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : lines) {
            rows.add(List.of(
                    Figures.cut(line.text("value"), 120),
                    Figures.decimal(line.number("conversions"), 1),
                    Figures.money(line.money("revenue")),
                    Charts.bar(line.number("revenue_share"), null, null),
                    Figures.percent(line.number("revenue_share")),
                    Figures.money(line.money("cost")),
                    Figures.decimal(line.number("roas"), 2),
                    Figures.money(line.money("cost_per_conversion"))));
        }
        Line first = lines.get(0);
        return Pieces.card(
                "Revenue credited by the model " + model.replace('_', ' '),
                Html.of(
                        "<p>{} won deals in the window, in {}. {}</p>",
                        Figures.count(first.number("n")),
                        first.text("currency"),
                        Figures.caution(first.text("evidence"))),
                Pieces.table(
                        "Credit by " + breakdown,
                        List.of(
                                Column.text(breakdown),
                                Column.number("won deals"),
                                Column.number("revenue"),
                                Column.text("share of all"),
                                Column.number(""),
                                Column.number("cost"),
                                Column.number("revenue per cost"),
                                Column.number("cost per won deal")),
                        rows));
    }

    private static Html did(Look look, String grain, String start, String breakdown) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : look.views().ask(DID, grain, start, breakdown, ROWS)) {
            rows.add(List.of(
                    Figures.cut(line.text("value"), 120),
                    Figures.count(line.number("touches")),
                    Figures.count(line.number("people_reached")),
                    Pieces.rate(
                            line.number("engagement_rate"),
                            line.number("low"),
                            line.number("high"),
                            line.count("people_reached"),
                            Figures.caution(line.text("evidence"))),
                    Figures.count(line.number("email_sent")),
                    Figures.percent(line.number("open_rate")),
                    Figures.percent(line.number("click_rate")),
                    Figures.money(line.money("cost"))));
        }
        return Pieces.card(
                "What they did",
                Pieces.table(
                        "By " + breakdown + "; people may be in several, so they do not sum",
                        List.of(
                                Column.text(breakdown),
                                Column.number("touches"),
                                Column.number("people reached"),
                                Column.number("of those engaged"),
                                Column.number("e-mails"),
                                Column.number("opened"),
                                Column.number("clicked"),
                                Column.number("cost")),
                        rows));
    }
}
