package dev.weir.console;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Small pieces that many pages are made of. */
public final class Pieces {
    private static final int HEAD = 40;
    private static final int CAPTION = 200;

    private Pieces() {}

    /** A time; a script may write it in the reader's zone. */
    public static Html time(@Nullable Instant time) {
        return time == null
                ? Html.of("{}", Figures.NONE)
                : Html.of("<time data-instant datetime=\"{}\">{}</time>", time, Figures.time(time));
    }

    /** A day that is not broken where a line ends. */
    public static Html day(@Nullable LocalDate day) {
        return Html.of("<span class=\"day\">{}</span>", Figures.day(day));
    }

    /** A column of a table: its head, empty for none, and whether it holds numbers. */
    public record Column(String head, boolean isNumber) {
        public static Column text(String head) {
            return new Column(head, false);
        }

        public static Column number(String head) {
            return new Column(head, true);
        }
    }

    /** A table that can be scrolled sideways where the screen is small; the first cell of a row names it. */
    public static Html table(String caption, List<Column> columns, List<List<Object>> rows) {
        List<Html> heads = columns.stream()
                .map(column -> Html.of(
                        "<th scope=\"col\" class=\"{}\">{}</th>",
                        kind(column),
                        column.head().isEmpty() ? "" : Figures.cut(column.head(), HEAD)))
                .toList();
        List<Html> lines = new ArrayList<>();
        for (List<Object> row : rows) {
            List<Html> cells = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                Object cell = row.get(i) instanceof LocalDate day ? day(day) : row.get(i);
                cells.add(Html.of("<td class=\"{}\">{}</td>", kind(columns.get(i)), cell));
            }
            lines.add(Html.of("<tr>{}</tr>", cells));
        }
        return Html.of(
                "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table><caption><span>{}</span></caption>"
                        + "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
                Figures.cut(caption, CAPTION),
                Figures.cut(caption, CAPTION),
                heads,
                lines);
    }

    private static String kind(Column column) {
        return column.isNumber() ? "n" : "";
    }

    /** A chart with its caption, and the same numbers as a table that opens. */
    public static Html figure(String id, String caption, Html chart, Html table) {
        return Html.of(
                "<figure><figcaption>{}</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</div>"
                        + "<details id=\"{}-numbers\"><summary>The numbers</summary>{}</details></figure>",
                caption,
                "Chart: " + caption,
                chart,
                id,
                table);
    }

    /** A number with its name, and what must be known of it. */
    public static Html figure(String name, Object number, Object note) {
        return Html.of("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>", name, number, note);
    }

    public static Html figures(List<Html> figures) {
        return Html.of("<dl class=\"figures\">{}</dl>", figures);
    }

    /** A rate as it is to be read: number, interval, n, and what makes it doubtful. */
    public static Html rate(
            @Nullable Double rate, @Nullable Double low, @Nullable Double high, long n, String caution) {
        return rate == null
                ? Html.of("{}<small>no cases</small>", Figures.NONE)
                : Html.of(
                        "{}<small>{}, n {}{}</small>",
                        Figures.percent(rate),
                        Figures.interval(low, high),
                        Figures.count(n),
                        caution.isEmpty() ? "" : "; " + caution);
    }

    public static Html card(String heading, Html... content) {
        return Html.of("<section class=\"card\"><h2>{}</h2>{}</section>", heading, List.of(content));
    }

    /** One filter: what it is called, and what may be chosen, each by the word for it. */
    public record Filter(String name, String label, Map<String, String> choices, String chosen) {}

    /** Filters as a form whose address is the page's; what other pages were asked stays in it. */
    public static Html filters(Query query, List<Filter> filters) {
        List<Html> parts = new ArrayList<>();
        Query rest = query;
        for (Filter filter : filters) {
            rest = rest.with(filter.name(), "");
            List<Html> options = new ArrayList<>();
            filter.choices()
                    .forEach((value, word) -> options.add(Html.of(
                            "<option value=\"{}\"{}>{}</option>",
                            value,
                            value.equals(filter.chosen()) ? Html.of(" selected") : Html.EMPTY,
                            Figures.cut(word, 60))));
            parts.add(Html.of(
                    "<label for=\"filter-{}\">{}<br><select id=\"filter-{}\" name=\"{}\">{}</select></label>",
                    filter.name(),
                    filter.label(),
                    filter.name(),
                    filter.name(),
                    options));
        }
        rest.values()
                .forEach((name, value) ->
                        parts.add(Html.of("<input type=\"hidden\" name=\"{}\" value=\"{}\">", name, value)));
        return Html.of("<form class=\"filters\" method=\"get\">{}<button>Show</button></form>", parts);
    }
}
