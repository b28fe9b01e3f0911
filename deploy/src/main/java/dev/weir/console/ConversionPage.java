package dev.weir.console;

import dev.weir.console.Pieces.Column;
import dev.weir.console.Pieces.Filter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How many get from step to step, how mature that is, where it is going for whom, and why it moved. */
final class ConversionPage implements Page {
    /** Windows of the table, and values of a breakdown with a chart each, at most. */
    private static final int WINDOWS = 10;

    private static final int VALUES = 12;

    private static final String FUNNELS =
            "SELECT funnel, max(as_of) AS as_of FROM bi.funnel_total WHERE grain = 'all' GROUP BY funnel ORDER BY funnel LIMIT 200";

    /** The definition that counts: the one whose rows are the newest. */
    private static final String CURRENT = """
            SELECT definition, timezone FROM bi.funnel_total WHERE funnel = ? AND grain = 'all'
            ORDER BY as_of DESC NULLS LAST, definition LIMIT 1""";

    private static final String STEPS = """
            SELECT step_no, step FROM bi.funnel_total WHERE funnel = ? AND definition = ? AND grain = 'all' ORDER BY step_no""";

    private static final String GRAINS = """
            SELECT grain FROM bi.funnel_total WHERE funnel = ? AND definition = ? AND grain <> 'all'
            GROUP BY grain ORDER BY array_position(ARRAY['day', 'week', 'month', 'quarter'], grain)""";

    private static final String BREAKDOWNS = """
            SELECT breakdown FROM bi.funnel_by WHERE funnel = ? AND definition = ? AND grain = 'all'
            GROUP BY breakdown ORDER BY breakdown""";

    private static final String VALUES_OF = """
            SELECT value FROM bi.funnel_by
            WHERE funnel = ? AND definition = ? AND grain = 'all' AND breakdown = ? AND step_no = 1
            ORDER BY entered DESC, value LIMIT ?""";

    private static final String WHOLE = """
            SELECT step_no, step, entered, reached, rate, low, high, n, share_matured, evidence, km_p50_seconds, seconds_p50,
                   projected, projected_low, projected_high
            FROM bi.funnel_total WHERE funnel = ? AND definition = ? AND grain = ?
              AND window_start = (SELECT max(window_start) FROM bi.funnel_total
                                  WHERE funnel = ? AND definition = ? AND grain = ?
                                    AND (grain = 'all' OR share_matured = 1))
            ORDER BY step_no""";

    private static final String BY = """
            SELECT value, entered, rate, low, high, n, share_matured, evidence, km_p50_seconds
            FROM bi.funnel_by WHERE funnel = ? AND definition = ? AND grain = 'all' AND breakdown = ? AND step = ?
            ORDER BY entered DESC, value LIMIT ?""";

    private static final String WINDOWS_OF = """
            SELECT window_date, is_complete, entered, reached, rate, low, high, n, share_matured, evidence,
                   projected, projected_low, projected_high
            FROM bi.funnel_total WHERE funnel = ? AND definition = ? AND grain = ? AND step = ?
            ORDER BY window_start DESC LIMIT ?""";

    private static final String MOVED = """
            SELECT breakdown, value, rate_before, rate_now, weight_before, weight_now, rate_part, mix_part, moved,
                   whole_before, whole_now, change, whole_rate_part, whole_mix_part, cause, n_before, n, evidence, window_start
            FROM bi.funnel_moved
            WHERE funnel = ? AND definition = ? AND step = ? AND grain = ? AND breakdown = ?
              AND window_start = (SELECT max(window_start) FROM bi.metric_point
                                  WHERE metric = ? AND definition = ? AND grain = ? AND breakdown = ?)
            ORDER BY place LIMIT ?""";

    @Override
    public String path() {
        return "/conversion";
    }

    @Override
    public String name() {
        return "Conversion";
    }

    @Override
    public Html body(Look look) throws SQLException {
        List<Line> funnels = look.views().ask(FUNNELS);
        if (funnels.isEmpty()) {
            return Html.of(
                    "<h1>Conversion</h1><p class=\"empty\">No funnel yet: the playbook defines none, or no event has come.</p>");
        }
        Chosen chosen = Chosen.of(look, funnels);
        return Html.join(
                Html.of(
                        "<h1>Conversion: {}</h1><p class=\"about\">Windows in {}. A rate is of attempts that had their full time,"
                                + " with its 95 % interval.</p>",
                        Figures.cut(chosen.funnel, 80), chosen.zone),
                Pieces.filters(look.query(), chosen.filters()),
                funnel(look, chosen),
                trend(look, chosen),
                moved(look, chosen),
                windows(look, chosen));
    }

    /** What the reader chose, or what is chosen where the reader did not. */
    private static final class Chosen {
        final Map<String, String> funnels = new LinkedHashMap<>();
        final Map<String, String> steps = new LinkedHashMap<>();
        final Map<String, String> grains = new LinkedHashMap<>();
        final Map<String, String> breakdowns = new LinkedHashMap<>();
        final Map<String, String> values = new LinkedHashMap<>();
        String funnel = "";
        String definition = "";
        String zone = "UTC";
        String step = "";
        String grain = "";
        String breakdown = "";
        String value = "";

        static Chosen of(Look look, List<Line> funnels) throws SQLException {
            Chosen chosen = new Chosen();
            Query query = look.query();
            funnels.forEach(line -> chosen.funnels.put(line.text("funnel"), line.text("funnel")));
            chosen.funnel = known(query.get("funnel"), chosen.funnels, first(chosen.funnels));
            Line current = Objects.requireNonNull(look.views().one(CURRENT, chosen.funnel));
            chosen.definition = current.text("definition");
            chosen.zone = current.text("timezone").isEmpty() ? "UTC" : current.text("timezone");
            for (Line line : look.views().ask(STEPS, chosen.funnel, chosen.definition)) {
                if (line.count("step_no") > 1) {
                    chosen.steps.put(line.text("step"), line.text("step"));
                }
            }
            chosen.step = known(query.get("step"), chosen.steps, first(chosen.steps));
            for (Line line : look.views().ask(GRAINS, chosen.funnel, chosen.definition)) {
                chosen.grains.put(line.text("grain"), line.text("grain"));
            }
            chosen.grain = known(query.get("grain"), chosen.grains, known("week", chosen.grains, first(chosen.grains)));
            chosen.breakdowns.put("", "nothing: all together");
            for (Line line : look.views().ask(BREAKDOWNS, chosen.funnel, chosen.definition)) {
                chosen.breakdowns.put(
                        line.text("breakdown"), line.text("breakdown").replaceFirst("^properties\\.", ""));
            }
            chosen.breakdown = known(query.get("breakdown"), chosen.breakdowns, "");
            chosen.values.put("", "every value");
            if (!chosen.breakdown.isEmpty()) {
                for (Line line : look.views().ask(VALUES_OF, chosen.funnel, chosen.definition, chosen.breakdown, 200)) {
                    chosen.values.put(line.text("value"), line.text("value"));
                }
            }
            chosen.value = known(query.get("value"), chosen.values, "");
            return chosen;
        }

        List<Filter> filters() {
            List<Filter> filters = new ArrayList<>();
            filters.add(new Filter("funnel", "Funnel", funnels, funnel));
            filters.add(new Filter("step", "Step", steps, step));
            filters.add(new Filter("grain", "Windows by", grains, grain));
            filters.add(new Filter("breakdown", "Broken down by", breakdowns, breakdown));
            if (values.size() > 1) {
                filters.add(new Filter("value", "Value", values, value));
            }
            return filters;
        }

        /** Values with a chart each. */
        List<String> shown() {
            return value.isEmpty()
                    ? values.keySet().stream()
                            .filter(one -> !one.isEmpty())
                            .limit(VALUES)
                            .toList()
                    : List.of(value);
        }

        String metric() {
            return "conversion/" + funnel + "/" + step;
        }
    }

    static String known(String asked, Map<String, String> choices, String otherwise) {
        return !asked.isEmpty() && choices.containsKey(asked) ? asked : otherwise;
    }

    static String first(Map<String, String> choices) {
        return choices.isEmpty() ? "" : choices.keySet().iterator().next();
    }

    private static Html funnel(Look look, Chosen chosen) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        List<Line> steps = look.views()
                .ask(WHOLE, chosen.funnel, chosen.definition, "all", chosen.funnel, chosen.definition, "all");
        for (Line step : steps) {
            rows.add(List.of(
                    step.text("step"),
                    Figures.count(step.number("reached")),
                    Charts.bar(step.number("rate"), step.number("low"), step.number("high")),
                    rate(step),
                    Figures.duration(time(step)),
                    projected(step)));
        }
        Line first = steps.isEmpty() ? null : steps.get(0);
        return Pieces.card(
                "From step to step, whole history",
                first == null
                        ? Html.EMPTY
                        : Html.of(
                                "<p>{} attempts entered, {} of them had their full time.</p>",
                                Figures.count(first.number("entered")),
                                Figures.percent(first.number("share_matured"))),
                Pieces.table(
                        "Steps of the funnel",
                        List.of(
                                Column.text("step"),
                                Column.number("reached"),
                                Column.text("of those who entered"),
                                Column.number("rate, mature only"),
                                Column.number("median time to it"),
                                Column.number("where it will end")),
                        rows),
                by(look, chosen));
    }

    /** With those still on their way counted, where that can be said; else of those who got there. */
    private static @Nullable Double time(Line step) {
        Double censored = step.number("km_p50_seconds");
        return censored != null ? censored : step.number("seconds_p50");
    }

    private static Html rate(Line line) {
        return Pieces.rate(
                line.number("rate"),
                line.number("low"),
                line.number("high"),
                line.count("n"),
                Figures.caution(line.text("evidence")));
    }

    private static Html projected(Line line) {
        Double share = line.number("share_matured");
        Double projected = line.number("projected");
        if (projected == null || share == null || share >= 1) {
            return Html.of("{}", Figures.NONE);
        }
        return Html.of(
                "{}<small>{}; {}</small>",
                Figures.percent(projected),
                Figures.interval(line.number("projected_low"), line.number("projected_high")),
                Figures.maturity(share));
    }

    private static Html by(Look look, Chosen chosen) throws SQLException {
        if (chosen.breakdown.isEmpty()) {
            return Html.EMPTY;
        }
        List<List<Object>> rows = new ArrayList<>();
        for (Line line :
                look.views().ask(BY, chosen.funnel, chosen.definition, chosen.breakdown, chosen.step, 4 * VALUES)) {
            rows.add(List.of(
                    Figures.cut(line.text("value"), 120),
                    Figures.count(line.number("entered")),
                    Charts.bar(line.number("rate"), line.number("low"), line.number("high")),
                    rate(line),
                    Figures.duration(line.number("km_p50_seconds"))));
        }
        return Pieces.table(
                "To " + chosen.step + " by " + chosen.breakdowns.get(chosen.breakdown),
                List.of(
                        Column.text("value"),
                        Column.number("entered"),
                        Column.text("of those who entered"),
                        Column.number("rate, mature only"),
                        Column.number("median time to it")),
                rows);
    }

    private static Html trend(Look look, Chosen chosen) throws SQLException {
        List<Html> charts = new ArrayList<>();
        if (chosen.breakdown.isEmpty()) {
            charts.add(new Series(chosen.metric(), Series.TOTAL, Series.TOTAL, chosen.grain)
                    .figure(look, "trend", chosen.zone));
        }
        for (String value : chosen.breakdown.isEmpty() ? List.<String>of() : chosen.shown()) {
            charts.add(new Series(chosen.metric(), chosen.breakdown, value, chosen.grain)
                    .figure(look, "trend-" + charts.size(), chosen.zone));
        }
        return Pieces.card(
                "Where it is going",
                Html.of(
                        "<p class=\"note\">Share of those who reached the step before. The band is what is usual after the windows"
                                + " before; a window comes in once all its attempts had their time. A line across marks an alert about"
                                + " just this segment.</p>{}",
                        charts));
    }

    private static Html moved(Look look, Chosen chosen) throws SQLException {
        String breakdown = chosen.breakdown.isEmpty()
                ? chosen.breakdowns.keySet().stream()
                        .filter(one -> !one.isEmpty())
                        .findFirst()
                        .orElse("")
                : chosen.breakdown;
        List<Html> parts = new ArrayList<>();
        for (String one : chosen.breakdown.isEmpty() ? chosen.breakdowns.keySet() : List.of(breakdown)) {
            if (!one.isEmpty()) {
                parts.add(moved(look, chosen, one));
            }
        }
        return Pieces.card(
                "Why it moved",
                parts.isEmpty()
                        ? Html.of("<p class=\"empty\">The funnel has no breakdowns to tell by.</p>")
                        : Html.of("{}", parts),
                Html.of("<p class=\"note\">This describes where the change sits; it does not say what caused it.</p>"));
    }

    private static Html moved(Look look, Chosen chosen, String breakdown) throws SQLException {
        String name = chosen.breakdowns.getOrDefault(breakdown, breakdown);
        List<Line> lines = look.views()
                .ask(
                        MOVED,
                        chosen.funnel,
                        chosen.definition,
                        chosen.step,
                        chosen.grain,
                        breakdown,
                        chosen.metric(),
                        chosen.definition,
                        chosen.grain,
                        breakdown,
                        VALUES);
        if (lines.isEmpty()) {
            return Html.of("<p class=\"empty\">By {}: no window with others before it.</p>", name);
        }
        Line whole = lines.get(0);
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : lines) {
            rows.add(List.of(
                    Figures.cut(line.text("value"), 120),
                    Figures.percent(line.number("rate_before")) + " → " + Figures.percent(line.number("rate_now")),
                    Figures.percent(line.number("weight_before")) + " → " + Figures.percent(line.number("weight_now")),
                    Figures.points(line.number("rate_part")),
                    Figures.points(line.number("mix_part")),
                    Figures.points(line.number("moved"))));
        }
        return Html.of(
                "<h3>By {}</h3><p>In the {} of {} the rate was {} (n {}), in the eight before {}: {}, {}. {}</p>{}",
                name,
                chosen.grain,
                Figures.day(Zones.day(Objects.requireNonNull(whole.time("window_start")), chosen.zone)),
                Figures.percent(whole.number("whole_now")),
                Figures.count(whole.number("n")),
                Figures.percent(whole.number("whole_before")),
                Figures.points(whole.number("change")),
                switch (whole.text("cause")) {
                    case "rate" -> "mostly because values convert otherwise";
                    case "mix" -> "mostly because their shares moved";
                    default -> "both because values convert otherwise and because their shares moved";
                },
                Figures.caution(whole.text("evidence")),
                Pieces.table(
                        "What each " + name + " moved the whole by",
                        List.of(
                                Column.text(name),
                                Column.number("its rate"),
                                Column.number("its share"),
                                Column.number("by rate"),
                                Column.number("by share"),
                                Column.number("together")),
                        rows));
    }

    private static Html windows(Look look, Chosen chosen) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        for (Line line :
                look.views().ask(WINDOWS_OF, chosen.funnel, chosen.definition, chosen.grain, chosen.step, WINDOWS)) {
            rows.add(List.of(
                    Figures.day(line.day("window_date")) + (line.is("is_complete") ? "" : " (not over)"),
                    Figures.count(line.number("entered")),
                    Figures.count(line.number("reached")),
                    rate(line),
                    Figures.percent(line.number("share_matured")),
                    projected(line)));
        }
        return Pieces.card(
                "The newest windows",
                Pieces.table(
                        "To " + chosen.step + " of all who entered, by " + chosen.grain + " of entry (" + chosen.zone
                                + ")",
                        List.of(
                                Column.text(chosen.grain + " of"),
                                Column.number("entered"),
                                Column.number("reached so far"),
                                Column.number("rate, mature only"),
                                Column.number("matured"),
                                Column.number("where it will end")),
                        rows));
    }
}
