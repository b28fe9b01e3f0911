package dev.weir.console;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Charts as SVG, each a pure function of its numbers: the same bytes for the same rows, no script, no style of its own (classes
 * that the page's style sheet colours), a title and a description for who does not see it, a hint at each point. Whoever
 * shows one puts the same numbers into a table beside it.
 */
public final class Charts {
    private static final double WIDTH = 720;
    private static final double LEFT = 72;
    private static final double RIGHT = 12;
    private static final double TOP = 18;
    private static final double BOTTOM = 26;
    private static final int DATES = 6;
    /** Width of a letter, about. */
    private static final double LETTER = 6.5;

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMM d", Locale.ENGLISH);
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMM yyyy", Locale.ENGLISH);

    private Charts() {}

    /**
     * One window of a trend.
     *
     * @param day first day of the window
     * @param seen what was seen; null for nothing
     * @param lower lower end of what is usual; null while nothing is
     * @param upper upper end of it
     * @param hint the numbers in words
     * @param isSettled false while it may still move, so that nobody takes it for a drop
     */
    public record Point(
            LocalDate day,
            @Nullable Double seen,
            @Nullable Double expected,
            @Nullable Double lower,
            @Nullable Double upper,
            String hint,
            boolean isSettled) {}

    /**
     * Something that happened, as a line across a trend.
     *
     * @param isAlarm whether it is an alert that stands, and not one that is over or a change that was made
     */
    public record Mark(LocalDate day, String words, boolean isAlarm) {}

    /** A series over its windows, the band of what is usual behind it, marks across it; windows in their order. */
    public static Html trend(String id, String title, Unit unit, List<Point> points, List<Mark> marks) {
        double height = 200;
        if (points.isEmpty()) {
            return Html.of("<p class=\"empty\">{}: no window yet.</p>", title);
        }
        Scale y = Scale.of(points.stream().flatMapToDouble(Charts::values), height - BOTTOM, TOP);
        LocalDate first = points.get(0).day();
        LocalDate last = points.get(points.size() - 1).day();
        Scale x = new Scale(0, Math.max(1, days(first, last)), LEFT + 4, WIDTH - RIGHT - 4);
        List<Html> parts = new ArrayList<>(grid(y, unit));
        parts.addAll(dates(first, last, x, height));
        parts.addAll(bands(points, first, x, y));
        parts.add(path("expected", lines(points, Point::expected, first, x, y)));
        parts.add(path("seen", lines(points, Point::seen, first, x, y)));
        List<Range> taken = new ArrayList<>();
        // What stands is named first, then the newest; where there is no room for more words the line and its hint
        // remain.
        for (Mark mark : marks.stream()
                .sorted(Comparator.comparing(Mark::isAlarm)
                        .thenComparing(Mark::day)
                        .reversed())
                .toList()) {
            parts.add(mark(mark, x.at(days(first, mark.day())), height, taken));
        }
        for (Point point : points) {
            if (point.seen() != null) {
                parts.add(Html.of(
                        "<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"><title>{}</title></circle>",
                        point.isSettled() ? "dot" : "dot young",
                        pixel(at(point, first, x)),
                        pixel(y.at(point.seen())),
                        points.size() > 60 ? "2" : "3.5",
                        point.hint()));
            }
        }
        return svg("trend", id, title, describe(points, marks, unit), height, parts);
    }

    private static DoubleStream values(Point point) {
        return Stream.of(point.seen(), point.lower(), point.upper(), point.expected())
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue);
    }

    private static String describe(List<Point> points, List<Mark> marks, Unit unit) {
        Point last = points.get(points.size() - 1);
        StringBuilder words = new StringBuilder("From ")
                .append(points.get(0).day())
                .append(" to ")
                .append(last.day())
                .append("; last ")
                .append(unit.write(last.seen()));
        if (last.lower() != null && last.upper() != null) {
            words.append(", usual ")
                    .append(unit.write(last.lower()))
                    .append(" to ")
                    .append(unit.write(last.upper()));
        }
        for (Mark mark : marks) {
            words.append("; ").append(mark.day()).append(": ").append(mark.words());
        }
        return words.append('.').toString();
    }

    private static double at(Point point, LocalDate first, Scale x) {
        return x.at(days(first, point.day()));
    }

    private static double days(LocalDate from, LocalDate to) {
        return (double) ChronoUnit.DAYS.between(from, to);
    }

    private static List<Html> grid(Scale y, Unit unit) {
        return y.marks().stream()
                .map(mark -> Html.of(
                        "<path class=\"grid\" d=\"M{} {}H{}\"/><text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                        pixel(LEFT),
                        pixel(y.at(mark)),
                        pixel(WIDTH - RIGHT),
                        pixel(LEFT - 6),
                        pixel(y.at(mark) + 4),
                        unit.write(mark)))
                .toList();
    }

    private static List<Html> dates(LocalDate first, LocalDate last, Scale x, double height) {
        long days = ChronoUnit.DAYS.between(first, last);
        DateTimeFormatter format = days > 400 ? MONTH : DAY;
        long shown = Math.min(DATES, Math.max(1, days));
        return IntStream.rangeClosed(0, (int) shown)
                .mapToLong(i -> days * i / shown)
                .distinct()
                .mapToObj(day -> Html.of(
                        "<text class=\"date\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>",
                        pixel(x.at((double) day)),
                        pixel(height - 6),
                        day == 0 ? "start" : day == days ? "end" : "middle",
                        format.format(first.plusDays(day))))
                .toList();
    }

    /** The band, in as many pieces as it has gaps. */
    private static List<Html> bands(List<Point> points, LocalDate first, Scale x, Scale y) {
        List<Html> bands = new ArrayList<>();
        StringBuilder there = new StringBuilder();
        StringBuilder back = new StringBuilder();
        for (Point point : points) {
            if (point.lower() == null || point.upper() == null) {
                close(there, back, bands);
                continue;
            }
            String place = pixel(at(point, first, x));
            there.append(there.isEmpty() ? "M" : "L").append(place).append(' ').append(pixel(y.at(point.upper())));
            back.insert(0, "L" + place + " " + pixel(y.at(point.lower())));
        }
        close(there, back, bands);
        return bands;
    }

    private static void close(StringBuilder there, StringBuilder back, List<Html> bands) {
        if (!there.isEmpty()) {
            bands.add(path("band", there.append(back).append('Z').toString()));
            there.setLength(0);
            back.setLength(0);
        }
    }

    private interface Value {
        @Nullable Double of(Point point);
    }

    /** A line through what is there; it breaks where something is missing. */
    private static String lines(List<Point> points, Value value, LocalDate first, Scale x, Scale y) {
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (Point point : points) {
            Double number = value.of(point);
            if (number != null) {
                path.append(drawing ? "L" : "M")
                        .append(pixel(at(point, first, x)))
                        .append(' ')
                        .append(pixel(y.at(number)));
            }
            drawing = number != null;
        }
        return path.toString();
    }

    private static Html path(String kind, String path) {
        return path.isEmpty() ? Html.EMPTY : Html.of("<path class=\"{}\" d=\"{}\"/>", kind, path);
    }

    /** Pixels that words take. */
    private record Range(double from, double to) {
        boolean meets(Range other) {
            return from < other.to && other.from < to;
        }
    }

    private static Html mark(Mark mark, double x, double height, List<Range> taken) {
        String words = Figures.cut(mark.words(), 60);
        double width = words.length() * LETTER;
        boolean right = x > WIDTH * 0.6;
        Range place = right ? new Range(x - 4 - width, x) : new Range(x, x + 4 + width);
        boolean isFree = taken.stream().noneMatch(place::meets);
        if (isFree) {
            taken.add(place);
        }
        return Html.of(
                "<g class=\"{}\"><title>{}</title><path d=\"M{} {}V{}\"/>{}</g>",
                mark.isAlarm() ? "mark alarm" : "mark",
                mark.day() + ": " + mark.words(),
                pixel(x),
                pixel(TOP - 2),
                pixel(height - BOTTOM),
                isFree
                        ? Html.of(
                                "<text x=\"{}\" y=\"12\" text-anchor=\"{}\">{}</text>",
                                pixel(right ? x - 4 : x + 4),
                                right ? "end" : "start",
                                words)
                        : Html.EMPTY);
    }

    /**
     * One bar of a waterfall.
     *
     * @param amount what it adds; less than 0 for what it takes; of a level the level itself
     * @param isLevel whether it stands on the ground, as the opening and the closing do
     */
    public record Change(String name, double amount, boolean isLevel) {}

    /** What became of an amount, change by change; a target as a line across. */
    public static Html waterfall(String id, String title, Unit unit, List<Change> changes, @Nullable Double target) {
        double height = 260;
        double[] tops = new double[changes.size()];
        double[] bottoms = new double[changes.size()];
        double level = 0;
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            double next = change.isLevel() ? change.amount() : level + change.amount();
            tops[i] = Math.max(change.isLevel() ? 0 : level, next);
            bottoms[i] = Math.min(change.isLevel() ? 0 : level, next);
            level = next;
        }
        DoubleStream all = DoubleStream.concat(
                DoubleStream.concat(DoubleStream.of(tops), DoubleStream.of(bottoms)),
                DoubleStream.of(0, target == null ? 0 : target));
        Scale y = Scale.of(all, height - 58, TOP);
        double step = (WIDTH - LEFT - RIGHT) / changes.size();
        List<Html> parts = new ArrayList<>(grid(y, unit));
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            double middle = LEFT + (i + 0.5) * step;
            String kind = change.isLevel() ? "level" : change.amount() < 0 ? "less" : "more";
            parts.add(Html.of(
                    "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>",
                    kind,
                    pixel(middle - 0.36 * step),
                    pixel(y.at(tops[i])),
                    pixel(0.72 * step),
                    pixel(Math.max(1, y.at(bottoms[i]) - y.at(tops[i]))),
                    change.name() + " " + unit.write(change.amount())));
            String[] words = (change.name() + " ").split(" ", 2);
            parts.add(label("tick", middle, height - 40, words[0]));
            parts.add(label("tick", middle, height - 26, words[1]));
            parts.add(label("tick strong", middle, height - 8, unit.write(change.amount())));
        }
        if (target != null) {
            parts.add(Html.of(
                    "<g class=\"mark\"><path d=\"M{} {}H{}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">target {}</text></g>",
                    pixel(LEFT),
                    pixel(y.at(target)),
                    pixel(WIDTH - RIGHT),
                    pixel(WIDTH - RIGHT),
                    pixel(y.at(target) - 4),
                    unit.write(target)));
        }
        return svg("waterfall", id, title, describe(changes, target, unit), height, parts);
    }

    private static Html label(String kind, double x, double y, String words) {
        return Html.of(
                "<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                kind,
                pixel(x),
                pixel(y),
                words);
    }

    private static String describe(List<Change> changes, @Nullable Double target, Unit unit) {
        StringBuilder words = new StringBuilder();
        for (Change change : changes) {
            words.append(words.isEmpty() ? "" : ", ")
                    .append(change.name())
                    .append(' ')
                    .append(unit.write(change.amount()));
        }
        return words.append(target == null ? "." : ", target " + unit.write(target) + ".")
                .toString();
    }

    /**
     * What one period was expected to bring.
     *
     * @param won what was won in it by then; a column
     * @param low lower end of the interval, a band from it to {@code high}; null where there is none
     * @param came what it brought; null while it is not over
     */
    public record Period(
            String name,
            @Nullable Double won,
            @Nullable Double expected,
            @Nullable Double low,
            @Nullable Double high,
            @Nullable Double target,
            @Nullable Double came) {
        private Stream<Double> values() {
            return Stream.of(won, expected, low, high, target, came).filter(Objects::nonNull);
        }
    }

    /** Periods side by side: what each was expected to bring, against its target and against what came. */
    public static Html forecast(String id, String title, Unit unit, List<Period> periods) {
        double height = 250;
        double top = 40;
        Scale y = Scale.of(
                DoubleStream.concat(
                        DoubleStream.of(0),
                        periods.stream().flatMap(Period::values).mapToDouble(Double::doubleValue)),
                height - BOTTOM,
                top);
        double step = Math.min(180, (WIDTH - LEFT - RIGHT) / Math.max(1, periods.size()));
        List<Html> parts = new ArrayList<>(grid(y, unit));
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < periods.size(); i++) {
            Period period = periods.get(i);
            double middle = LEFT + (i + 0.5) * step;
            String said = describe(period, unit);
            words.append(words.isEmpty() ? "" : "; ").append(said);
            parts.add(Html.of("<g><title>{}</title>{}</g>", said, period(period, middle, 0.3 * step, y)));
            parts.add(label("tick", middle, height - 6, period.name()));
        }
        parts.add(key(LEFT, "level", "won by then"));
        parts.add(key(LEFT + 130, "band", "80 % interval"));
        parts.add(Html.of(
                "<circle class=\"dot\" cx=\"{}\" cy=\"12\" r=\"4\"/><text x=\"{}\" y=\"16\">expected</text>",
                pixel(LEFT + 270),
                pixel(LEFT + 282)));
        parts.add(Html.of(
                "<g class=\"target\"><path d=\"M{} 12h20\"/></g><text x=\"{}\" y=\"16\">target</text>",
                pixel(LEFT + 360),
                pixel(LEFT + 387)));
        parts.add(Html.of(
                "<circle class=\"dot young\" cx=\"{}\" cy=\"12\" r=\"4.5\"/><text x=\"{}\" y=\"16\">what came</text>",
                pixel(LEFT + 450),
                pixel(LEFT + 462)));
        return svg("periods", id, title, words.append('.').toString(), height, parts);
    }

    private static Html key(double x, String kind, String words) {
        return Html.of(
                "<rect class=\"{}\" x=\"{}\" y=\"6\" width=\"20\" height=\"12\"/><text x=\"{}\" y=\"16\">{}</text>",
                kind,
                pixel(x),
                pixel(x + 27),
                words);
    }

    private static List<Html> period(Period period, double middle, double half, Scale y) {
        List<Html> parts = new ArrayList<>();
        if (period.low() != null && period.high() != null) {
            parts.add(column("band", middle - half, 2 * half, period.low(), period.high(), y));
        }
        if (period.won() != null) {
            parts.add(column("level", middle - half / 2, half, 0, period.won(), y));
        }
        if (period.target() != null) {
            parts.add(Html.of(
                    "<g class=\"target\"><path d=\"M{} {}h{}\"/></g>",
                    pixel(middle - 1.3 * half),
                    pixel(y.at(period.target())),
                    pixel(2.6 * half)));
        }
        if (period.expected() != null) {
            parts.add(circle("dot", middle, y.at(period.expected()), 5));
        }
        if (period.came() != null) {
            parts.add(circle("dot young", middle, y.at(period.came()), 5.5));
        }
        return parts;
    }

    private static Html column(String kind, double x, double width, double from, double to, Scale y) {
        return Html.of(
                "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                kind,
                pixel(x),
                pixel(y.at(to)),
                pixel(width),
                pixel(Math.max(1, y.at(from) - y.at(to))));
    }

    private static Html circle(String kind, double x, double y, double radius) {
        return Html.of("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>", kind, pixel(x), pixel(y), pixel(radius));
    }

    private static String describe(Period period, Unit unit) {
        StringBuilder words =
                new StringBuilder(period.name()).append(": expected ").append(unit.write(period.expected()));
        if (period.low() != null && period.high() != null) {
            words.append(" (")
                    .append(unit.write(period.low()))
                    .append(" to ")
                    .append(unit.write(period.high()))
                    .append(')');
        }
        words.append(", won by then ").append(unit.write(period.won()));
        words.append(period.target() == null ? ", no target" : ", target " + unit.write(period.target()));
        return words.append(period.came() == null ? ", not over" : ", came " + unit.write(period.came()))
                .toString();
    }

    /** A line of a {@link #curves}: shares of 1 by days, falling. */
    public record Curve(String name, List<Double> days, List<Double> shares) {}

    /** What share is still there by age, one stepped line each, up to where hardly any is left of the slowest. */
    public static Html curves(String id, String title, List<Curve> curves) {
        double height = 230;
        double top = 34;
        double longest = curves.stream().mapToDouble(Charts::interesting).max().orElse(1);
        Scale x = new Scale(0, longest, LEFT, WIDTH - RIGHT - 12);
        Scale y = new Scale(0, 1, height - BOTTOM, top);
        List<Html> parts = new ArrayList<>(grid(y, Unit.SHARE));
        for (double day : Scale.of(DoubleStream.of(0, longest), 0, 1).marks()) {
            if (day <= longest) {
                parts.add(label("tick", x.at(day), height - 6, Figures.decimal(day, longest < 8 ? 1 : 0) + " d"));
            }
        }
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            double share = curve.shares().isEmpty()
                    ? 1
                    : curve.shares().get(curve.shares().size() - 1);
            parts.add(Html.of(
                    "<g class=\"curve c{}\"><title>{}</title><path d=\"{}\"/><path d=\"M{} 12h18\"/><text x=\"{}\" y=\"16\">{}</text></g>",
                    i % 6,
                    curve.name(),
                    steps(curve, x, y),
                    pixel(LEFT + i * 130),
                    pixel(LEFT + i * 130 + 23),
                    Figures.cut(curve.name(), 14)));
            words.append(words.isEmpty() ? "" : "; ")
                    .append(curve.name())
                    .append(": ")
                    .append(Figures.percent(share))
                    .append(" still there after ")
                    .append(Figures.days(
                            curve.days().isEmpty()
                                    ? 0.0
                                    : curve.days().get(curve.days().size() - 1)));
        }
        return svg("curves", id, title, words.append('.').toString(), height, parts);
    }

    /** The age at which only two in a hundred are left, or the last. */
    private static double interesting(Curve curve) {
        double age = 1;
        for (int i = 0; i < curve.days().size(); i++) {
            age = curve.days().get(i);
            if (curve.shares().get(i) < 0.02) {
                break;
            }
        }
        return age;
    }

    private static String steps(Curve curve, Scale x, Scale y) {
        StringBuilder path = new StringBuilder("M" + pixel(x.at(0)) + " " + pixel(y.at(1)));
        for (int i = 0; i < curve.days().size() && curve.days().get(i) <= x.high(); i++) {
            path.append('H')
                    .append(pixel(x.at(curve.days().get(i))))
                    .append('V')
                    .append(pixel(y.at(curve.shares().get(i))));
        }
        return path.toString();
    }

    /** A share of the whole as a bar for a cell, with its interval as a whisker where there is one. */
    public static Html bar(@Nullable Double share, @Nullable Double low, @Nullable Double high) {
        if (share == null) {
            return Html.EMPTY;
        }
        Html whisker = low == null || high == null
                ? Html.EMPTY
                : Html.of(
                        "<rect class=\"whisker\" x=\"{}\" y=\"5\" width=\"{}\" height=\"2\"/>",
                        pixel(100 * low),
                        pixel(Math.max(0.5, 100 * (high - low))));
        return Html.of(
                "<svg class=\"bar\" viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">"
                        + "<rect class=\"ground\" width=\"100\" height=\"12\"/>"
                        + "<rect class=\"share\" width=\"{}\" height=\"12\"/>{}</svg>",
                pixel(100 * Math.max(0, Math.min(1, share))),
                whisker);
    }

    private static Html svg(String kind, String id, String title, String words, double height, List<Html> parts) {
        return Html.of(
                "<svg class=\"chart {}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{}-t {}-d\">"
                        + "<title id=\"{}-t\">{}</title><desc id=\"{}-d\">{}</desc>{}</svg>",
                kind,
                pixel(WIDTH),
                pixel(height),
                id,
                id,
                id,
                title,
                id,
                words,
                parts);
    }

    /** A coordinate with one decimal, and none where it would be 0. */
    private static String pixel(double value) {
        long tenths = Math.round(value * 10);
        String sign = tenths < 0 ? "-" : "";
        long size = Math.abs(tenths);
        return sign + size / 10 + (size % 10 == 0 ? "" : "." + size % 10);
    }
}
