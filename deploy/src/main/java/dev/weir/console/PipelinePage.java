package dev.weir.console;

import dev.weir.console.Pieces.Column;
import dev.weir.console.Pieces.Filter;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What became of the money, where deals wait and since when, which stand still, what the period will bring. */
final class PipelinePage implements Page {
    private static final int STALLED = 50;
    /** Stages with a curve, at most: with more the lines can no longer be told apart. */
    private static final int CURVES = 5;

    private static final double DAY = 86_400;

    private static final String PIPELINES =
            "SELECT pipeline FROM bi.stage_flow WHERE grain = 'all' GROUP BY pipeline ORDER BY pipeline LIMIT 200";

    private static final String CURRENT = """
            SELECT definition, timezone FROM bi.stage_flow WHERE pipeline = ? AND grain = 'all'
            ORDER BY as_of DESC NULLS LAST, definition LIMIT 1""";

    private static final String WINDOWS = """
            SELECT grain, window_start::text AS start, window_date, is_complete FROM bi.pipeline_waterfall
            WHERE pipeline = ? AND definition = ? AND grain <> 'all'
            ORDER BY array_position(ARRAY['quarter', 'month', 'week', 'day'], grain), window_start DESC LIMIT 40""";

    private static final String FIGURES = """
            SELECT created, open_end, won, lost, win_rate, win_rate_low, win_rate_high, evidence, cycle_mean_days, velocity_per_day,
                   won_amount_reporting, open_amount_reporting, target, coverage, pushes
            FROM bi.pipeline_figures WHERE pipeline = ? AND definition = ? AND grain = ? AND window_start = ?::timestamptz""";

    private static final String WATERFALL = """
            SELECT opening, created, reopened, amount_up, amount_down, pulled_in, pushed_out, won, lost, removed, closing, target
            FROM bi.pipeline_waterfall WHERE pipeline = ? AND definition = ? AND grain = ? AND window_start = ?::timestamptz""";

    private static final String QUEUES = """
            SELECT q.stage, q.arrivals, q.exits, q.wip_end, q.arrival_rate, q.exit_rate, q.wait_days, q.is_stationary, q.stationary_p,
                   q.clearing_days, q.fifo_breach_share, q.is_batched, q.exits_in_one_hour, b.load_share, b.load_rank, b.change_rank,
                   b.extra_wip, b.days_lost_per_deal
            FROM bi.stage_queue q
            LEFT JOIN bi.bottleneck b USING (pipeline, definition, grain, window_start, stage)
            WHERE q.pipeline = ? AND q.definition = ? AND q.grain = ? AND q.window_start = ?::timestamptz
            ORDER BY b.load_rank NULLS LAST, q.stage""";

    private static final String SLOW = """
            SELECT alert_id, stage, breakdown, value, started_at, days_before, days_now, days_lost_per_deal, extra_wip, waiting, owner_id,
                   overdue, overdue_amount_reporting, oldest::text AS oldest
            FROM bi.bottleneck_now WHERE pipeline = ? AND definition = ? ORDER BY change_rank LIMIT 5""";

    private static final String DWELL = """
            SELECT stage, closed, open, closed_p50_seconds, km_p50_seconds, closed_mean_seconds, exposure_mean_seconds, cif_won, cif_lost,
                   evidence
            FROM bi.stage_dwell WHERE pipeline = ? AND definition = ? AND grain = 'all' ORDER BY stage""";

    private static final String HAZARD = """
            SELECT stage, age_to_seconds, survival FROM bi.stage_hazard
            WHERE pipeline = ? AND definition = ? AND age_to_seconds IS NOT NULL AND survival IS NOT NULL
            ORDER BY stage, age_from_seconds""";

    private static final String STANDING_STILL = """
            SELECT deal_id, stage, amount_reporting, owner_id, account_id, stalled_since, days_in_stage, push_count, expected_close,
                   last_activity_at
            FROM bi.stalled WHERE pipeline = ? ORDER BY amount_reporting DESC NULLS LAST, days_in_stage DESC, deal_id LIMIT ?""";

    private static final String STALLED_SUM =
            "SELECT count(*) AS deals, sum(amount_reporting) AS amount FROM bi.stalled WHERE pipeline = ?";

    private static final String FORECASTS = """
            SELECT f.grain, f.window_date, f.made_at, f.is_complete, f.won_before, f.expected_of_open, f.expected_of_new, f.expected,
                   f.low, f.high, f.came, f.is_within, f.periods_learned, f.evidence, p.target
            FROM (SELECT DISTINCT ON (grain, window_start) * FROM bi.forecast
                  WHERE pipeline = ? AND definition = ? ORDER BY grain, window_start, made_at DESC) f
            LEFT JOIN bi.pipeline_figures p USING (pipeline, definition, grain, window_start)
            ORDER BY f.window_start DESC, f.grain LIMIT 8""";

    private static final String CALIBRATION = """
            SELECT grain, n, share_within, share_within_low, share_within_high, came_by_expected, evidence
            FROM bi.forecast_calibration WHERE pipeline = ? AND definition = ? ORDER BY grain""";

    @Override
    public String path() {
        return "/pipeline";
    }

    @Override
    public String name() {
        return "Pipeline";
    }

    /** What is shown of what. */
    private record Chosen(String pipeline, String definition, String zone, String grain, String start, String words) {}

    @Override
    public Html body(Look look) throws SQLException {
        Map<String, String> pipelines = new LinkedHashMap<>();
        for (Line line : look.views().ask(PIPELINES)) {
            pipelines.put(line.text("pipeline"), line.text("pipeline"));
        }
        if (pipelines.isEmpty()) {
            return Html.of("<h1>Pipeline</h1><p class=\"empty\">No deal yet.</p>");
        }
        Query query = look.query();
        String pipeline = ConversionPage.known(query.get("pipeline"), pipelines, ConversionPage.first(pipelines));
        Line current = Objects.requireNonNull(look.views().one(CURRENT, pipeline));
        String definition = current.text("definition");
        Map<String, String> windows = new LinkedHashMap<>();
        for (Line line : look.views().ask(WINDOWS, pipeline, definition)) {
            windows.put(
                    line.text("grain") + " " + line.text("start"),
                    line.text("grain") + " of " + Figures.day(line.day("window_date"))
                            + (line.is("is_complete") ? "" : ", not over"));
        }
        String over = windows.keySet().stream()
                .filter(one -> !windows.getOrDefault(one, "").endsWith("not over"))
                .findFirst()
                .orElse(ConversionPage.first(windows));
        String window = ConversionPage.known(query.get("period"), windows, over);
        String zone = current.text("timezone").isEmpty() ? "UTC" : current.text("timezone");
        int space = window.indexOf(' ');
        Chosen chosen = new Chosen(
                pipeline,
                definition,
                zone,
                space < 0 ? "all" : window.substring(0, space),
                space < 0 ? "1970-01-01T00:00:00Z" : window.substring(space + 1),
                windows.getOrDefault(window, "whole history"));
        return Html.join(
                Html.of(
                        "<h1>Pipeline: {}</h1><p class=\"about\">Windows in {}. Money in the reporting currency.</p>",
                        Figures.cut(pipeline, 80),
                        zone),
                Pieces.filters(
                        query,
                        List.of(
                                new Filter("pipeline", "Pipeline", pipelines, pipeline),
                                new Filter("period", "Window", windows, window))),
                figures(look, chosen),
                queues(look, chosen),
                dwell(look, chosen),
                stalled(look, chosen),
                forecast(look, chosen));
    }

    private static Html figures(Look look, Chosen chosen) throws SQLException {
        Line line = look.views().one(FIGURES, chosen.pipeline, chosen.definition, chosen.grain, chosen.start);
        Html numbers = line == null
                ? Html.EMPTY
                : Pieces.figures(List.of(
                        Pieces.figure(
                                "win rate",
                                Figures.percent(line.number("win_rate")),
                                Figures.interval(line.number("win_rate_low"), line.number("win_rate_high")) + ", n "
                                        + Figures.count(line.count("won") + line.count("lost")) + " "
                                        + Figures.caution(line.text("evidence"))),
                        Pieces.figure(
                                "won",
                                Figures.money(line.money("won_amount_reporting")),
                                Figures.count(line.number("won")) + " deals"),
                        Pieces.figure(
                                "from created to closed",
                                Figures.days(line.number("cycle_mean_days")),
                                "mean, open deals counted"),
                        Pieces.figure(
                                "velocity", Figures.decimal(line.number("velocity_per_day"), 0), "a day, at this pace"),
                        Pieces.figure(
                                "open at the end",
                                Figures.count(line.number("open_end")),
                                Figures.count(line.number("created")) + " created"),
                        Pieces.figure(
                                "coverage of the target",
                                line.number("coverage") == null
                                        ? Figures.NONE
                                        : Figures.decimal(line.number("coverage"), 1) + " times",
                                line.money("target") == null
                                        ? "no target in the playbook"
                                        : "target " + Figures.money(line.money("target")))));
        return Pieces.card("In the " + chosen.words, numbers, waterfall(look, chosen));
    }

    private static Html waterfall(Look look, Chosen chosen) throws SQLException {
        Line line = look.views().one(WATERFALL, chosen.pipeline, chosen.definition, chosen.grain, chosen.start);
        if (line == null) {
            return Html.of("<p class=\"empty\">No waterfall for this window.</p>");
        }
        List<Charts.Change> changes = List.of(
                change("opening", line, 1, true),
                change("created", line, 1, false),
                change("reopened", line, 1, false),
                change("amount_up", line, 1, false),
                change("amount_down", line, -1, false),
                change("pulled_in", line, 1, false),
                change("pushed_out", line, -1, false),
                change("won", line, -1, false),
                change("lost", line, -1, false),
                change("removed", line, -1, false),
                change("closing", line, 1, true));
        String title = "Money that may come in within the window, from its start to its end";
        BigDecimal target = line.money("target");
        List<List<Object>> rows = new ArrayList<>();
        for (Charts.Change change : changes) {
            rows.add(List.of(change.name(), Unit.MONEY.write(change.amount())));
        }
        return Pieces.figure(
                "waterfall",
                title,
                Charts.waterfall("waterfall", title, Unit.MONEY, changes, target == null ? null : target.doubleValue()),
                Pieces.table(title, List.of(Column.text("what"), Column.number("amount")), rows));
    }

    private static Charts.Change change(String column, Line line, int sign, boolean isLevel) {
        BigDecimal amount = line.money(column);
        return new Charts.Change(column.replace('_', ' '), amount == null ? 0 : sign * amount.doubleValue(), isLevel);
    }

    private static Html queues(Look look, Chosen chosen) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : look.views().ask(QUEUES, chosen.pipeline, chosen.definition, chosen.grain, chosen.start)) {
            rows.add(List.of(
                    Figures.cut(line.text("stage"), 80),
                    Charts.bar(line.number("load_share"), null, null),
                    Figures.percent(line.number("load_share")),
                    Figures.decimal(line.number("arrival_rate"), 1),
                    Figures.decimal(line.number("exit_rate"), 1),
                    Figures.count(line.number("wip_end")),
                    Figures.days(line.number("wait_days")),
                    days(line.number("days_lost_per_deal")),
                    serves(line)));
        }
        List<Html> slow = new ArrayList<>();
        for (Line line : look.views().ask(SLOW, chosen.pipeline, chosen.definition)) {
            slow.add(slow(line));
            slow.add(new Series(
                            "dwell/" + chosen.pipeline + "/" + line.text("stage"),
                            line.text("breakdown"),
                            line.text("value"),
                            "week")
                    .figure(look, "slow-" + line.text("alert_id"), chosen.zone));
        }
        return Pieces.card(
                "Stages as queues",
                Pieces.table(
                        "Where the time of all deals goes, " + chosen.words,
                        List.of(
                                Column.text("stage"),
                                Column.text("share of all time"),
                                Column.number(""),
                                Column.number("in a day"),
                                Column.number("out a day"),
                                Column.number("there at the end"),
                                Column.number("wait"),
                                Column.number("against before"),
                                Column.text("as a queue")),
                        rows),
                Html.of("<h3>Slower than before</h3>"),
                slow.isEmpty()
                        ? Html.of("<p class=\"empty\">No stage stands out as slower than it was.</p>")
                        : Html.of("{}", slow));
    }

    private static String days(@Nullable Double lost) {
        return lost == null ? Figures.NONE : (lost > 0 ? "+" : "") + Figures.days(lost);
    }

    private static Html serves(Line line) {
        List<String> words = new ArrayList<>();
        words.add(
                line.number("stationary_p") == null
                        ? "too few to say whether it keeps up"
                        : line.is("is_stationary")
                                ? "keeps up"
                                : line.count("arrivals") > line.count("exits")
                                        ? "does not keep up"
                                        : "works off what had waited");
        Double breaches = line.number("fifo_breach_share");
        if (breaches != null && breaches > 0.5) {
            words.add("late ones overtake: " + Figures.percent(breaches) + " of those that left");
        }
        if (line.is("is_batched")) {
            words.add("served in batches, " + Figures.count(line.number("exits_in_one_hour")) + " within one hour");
        }
        return Html.of("{}", String.join("; ", words));
    }

    private static Html slow(Line line) {
        String where = Series.segment(line.text("breakdown"), line.text("value"));
        return Html.of(
                "<p><b>{}{}</b> since {}: a deal takes {}, it was {}; about {} more deals will wait there than usual. {} wait now, {}"
                        + " longer than 85 in 100 ever do. Most belong to {}."
                        + " <a href=\"/alerts?{}\">The alert</a></p><details id=\"oldest-{}\"><summary>The oldest of them</summary>{}</details>",
                Figures.cut(line.text("stage"), 80),
                where.isEmpty() ? "" : ", " + where,
                Pieces.time(line.time("started_at")),
                Figures.days(line.number("days_now")),
                Figures.days(line.number("days_before")),
                Figures.count(line.number("extra_wip")),
                Figures.count(line.number("waiting")),
                line.count("overdue") == 0
                        ? "none"
                        : Figures.count(line.number("overdue")) + " of them (worth "
                                + Figures.money(line.money("overdue_amount_reporting")) + ")",
                Figures.cut(line.text("owner_id"), 60),
                new Query(Map.of("alert", line.text("alert_id"))).text(),
                line.text("alert_id"),
                Evidence.list("Deals of the segment that wait longest", line.text("oldest")));
    }

    private static Html dwell(Look look, Chosen chosen) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : look.views().ask(DWELL, chosen.pipeline, chosen.definition)) {
            rows.add(List.of(
                    Figures.cut(line.text("stage"), 80),
                    Figures.duration(line.number("km_p50_seconds")),
                    Figures.duration(line.number("closed_p50_seconds")),
                    Figures.duration(line.number("exposure_mean_seconds")),
                    Figures.count(line.number("closed")),
                    Figures.count(line.number("open")),
                    Figures.percent(line.number("cif_won")),
                    Figures.percent(line.number("cif_lost")),
                    Figures.caution(line.text("evidence"))));
        }
        Map<String, Charts.Curve> curves = new LinkedHashMap<>();
        for (Line line : look.views().ask(HAZARD, chosen.pipeline, chosen.definition)) {
            Charts.Curve curve = curves.computeIfAbsent(
                    line.text("stage"), stage -> new Charts.Curve(stage, new ArrayList<>(), new ArrayList<>()));
            curve.days().add(Objects.requireNonNull(line.number("age_to_seconds")) / DAY);
            curve.shares().add(Objects.requireNonNull(line.number("survival")));
        }
        String title = "Share of deals still in the stage, by days since they came";
        Html table = Pieces.table(
                "How long deals stay, whole history, those that are there still counted with the age they have",
                List.of(
                        Column.text("stage"),
                        Column.number("median"),
                        Column.number("of the gone alone"),
                        Column.number("mean"),
                        Column.number("gone"),
                        Column.number("there still"),
                        Column.number("won from here"),
                        Column.number("lost from here"),
                        Column.text("")),
                rows);
        return Pieces.card(
                "How long deals stay",
                curves.isEmpty()
                        ? Html.EMPTY
                        : Html.of(
                                "<figure><figcaption>{}</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</div></figure>",
                                title,
                                "Chart: " + title,
                                Charts.curves(
                                        "dwell",
                                        title,
                                        curves.values().stream().limit(CURVES).toList())),
                table);
    }

    private static Html stalled(Look look, Chosen chosen) throws SQLException {
        Line sum = Objects.requireNonNull(look.views().one(STALLED_SUM, chosen.pipeline));
        if (sum.count("deals") == 0) {
            return Pieces.card(
                    "Deals that stand still",
                    Html.of("<p class=\"empty\">None stands still for longer than its stage allows.</p>"));
        }
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : look.views().ask(STANDING_STILL, chosen.pipeline, STALLED)) {
            rows.add(List.of(
                    Figures.cut(line.text("deal_id"), 60),
                    Figures.cut(line.text("stage"), 60),
                    Figures.money(line.money("amount_reporting")),
                    Figures.cut(line.text("owner_id"), 60),
                    Pieces.time(line.time("stalled_since")),
                    Figures.days(line.number("days_in_stage")),
                    Pieces.day(line.day("expected_close")),
                    Figures.count(line.number("push_count"))));
        }
        return Html.of(
                "<section class=\"card\" id=\"stalled\"><h2>Deals that stand still</h2><p>{} open deals, worth {}, have neither moved nor had a"
                        + " meeting, reply or call for longer than their stage allows.{}</p>{}</section>",
                Figures.count(sum.number("deals")),
                Figures.money(sum.money("amount")),
                sum.count("deals") > STALLED ? " The " + STALLED + " that are worth most:" : "",
                Pieces.table(
                        "Stalled deals",
                        List.of(
                                Column.text("deal"),
                                Column.text("stage"),
                                Column.number("worth"),
                                Column.text("owner"),
                                Column.text("stalled since"),
                                Column.number("in stage"),
                                Column.text("expected close"),
                                Column.number("pushed")),
                        rows));
    }

    private static Html forecast(Look look, Chosen chosen) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        List<Line> forecasts = look.views().ask(FORECASTS, chosen.pipeline, chosen.definition);
        for (Line line : forecasts) {
            rows.add(List.of(
                    Html.of("{} of {}", line.text("grain"), Pieces.day(line.day("window_date"))),
                    Html.of("{}<small>{}</small>", Figures.money(line.money("expected")), interval(line)),
                    Figures.money(line.money("won_before")),
                    Figures.money(line.money("expected_of_open")),
                    Figures.money(line.money("expected_of_new")),
                    Figures.money(line.money("target")),
                    came(line)));
        }
        List<Html> calibration = new ArrayList<>();
        for (Line line : look.views().ask(CALIBRATION, chosen.pipeline, chosen.definition)) {
            String caution = Figures.caution(line.text("evidence"));
            calibration.add(Html.of(
                    "<p class=\"note\">How good such forecasts were: {} over, {} within the interval ({}); 80 % is right. What came was {} of"
                            + " what was expected.{}</p>",
                    counted(line.count("n"), line.text("grain")),
                    Figures.percent(line.number("share_within")),
                    Figures.interval(line.number("share_within_low"), line.number("share_within_high")),
                    Figures.percent(line.number("came_by_expected")),
                    caution.isEmpty() ? "" : " Evidence is thin: " + caution + "."));
        }
        return Pieces.card(
                "Forecast against target",
                againstTarget(forecasts),
                rows.isEmpty()
                        ? Html.of("<p class=\"empty\">No forecast yet.</p>")
                        : Pieces.table(
                                "What each period was expected to bring, as seen last, with its 80 % interval",
                                List.of(
                                        Column.text("period"),
                                        Column.number("expected"),
                                        Column.number("won by then"),
                                        Column.number("of open deals"),
                                        Column.number("of new deals"),
                                        Column.number("target"),
                                        Column.text("what came")),
                                rows),
                Html.of("{}", calibration));
    }

    /** A chart for each length of periods, from the oldest on. */
    private static Html againstTarget(List<Line> forecasts) {
        Map<String, List<Charts.Period>> byGrain = new TreeMap<>(Comparator.reverseOrder()); // quarters before months
        for (Line line : forecasts) {
            byGrain.computeIfAbsent(line.text("grain"), grain -> new ArrayList<>())
                    .add(
                            0,
                            new Charts.Period(
                                    Figures.day(line.day("window_date")),
                                    number(line.money("won_before")),
                                    number(line.money("expected")),
                                    number(line.money("low")),
                                    number(line.money("high")),
                                    number(line.money("target")),
                                    number(line.money("came"))));
        }
        List<Html> figures = new ArrayList<>();
        byGrain.forEach((grain, periods) -> {
            String title = "What each " + grain + " was expected to bring, as seen last, against its target";
            figures.add(Html.of(
                    "<figure><figcaption>{}</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</div></figure>",
                    title,
                    "Chart: " + title,
                    Charts.forecast("forecast-" + grain, title, Unit.MONEY, periods)));
        });
        return Html.of("{}", figures);
    }

    private static @Nullable Double number(@Nullable BigDecimal money) {
        return money == null ? null : money.doubleValue();
    }

    private static String interval(Line line) {
        String interval = line.money("low") == null
                ? ""
                : Figures.money(line.money("low")) + " to " + Figures.money(line.money("high"));
        String note =
                switch (line.text("evidence")) {
                    case "none" -> "no earlier period to learn from";
                    case "thin" -> "learned from " + counted(line.count("periods_learned"), "earlier period") + " only";
                    default -> "";
                };
        return interval + (interval.isEmpty() || note.isEmpty() ? "" : "; ") + note;
    }

    private static String counted(long count, String what) {
        return Figures.count(count) + " " + what + (count == 1 ? "" : "s");
    }

    private static Html came(Line line) {
        if (line.money("came") == null) {
            return Html.of("not over");
        }
        return Html.of(
                "{} {}",
                Figures.money(line.money("came")),
                line.money("expected") == null
                        ? Html.EMPTY
                        : line.is("is_within")
                                ? AlertPieces.tag("good", "within")
                                : AlertPieces.tag("warn", "outside"));
    }
}
