package dev.weir.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.console.Charts;
import dev.weir.console.Figures;
import dev.weir.console.Html;
import dev.weir.console.Pieces;
import dev.weir.console.Pieces.Column;
import dev.weir.console.Series;
import dev.weir.playbook.Change;
import dev.weir.playbook.Playbook;
import dev.weir.report.Judgement.Side;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A report as one file: a pure function of its template, its playbook and its receipt. */
final class ReportPage {
    private static final int TEXT = 300;
    private static final int SHOWN = 25;

    private final Template template;
    private final Playbook playbook;
    private final Receipt receipt;
    private final LocalDate monday;

    ReportPage(Template template, Playbook playbook, Receipt receipt, LocalDate monday) {
        this.template = template;
        this.playbook = playbook;
        this.receipt = receipt;
        this.monday = monday;
    }

    /** What it is called, also as the subject of a letter. */
    String title() {
        String team = receipt.team().equals(Template.EVERYBODY) ? "" : ", " + receipt.team();
        return template.title() + team + ", " + receipt.week();
    }

    String html() {
        return Html.of(
                        """
                        <!doctype html>
                        <html lang="en"><head><meta charset="utf-8"><title>{}</title>
                        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                        <meta name="viewport" content="width=device-width, initial-scale=1"><style>{}</style></head>
                        <body><main id="content"><h1>{}</h1>
                        <p class="about">{} to {}, days in {}; of playbook {}.</p>
                        {}{}{}{}{}{}{}</main></body></html>
                        """,
                        title(),
                        style(),
                        title(),
                        monday,
                        monday.plusDays(6),
                        playbook.zone().getId(),
                        playbook.name(),
                        movedSinceLast(),
                        decisions(),
                        moved(),
                        stuck(),
                        alerts(),
                        changes(),
                        rests())
                .text();
    }

    private static Html style() {
        try (InputStream css = Objects.requireNonNull(
                ReportPage.class.getResourceAsStream("/dev/weir/console/console.css"), "console.css")) {
            return new Html(new String(css.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private List<ObjectNode> rows(String input) {
        return receipt.inputs().getOrDefault(input, List.of());
    }

    private Html movedSinceLast() {
        Receipt.Replaced replaced = receipt.replaces();
        if (replaced == null) {
            return Html.EMPTY;
        }
        List<List<Object>> rows = new ArrayList<>();
        for (Receipt.Moved moved : replaced.moved()) {
            rows.add(List.of(
                    moved.input(),
                    Figures.cut(moved.row(), TEXT),
                    moved.column().isEmpty() ? "the row" : moved.column(),
                    Figures.cut(moved.was(), TEXT),
                    Figures.cut(moved.became(), TEXT)));
        }
        String caption = "Since the report of digest " + shortened(replaced.digest()) + " "
                + (replaced.count() == 0
                        ? "no row moved: the template or the playbook is another"
                        : Figures.count(replaced.count()) + " values moved"
                                + (replaced.count() > rows.size() ? ", the first " + rows.size() + " of them" : ""));
        return Pieces.card(
                "What moved since this report was last made",
                Pieces.table(
                        caption,
                        List.of(
                                Column.text("rows"),
                                Column.text("which"),
                                Column.text("what"),
                                Column.number("was"),
                                Column.number("is")),
                        rows));
    }

    private Html decisions() {
        List<Html> due = new ArrayList<>();
        long standing = rows("alerts").stream()
                .filter(alert -> alert.path("stood_at_the_end").asBoolean())
                .count();
        due.add(Pieces.figure("alerts that stand", Figures.count(standing), "at the end of the week"));
        due.add(Pieces.figure(
                "deals past their day",
                Figures.count(rows("overdue").size()),
                "worth " + worth(rows("overdue")) + " " + playbook.reportingCurrency()));
        due.add(Pieces.figure(
                "changes to review",
                Figures.count(Questions.due(playbook, monday).size()),
                "their day of review has come"));
        List<List<Object>> rows = new ArrayList<>();
        for (ObjectNode deal : shown("overdue")) {
            rows.add(List.of(
                    Figures.cut(Rows.text(deal, "deal_id"), TEXT),
                    Figures.cut(Rows.text(deal, "pipeline") + " / " + Rows.text(deal, "stage"), TEXT),
                    Figures.cut(Rows.text(deal, "owner_id"), TEXT),
                    Rows.text(deal, "expected_close"),
                    Figures.count(Rows.number(deal, "push_count")),
                    money(deal)));
        }
        return Pieces.card(
                "Decisions due",
                Pieces.figures(due),
                table(
                        "Open deals whose expected close has passed" + more("overdue"),
                        "No open deal is past the day on which it was to close.",
                        List.of(
                                Column.text("deal"),
                                Column.text("pipeline / stage"),
                                Column.text("owner"),
                                Column.text("expected"),
                                Column.number("pushed"),
                                Column.number("worth")),
                        rows));
    }

    private Html moved() {
        Map<String, List<ObjectNode>> byMetric = new LinkedHashMap<>();
        rows("series").forEach(point -> byMetric.computeIfAbsent(Rows.text(point, "metric"), m -> new ArrayList<>())
                .add(point));
        List<Html> charts = new ArrayList<>();
        byMetric.forEach((metric, points) -> charts.add(chart("series-" + charts.size(), metric, points)));
        List<List<Object>> segments = new ArrayList<>();
        for (ObjectNode point : rows("segments")) {
            Series series = series(point);
            segments.add(List.of(
                    series.words(),
                    Figures.cut(Series.segment(series.breakdown(), series.value()), TEXT),
                    series.unit().write(series.read(Rows.number(point, "observed"))),
                    usual(series, point),
                    Figures.caution(Rows.text(point, "evidence"))));
        }
        return Pieces.card(
                "What moved, and why",
                charts.isEmpty()
                        ? Html.of("<p class=\"empty\">No window of a watched series closed in these weeks.</p>")
                        : Html.of("{}", charts),
                table(
                        "Segments outside of what is usual for them, in the week",
                        "No segment was outside of what is usual for it.",
                        List.of(
                                Column.text("what"),
                                Column.text("segment"),
                                Column.number("seen"),
                                Column.number("usual"),
                                Column.text("")),
                        segments),
                why());
    }

    static Series series(JsonNode point) {
        return new Series(
                Rows.text(point, "metric"),
                point.path("breakdown").asText(Series.TOTAL),
                point.path("value").asText(Series.TOTAL),
                "week");
    }

    private Html chart(String id, String metric, List<ObjectNode> points) {
        Series series = new Series(metric, Series.TOTAL, Series.TOTAL, "week");
        String title = series.words() + ", by week";
        List<Charts.Point> drawn = new ArrayList<>();
        List<List<Object>> rows = new ArrayList<>();
        for (ObjectNode point : points) {
            Double seen = series.read(Rows.number(point, "observed"));
            Double one = series.read(Rows.number(point, "lower"));
            Double other = series.read(Rows.number(point, "upper"));
            // What is kept as exits a day and read as days has its ends the other way round.
            boolean turned = one != null && other != null && one > other;
            drawn.add(new Charts.Point(
                    Rows.day(point, "week"),
                    seen,
                    series.read(Rows.number(point, "expected")),
                    turned ? other : one,
                    turned ? one : other,
                    Rows.text(point, "week") + ": " + series.unit().write(seen) + ", usual " + usual(series, point),
                    true));
            rows.add(
                    0,
                    List.of(
                            Rows.text(point, "week"),
                            series.unit().write(seen),
                            usual(series, point),
                            Figures.count(Rows.number(point, "denominator")),
                            Figures.caution(Rows.text(point, "evidence"))));
        }
        return Pieces.figure(
                id,
                title,
                Charts.trend(id, title, series.unit(), drawn, marks(metric, points)),
                Pieces.table(
                        title,
                        List.of(
                                Column.text("week of"),
                                Column.number("seen"),
                                Column.number("usual"),
                                Column.number("cases"),
                                Column.text("")),
                        rows));
    }

    private List<Charts.Mark> marks(String metric, List<ObjectNode> points) {
        LocalDate first = Rows.day(points.get(0), "week");
        List<Charts.Mark> marks = new ArrayList<>();
        for (ObjectNode alert : rows("alerts")) {
            if (Rows.text(alert, "metric").equals(metric)
                    && Rows.text(alert, "breakdown").equals(Series.TOTAL)) {
                LocalDate day = LocalDate.parse(Rows.text(alert, "started_at").substring(0, 10));
                marks.add(new Charts.Mark(
                        day,
                        Rows.text(alert, "kind").replace('_', ' '),
                        alert.path("stood_at_the_end").asBoolean()));
            }
        }
        playbook.changes().forEach(change -> marks.add(new Charts.Mark(change.date(), change.what(), false)));
        marks.removeIf(mark -> mark.day().isBefore(first) || !mark.day().isBefore(monday.plusWeeks(1)));
        return marks;
    }

    static String usual(Series series, JsonNode point) {
        Double one = series.read(Rows.number(point, "lower"));
        Double other = series.read(Rows.number(point, "upper"));
        return one == null || other == null
                ? Figures.NONE
                : series.unit().write(Math.min(one, other)) + " to "
                        + series.unit().write(Math.max(one, other));
    }

    private Html why() {
        List<List<Object>> rows = new ArrayList<>();
        for (ObjectNode part : rows("why")) {
            rows.add(List.of(
                    Figures.cut(Rows.text(part, "funnel") + " / " + Rows.text(part, "step"), TEXT),
                    Figures.points(Rows.number(part, "change")),
                    Rows.text(part, "cause"),
                    Figures.cut(Series.segment(Rows.text(part, "breakdown"), Rows.text(part, "value")), TEXT),
                    Figures.percent(Rows.number(part, "rate_before")) + " → "
                            + Figures.percent(Rows.number(part, "rate_now")),
                    Figures.percent(Rows.number(part, "weight_before")) + " → "
                            + Figures.percent(Rows.number(part, "weight_now")),
                    Figures.points(Rows.number(part, "moved")),
                    Figures.caution(Rows.text(part, "evidence"))));
        }
        return table(
                "Why rates moved against the eight weeks before: by how segments convert, or by how much of the whole they"
                        + " are. It describes; it does not say what caused either.",
                "No rate has eight weeks before it to be compared with.",
                List.of(
                        Column.text("step"),
                        Column.number("change"),
                        Column.text("by"),
                        Column.text("segment"),
                        Column.number("its rate"),
                        Column.number("its share"),
                        Column.number("moved the whole"),
                        Column.text("")),
                rows);
    }

    private Html stuck() {
        List<List<Object>> rows = new ArrayList<>();
        for (ObjectNode deal : shown("stuck")) {
            rows.add(List.of(
                    Figures.cut(Rows.text(deal, "deal_id"), TEXT),
                    Figures.cut(Rows.text(deal, "pipeline") + " / " + Rows.text(deal, "stage"), TEXT),
                    Figures.cut(Rows.text(deal, "owner_id"), TEXT),
                    Rows.text(deal, "still_since"),
                    money(deal)));
        }
        return Pieces.card(
                "What is stuck",
                table(
                        "Open deals that stood still for longer than their stage allows, at the end of the week, worth "
                                + worth(rows("stuck")) + " " + playbook.reportingCurrency() + more("stuck"),
                        "No open deal stood still for longer than its stage allows.",
                        List.of(
                                Column.text("deal"),
                                Column.text("pipeline / stage"),
                                Column.text("owner"),
                                Column.text("past its limit since"),
                                Column.number("worth")),
                        rows));
    }

    private Html alerts() {
        List<List<Object>> rows = new ArrayList<>();
        for (ObjectNode alert : rows("alerts")) {
            rows.add(List.of(
                    Rows.text(alert, "started_at"),
                    Figures.cut(Rows.text(alert, "summary"), TEXT),
                    Figures.cut(Rows.text(alert, "status"), TEXT)
                            + (Rows.text(alert, "ended_at").isEmpty() ? "" : " " + Rows.text(alert, "ended_at")),
                    Rows.text(alert, "verdict").isEmpty()
                            ? "not judged"
                            : Figures.cut(Rows.text(alert, "verdict"), TEXT)));
        }
        return Pieces.card(
                "Alerts, and what became of them",
                table(
                        "Alerts that began or stood in the week. Resolved: it is over. Retracted: later facts took its ground away.",
                        "No alert began or stood in the week.",
                        List.of(
                                Column.text("since"),
                                Column.text("what"),
                                Column.text("by now"),
                                Column.text("judged")),
                        rows));
    }

    private Html changes() {
        List<Html> parts = new ArrayList<>();
        for (Change change : Questions.due(playbook, monday)) {
            parts.add(Html.of(
                    "<h3>{}</h3><p>Since {}, by {}; expected: {}; review due {}.</p>",
                    Figures.cut(change.what(), TEXT),
                    change.date(),
                    Figures.cut(change.who(), TEXT),
                    Figures.cut(change.expects(), TEXT),
                    change.review()));
            List<Template.Review> reviews = template.reviews().stream()
                    .filter(review -> review.change().equals(change.what()))
                    .toList();
            if (reviews.isEmpty()) {
                parts.add(Html.of(
                        "<p class=\"empty\">The template names no series to judge it by: add it to its reviews.</p>"));
            }
            reviews.forEach(review -> parts.add(judged(change, review)));
        }
        return Pieces.card(
                "Changes due for review",
                parts.isEmpty()
                        ? Html.of("<p class=\"empty\">No change of the playbook is due for review.</p>")
                        : Html.of(
                                "<p class=\"note\"><b>Not randomised</b>: nobody drew whom a change reached. Whatever else differs"
                                        + " between the segments, or happened at that time, is in these numbers too. Weeks and cases"
                                        + " are taken as independent.</p>{}",
                                parts));
    }

    /** Of the week's points those outside of what is usual: of whole series, then of segments. */
    static List<ObjectNode> unusual(Receipt receipt, LocalDate monday) {
        List<ObjectNode> unusual = new ArrayList<>();
        for (ObjectNode point : receipt.inputs().getOrDefault("series", List.of())) {
            Double seen = Rows.number(point, "observed");
            Double lower = Rows.number(point, "lower");
            Double upper = Rows.number(point, "upper");
            if (Rows.day(point, "week").equals(monday)
                    && seen != null
                    && ((lower != null && seen < lower) || (upper != null && seen > upper))) {
                unusual.add(point);
            }
        }
        unusual.addAll(receipt.inputs().getOrDefault("segments", List.of()));
        return unusual;
    }

    /** What became of a series after a change, in one line. */
    static String verdict(Template.Review review, Change change, LocalDate monday, Receipt receipt) {
        Judgement judgement =
                Judgement.of(change, review, monday, receipt.inputs().getOrDefault("reviews", List.of()));
        Series series = new Series(review.metric(), review.breakdown(), review.value(), "week");
        return series.words() + " " + verdict(series, judgement) + effect(series, judgement, review.against() != null);
    }

    private Html judged(Change change, Template.Review review) {
        Judgement judgement = Judgement.of(change, review, monday, rows("reviews"));
        Series series = new Series(review.metric(), review.breakdown(), review.value(), "week");
        List<List<Object>> rows = new ArrayList<>();
        rows.add(side(series, review.breakdown(), review.value(), judgement.before(), judgement.after()));
        if (review.against() != null) {
            rows.add(side(
                    series, review.breakdown(), review.against(), judgement.againstBefore(), judgement.againstAfter()));
        }
        return Html.of(
                "{}<p><b>Verdict: {}</b>{}. {} weeks before, {} after.</p>",
                Pieces.table(
                        series.words() + ", before and after",
                        List.of(
                                Column.text("segment"),
                                Column.number("before"),
                                Column.number("after"),
                                Column.number("cases before"),
                                Column.number("cases after")),
                        rows),
                verdict(series, judgement),
                effect(series, judgement, review.against() != null),
                judgement.weeksBefore(),
                judgement.weeksAfter());
    }

    private static List<Object> side(
            Series series, String breakdown, String value, @Nullable Side before, @Nullable Side after) {
        String segment = Series.segment(breakdown, value);
        return List.of(
                segment.isEmpty() ? "all" : Figures.cut(segment, TEXT),
                series.unit().write(before == null ? null : series.read(before.rate())),
                series.unit().write(after == null ? null : series.read(after.rate())),
                Figures.count(before == null ? null : before.events()),
                Figures.count(after == null ? null : after.events()));
    }

    /** A rate of leaving that rose is a stay that fell. */
    private static String verdict(Series series, Judgement judgement) {
        String verdict = judgement.verdict();
        if (!isStay(series)) {
            return verdict;
        }
        return verdict.equals("rose") ? "fell" : verdict.equals("fell") ? "rose" : verdict;
    }

    private static boolean isStay(Series series) {
        return series.metric().startsWith("dwell/");
    }

    private static String effect(Series series, Judgement judgement, boolean compared) {
        var effect = judgement.effect();
        if (effect == null) {
            return "";
        }
        String than = compared ? " beyond what the comparison segment did" : " against before";
        if (judgement.isShare()) {
            return ": " + Figures.points(effect.value()) + than + " (95 % interval " + Figures.points(effect.low())
                    + " to " + Figures.points(effect.high()) + ")";
        }
        double sign = isStay(series) ? -1 : 1;
        double one = Math.expm1(sign * effect.low());
        double other = Math.expm1(sign * effect.high());
        return ": " + signed(Math.expm1(sign * effect.value())) + than + " (95 % interval "
                + signed(Math.min(one, other)) + " to " + signed(Math.max(one, other)) + ")";
    }

    private static String signed(double share) {
        return Double.isInfinite(share) ? "no bound" : (share > 0 ? "+" : "") + Figures.percent(share);
    }

    private Html rests() {
        List<List<Object>> rows = new ArrayList<>();
        receipt.inputs().forEach((input, lines) -> rows.add(List.of(input, Figures.count(lines.size()))));
        return Pieces.card(
                "What this rests on",
                Html.of(
                        "<p>Digest {}. Playbook {} ({}), template {} ({}). The same facts give the same bytes; a late fact gives"
                                + " another digest, and the report says what moved. The receipt beside this file holds the rows.</p>",
                        receipt.digest(),
                        receipt.playbook(),
                        receipt.playbookHash(),
                        receipt.template(),
                        shortened(receipt.templateHash())),
                Pieces.table("Rows read", List.of(Column.text("rows"), Column.number("how many")), rows));
    }

    static String shortened(String hash) {
        return hash.substring(0, Math.min(12, hash.length()));
    }

    private List<ObjectNode> shown(String input) {
        List<ObjectNode> rows = rows(input);
        return rows.subList(0, Math.min(SHOWN, rows.size()));
    }

    private String more(String input) {
        int rows = rows(input).size();
        return rows > SHOWN ? " (the " + SHOWN + " greatest of " + Figures.count(rows) + ")" : "";
    }

    private static Html table(String caption, String nothing, List<Column> columns, List<List<Object>> rows) {
        return rows.isEmpty() ? Html.of("<p class=\"empty\">{}</p>", nothing) : Pieces.table(caption, columns, rows);
    }

    private static String money(JsonNode deal) {
        return Figures.money(amount(deal));
    }

    private static @Nullable BigDecimal amount(JsonNode deal) {
        return deal.path("amount_reporting").isNumber()
                ? deal.path("amount_reporting").decimalValue()
                : null;
    }

    static String worth(List<ObjectNode> deals) {
        return Figures.money(deals.stream()
                .map(ReportPage::amount)
                .filter(Objects::nonNull)
                .reduce(BigDecimal.ZERO, BigDecimal::add));
    }
}
