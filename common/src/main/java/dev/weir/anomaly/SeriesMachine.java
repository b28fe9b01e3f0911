package dev.weir.anomaly;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Change;
import dev.weir.machine.Hash;
import dev.weir.machine.Json;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Values;
import dev.weir.playbook.Alerts;
import dev.weir.playbook.Funnel;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Pipeline;
import dev.weir.playbook.Playbook;
import dev.weir.stats.Evidence;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Watches one metric series. Its facts are the points of the series, its sayings a {@code metric_point} row for each window and
 * a {@code signal} row for each time the series was off: {@link Signal#CONVERSION_DROP} for a rate
 * ({@link Signal#WIN_RATE_DROP} for that of a pipeline), {@link Signal#BOTTLENECK} for exits per time at risk (a rise of either
 * is no news to anybody who must act), {@link Signal#VOLUME_DROP} and {@link Signal#VOLUME_RISE} for a count,
 * {@link Signal#UNUSUAL} for any other value. When the whole of a rate fell it asks {@link SharesMachine} what the values had,
 * from which {@link CauseMachine} says why.
 *
 * <p><b>Which grain.</b> A series has one grain, and every grain gets its rows with what was expected; but one change should be
 * told once, so a grain raises signals only when its windows hold {@link Evidence#RATE_NEEDS} trials, days at risk or counted
 * events on average and those of the next finer grain do not. A segment that is too small even for the widest is left to its
 * parent; the total itself is always watched at the widest.
 *
 * <p><b>Windows without a point.</b> Up to {@link MetricPoint#RETIRED} windows between two points are empty ones; after more, the
 * series had ended and begins again. Whether a series has ended after its last point is for whoever makes the points to say.
 *
 * <p><b>Corrections.</b> A later point of a window takes the place of an earlier one, and all is computed anew from the window
 * that changed; a signal that a correction takes away is sent as deleted, one whose first alarming window moves is another
 * signal.
 */
public final class SeriesMachine implements Machine<MetricPoint, Clue> {
    /** How far a series may grow out of a grain before the finer one has it alone. */
    private static final double OVERLAP = 1.2;

    /** A machine sees one series and cannot count them: so many values a breakdown are taken to be there. */
    private static final int VALUES = 30;

    static final String TOTAL = "(total)";

    /** Who is told of what no team with a budget is: the least budget is kept for it. */
    private static final String ANYBODY = "";

    private final @Nullable Vigilance vigilance;
    private final Seasons seasons;
    /** Grains of each definition, the finest first. */
    private final Map<String, List<Grain>> grains = new HashMap<>();

    /** Names of the funnels and pipelines, by their definitions. */
    private final Map<String, String> names = new HashMap<>();

    /** False alarms a week that each receiver of alerts accepts, and how many series it may be told of. */
    private final Map<String, FalseAlarmBudget> budgets = new HashMap<>();

    private final Map<String, Integer> series = new HashMap<>();
    private final @Nullable Alerts alerts;

    private transient @Nullable Walks walks;

    /** Watches each series at its own grain, as closely as is usual for it. */
    public SeriesMachine() {
        this.vigilance = null;
        this.seasons = Seasons.NONE;
        this.alerts = null;
    }

    /** Watches every series in the same way. */
    public SeriesMachine(Vigilance vigilance, Seasons seasons) {
        this.vigilance = vigilance;
        this.seasons = seasons;
        this.alerts = null;
    }

    /** Watches the series of a playbook at the grains it names, within the budgets of the teams that are told of them. */
    public SeriesMachine(Playbook playbook) {
        this.vigilance = null;
        this.seasons = Seasons.of(playbook);
        this.alerts = playbook.alerts();
        playbook.alerts().budget().forEach((team, budget) -> budgets.put(team, FalseAlarmBudget.of(budget)));
        budgets.values().stream()
                .min(Comparator.comparingDouble(FalseAlarmBudget::aWeek))
                .ifPresent(least -> budgets.put(ANYBODY, least));
        for (Pipeline pipeline : playbook.pipelines()) {
            grains.put(
                    pipeline.definition(), pipeline.windows().stream().sorted().toList());
            names.put(pipeline.definition(), pipeline.name());
            int values = values(pipeline.breakdowns().size());
            watches(pipeline.name(), MetricPoint.DURATION, "", pipeline.stages().size() * values);
            watches(pipeline.name(), MetricPoint.RATE, MetricPoint.WIN_RATE, values);
            watches(pipeline.name(), MetricPoint.COUNT, "", values);
        }
        for (Funnel funnel : playbook.funnels()) {
            grains.put(funnel.definition(), funnel.windows().stream().sorted().toList());
            names.put(funnel.definition(), funnel.name());
            int values = values(funnel.breakdowns().size());
            watches(funnel.name(), MetricPoint.RATE, "", (funnel.steps().size() - 1) * values);
            watches(funnel.name(), MetricPoint.COUNT, "", values);
        }
    }

    private static int values(int breakdowns) {
        return 1 + VALUES * breakdowns;
    }

    private void watches(String name, String kind, String metric, int many) {
        receivers(name, kind, metric).forEach(receiver -> series.merge(receiver, many, Integer::sum));
    }

    /** Who is told of a series: teams with a budget, or anybody. */
    private Set<String> receivers(String name, String kind, String metric) {
        Set<String> receivers = new TreeSet<>();
        for (String signal : signals(kind, metric)) {
            Alerts.Route route = alerts == null ? null : alerts.route(signal, name);
            receivers.add(route != null && budgets.containsKey(route.to()) ? route.to() : ANYBODY);
        }
        return receivers;
    }

    /**
     * Windows between two false alarms of a series: what is usual is rarer than most budgets allow; a budget that is less than
     * that, shared by all series that its team may be told of, counts.
     */
    private double threshold(MetricPoint like, Grain grain, double usual) {
        double threshold = usual;
        String name = names.getOrDefault(like.definition(), "");
        for (String receiver : receivers(name, like.kind(), like.metric())) {
            FalseAlarmBudget budget = budgets.get(receiver);
            threshold =
                    Math.max(threshold, budget == null ? 0 : budget.threshold(grain, series.getOrDefault(receiver, 1)));
        }
        return threshold;
    }

    /** The key of a point's series. */
    public static String key(MetricPoint point) {
        return Keys.join(point.definition(), point.metric(), point.breakdown(), point.value(), point.grain());
    }

    @Override
    public String id(MetricPoint point) {
        return Long.toString(time(point));
    }

    @Override
    public long time(MetricPoint point) {
        return point.windowStart().toEpochMilli();
    }

    @Override
    public MetricPoint prefer(MetricPoint kept, MetricPoint newcomer) {
        return newcomer;
    }

    @Override
    public void say(String key, List<MetricPoint> facts, Step<Clue> step) {
        say(key, facts, Long.MIN_VALUE, step);
    }

    /** Leaves out what is said of the windows before the first that changes, which hangs on them and those before alone. */
    @Override
    public void say(String key, List<MetricPoint> facts, Change<MetricPoint> change, Step<Clue> step) {
        MetricPoint goes = change.goes();
        MetricPoint comes = change.comes();
        say(
                key,
                facts,
                Math.min(goes == null ? Long.MAX_VALUE : time(goes), comes == null ? Long.MAX_VALUE : time(comes)),
                step);
    }

    private void say(String key, List<MetricPoint> facts, long from, Step<Clue> step) {
        List<MetricPoint> points = new ArrayList<>(facts.size());
        int said = 0;
        for (MetricPoint point : facts) {
            if (!point.deleted()) {
                fillGap(points, point);
                points.add(point);
            }
            said = time(point) < from ? points.size() : said;
        }
        if (points.isEmpty()) {
            return;
        }
        if (walks == null) {
            walks = new Walks();
        }
        Watch watch = walks.over(key, points, () -> watch(points.get(0)));
        for (int t = said; t < points.size(); t++) {
            step.row(WatchTables.METRIC_POINT, row(watch.moments.get(t), step.asOf()));
        }
        for (Watch.Episode episode : watch.episodes) {
            if (episode.hangsOn(said)) {
                Signal signal = signal(watch, episode);
                step.row(Signal.TABLE, signal.row(step.asOf()));
                ask(signal, watch, episode, step);
            }
        }
    }

    /** Of the whole it asks what its values had, in the windows that its figures are of and in those before. */
    private static void ask(Signal signal, Watch watch, Watch.Episode episode, Step<Clue> step) {
        if (!asks(watch)) {
            return;
        }
        int last = watch.lastOf(episode);
        for (int t = episode.start - before(watch, episode); t <= last; t++) {
            MetricPoint window = watch.moments.get(t).point;
            Clue question = Clue.question(signal.signalId(), window.windowStart(), t >= episode.start);
            step.fact(Clue.window(window), question.id(), question);
        }
    }

    private static boolean asks(Watch watch) {
        return watch.kind().equals(MetricPoint.RATE)
                && watch.moments.get(0).point.breakdown().equals(TOTAL);
    }

    /** How many windows before its start an episode is held against: of days four weeks, else eight, none of an earlier episode. */
    private static int before(Watch watch, Watch.Episode episode) {
        int most = grain(watch.moments.get(0).point) == Grain.DAY ? 28 : 8;
        int before = 0;
        while (before < Math.min(most, episode.start)) {
            int at = episode.start - before - 1;
            if (watch.episodes.stream().anyMatch(earlier -> earlier != episode && earlier.holds(at))) {
                break;
            }
            before++;
        }
        return before;
    }

    /**
     * A window without a point had no trials and no exposure. Not so for counts: points of one series come through several
     * partitions, so a window may only be on its way, and a zero in its place is a fall that never was. Who counts says its
     * zeros.
     */
    private void fillGap(List<MetricPoint> points, MetricPoint next) {
        if (next.kind().equals(MetricPoint.COUNT)) {
            return;
        }
        for (int gap = 0; gap < MetricPoint.RETIRED && !points.isEmpty(); gap++) {
            MetricPoint last = points.get(points.size() - 1);
            if (!last.windowEnd().isBefore(next.windowStart())) {
                return;
            }
            points.add(empty(last));
        }
    }

    /** The window after one, in which nothing was seen. */
    private MetricPoint empty(MetricPoint before) {
        long start = before.windowEnd().toEpochMilli();
        long end = seasons.windows().end(grain(before), start);
        return new MetricPoint(
                before.metric(),
                before.breakdown(),
                before.value(),
                before.grain(),
                before.windowEnd(),
                Instant.ofEpochMilli(end),
                before.kind(),
                0,
                0,
                before.arrivals() == null ? null : Long.valueOf(0),
                before.definition(),
                false);
    }

    private static Grain grain(MetricPoint point) {
        return Grain.valueOf(point.grain().toUpperCase(Locale.ROOT));
    }

    private Watch watch(MetricPoint like) {
        Grain grain = grain(like);
        List<Grain> offered = grains.getOrDefault(like.definition(), List.of(grain));
        int at = offered.indexOf(grain);
        if (like.kind().equals(MetricPoint.VALUE)) {
            return new ValueWatch(seasons, at == 0);
        }
        if (vigilance != null) {
            return new SeriesWatch(like, vigilance, seasons);
        }
        boolean widest = at == offered.size() - 1 && like.breakdown().equals(TOTAL);
        double least = widest ? 0 : Evidence.RATE_NEEDS;
        double most = at <= 0
                ? Double.POSITIVE_INFINITY
                : OVERLAP * Evidence.RATE_NEEDS * Vigilance.days(grain) / Vigilance.days(offered.get(at - 1));
        Vigilance usual = Vigilance.usual(grain);
        double c = threshold(like, grain, usual.windowsBetweenFalseAlarms());
        return new SeriesWatch(like, usual.withWindowsBetweenFalseAlarms(c).between(least, most), seasons);
    }

    private static Row row(Watch.Moment moment, long asOf) {
        MetricPoint point = moment.point;
        Double observed = point.denominator() > 0 ? point.numerator() / point.denominator() : null;
        return new Row(
                WatchTables.METRIC_POINT.name(),
                new @Nullable String[] {
                    point.metric(),
                    point.breakdown(),
                    point.value(),
                    point.grain(),
                    point.windowStart().toString(),
                    point.kind(),
                    Values.number(point.numerator()),
                    Values.number(point.denominator()),
                    Values.number(observed),
                    Values.number(moment.expected),
                    Values.number(moment.lower),
                    Values.number(moment.upper),
                    Values.number(moment.score),
                    evidence(moment).word()
                },
                point.definition(),
                false,
                asOf);
    }

    private static Evidence evidence(Watch.Moment moment) {
        MetricPoint point = moment.point;
        return switch (point.kind()) {
            case MetricPoint.RATE -> Evidence.of(point.denominator(), Evidence.RATE_NEEDS);
            case MetricPoint.COUNT -> Evidence.of(point.numerator(), Evidence.RATE_NEEDS);
            case MetricPoint.VALUE ->
                Evidence.of(point.denominator(), Double.isNaN(moment.expected) ? Double.POSITIVE_INFINITY : 0);
            default -> Evidence.of(point.numerator(), Evidence.MEDIAN_NEEDS);
        };
    }

    private static Signal signal(Watch watch, Watch.Episode episode) {
        MetricPoint anchor = watch.moments.get(episode.anchor).point;
        String kind = kind(anchor, episode);
        String subject = anchor.metric().substring(anchor.metric().indexOf('/') + 1);
        return new Signal(
                Hash.of(
                        kind,
                        anchor.definition(),
                        subject,
                        anchor.breakdown(),
                        anchor.value(),
                        anchor.grain(),
                        anchor.windowStart().toString()),
                kind,
                subject,
                anchor.metric(),
                anchor.breakdown(),
                anchor.value(),
                null,
                watch.moments.get(episode.start).point.windowStart(),
                ended(watch, episode),
                episode.evidence,
                evidence(watch, episode),
                anchor.definition(),
                false);
    }

    private static String kind(MetricPoint anchor, Watch.Episode episode) {
        List<String> signals = signals(anchor.kind(), anchor.metric());
        return signals.get(episode.rise ? signals.size() - 1 : 0);
    }

    /** What may be told of a series; of a count, of its fall first. */
    private static List<String> signals(String kind, String metric) {
        return switch (kind) {
            case MetricPoint.RATE ->
                List.of(metric.startsWith(MetricPoint.WIN_RATE) ? Signal.WIN_RATE_DROP : Signal.CONVERSION_DROP);
            case MetricPoint.COUNT -> List.of(Signal.VOLUME_DROP, Signal.VOLUME_RISE);
            case MetricPoint.VALUE -> List.of(Signal.UNUSUAL);
            default -> List.of(Signal.BOTTLENECK);
        };
    }

    private static @Nullable Instant ended(Watch watch, Watch.Episode episode) {
        if (episode.open()) {
            return null;
        }
        return episode.end < watch.moments.size()
                ? watch.moments.get(episode.end).point.windowStart()
                : watch.moments.get(watch.moments.size() - 1).point.windowEnd();
    }

    /**
     * The figures of an episode, from its start to at most {@link Vigilance#follow} windows after the alarm: {@code from} and
     * {@code to} are shares for a rate, days a deal for a stage, counted a day, or the value itself. {@code surprise} is the
     * logarithm of how much likelier a window is at its own level than as expected: the measure by which the desk finds the
     * segment that broke. {@code fall} is the share that is missing, or for a rise the share of what came that was not expected.
     */
    private static String evidence(Watch watch, Watch.Episode episode) {
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>();
        MetricPoint anchor = watch.moments.get(episode.anchor).point;
        int windows = watch.lastOf(episode) - episode.start + 1;
        evidence.put("noticed_at", anchor.windowEnd().toString());
        evidence.put("window_start", anchor.windowStart().toString());
        evidence.put(CauseMachine.WINDOWS, windows);
        if (asks(watch)) {
            evidence.put(CauseMachine.WINDOWS_BEFORE, before(watch, episode));
        }
        if (watch instanceof SeriesWatch events) {
            figures(evidence, anchor.kind(), events.figures(episode), episode.rise, windows);
        } else {
            double expected = watch.moments.get(episode.anchor).expected;
            double value = anchor.numerator() / anchor.denominator();
            double change = value / expected;
            evidence.put("from", rounded(expected));
            evidence.put("to", rounded(value));
            evidence.put("fall", rounded(1 - Math.min(change, 1 / change)));
            evidence.put("surprise", rounded(episode.evidence));
        }
        return Json.object(evidence);
    }

    private static void figures(
            Map<String, @Nullable Object> evidence, String kind, SeriesWatch.Sum sum, boolean rise, int windows) {
        switch (kind) {
            case MetricPoint.RATE -> {
                evidence.put("from", rounded(sum.expected() / sum.exposure()));
                evidence.put("to", rounded(sum.events() / sum.exposure()));
                evidence.put("reached", sum.events());
                evidence.put("entered", sum.exposure());
            }
            case MetricPoint.COUNT -> {
                evidence.put("from", rounded(sum.expected() / sum.exposure()));
                evidence.put("to", rounded(sum.events() / sum.exposure()));
                evidence.put("counted", sum.events());
                evidence.put("days", rounded(sum.exposure()));
            }
            default -> {
                evidence.put("from", rounded(sum.usualDwellDays()));
                evidence.put("to", rounded(sum.dwellDays()));
                evidence.put("exits", sum.events());
                evidence.put("at_risk_days", rounded(sum.exposure()));
                evidence.put("days_lost_per_deal", rounded(sum.dwellDays() - sum.usualDwellDays()));
                evidence.put("extra_wip", rounded(sum.extraDeals()));
            }
        }
        evidence.put("fall", rounded(1 - (rise ? 1 / sum.ratio() : sum.ratio())));
        evidence.put("surprise", rounded(sum.surprise(rise) / windows));
    }

    /** Six digits: what is read from it needs no more, and figures stay short. */
    static double rounded(double value) {
        if (!Double.isFinite(value)) {
            return 0;
        }
        return new BigDecimal(value).round(new MathContext(6)).doubleValue();
    }
}
