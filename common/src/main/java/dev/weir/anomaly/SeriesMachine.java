package dev.weir.anomaly;

import dev.weir.alert.Signal;
import dev.weir.event.MetricPoint;
import dev.weir.machine.Hash;
import dev.weir.machine.Json;
import dev.weir.machine.Keys;
import dev.weir.machine.Machine;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.machine.Values;
import dev.weir.playbook.Grain;
import dev.weir.stats.Evidence;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Watches one metric series. Its facts are the points of the series, its sayings a {@code metric_point} row for each and a
 * {@code signal} row for each time the series was down: {@link Signal#CONVERSION_DROP} for a rate
 * ({@link Signal#WIN_RATE_DROP} for that of a pipeline), {@link Signal#BOTTLENECK} for exits per time at risk. A rise is no
 * news to anybody who must act, so it raises none.
 *
 * <p>A series has one grain, and one grain of a metric should be watched, or one fall would be told twice. A later point of a
 * window takes the place of an earlier one, so all is computed anew from the window that changed; a signal that a correction
 * takes away is sent as deleted, one whose first alarming window moves is another signal.
 */
public final class SeriesMachine implements Machine<MetricPoint, Signal> {
    private final @Nullable Vigilance vigilance;
    private final Seasons seasons;

    /** Watches every grain as closely as is usual for it. */
    public SeriesMachine(Seasons seasons) {
        this.vigilance = null;
        this.seasons = seasons;
    }

    public SeriesMachine(Vigilance vigilance) {
        this.vigilance = vigilance;
        this.seasons = Seasons.NONE;
    }

    /** The key of a point's series. */
    public static String key(MetricPoint point) {
        return Keys.join(point.definition(), point.metric(), point.breakdown(), point.value(), point.grain());
    }

    @Override
    public String id(MetricPoint point) {
        return point.windowStart().toString();
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
    public void say(String key, List<MetricPoint> facts, Step<Signal> step) {
        List<MetricPoint> points = new ArrayList<>();
        for (MetricPoint point : facts) {
            if (!point.deleted()) {
                points.add(point);
            }
        }
        if (points.isEmpty()) {
            return;
        }
        SeriesWatch watch = new SeriesWatch(points, vigilanceOf(points.get(0)), seasons);
        for (int t = 0; t < points.size(); t++) {
            step.row(WatchTables.METRIC_POINT, row(watch, t, step.asOf()));
        }
        for (SeriesWatch.Episode episode : watch.episodes) {
            step.row(Signal.TABLE, signal(watch, episode).row(step.asOf()));
        }
    }

    private Vigilance vigilanceOf(MetricPoint point) {
        return vigilance == null ? Vigilance.usual(Grain.valueOf(point.grain().toUpperCase(Locale.ROOT))) : vigilance;
    }

    private static Row row(SeriesWatch watch, int t, long asOf) {
        MetricPoint point = watch.points.get(t);
        Double observed = point.denominator() > 0 ? point.numerator() / point.denominator() : null;
        Evidence evidence = watch.rate
                ? Evidence.of(point.denominator(), Evidence.RATE_NEEDS)
                : Evidence.of(point.numerator(), Evidence.MEDIAN_NEEDS);
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
                    Values.number(watch.expected[t]),
                    Values.number(watch.lower[t]),
                    Values.number(watch.upper[t]),
                    Values.number(watch.score[t]),
                    evidence.word()
                },
                point.definition(),
                false,
                asOf);
    }

    private static Signal signal(SeriesWatch watch, SeriesWatch.Episode episode) {
        MetricPoint anchor = watch.points.get(episode.anchor);
        String kind = !watch.rate
                ? Signal.BOTTLENECK
                : anchor.metric().startsWith(MetricPoint.WIN_RATE) ? Signal.WIN_RATE_DROP : Signal.CONVERSION_DROP;
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
                watch.points.get(episode.start).windowStart(),
                episode.open() ? null : watch.points.get(episode.end).windowStart(),
                episode.evidence,
                evidence(watch, episode),
                anchor.definition(),
                false);
    }

    /**
     * The figures of an episode, from its start to at most {@link Vigilance#follow} windows after the alarm: {@code from} and
     * {@code to} are shares for a rate, days a deal for a stage. {@code surprise} is the logarithm of how much likelier a
     * window is at its own level than as expected: the measure by which the desk finds the segment that broke.
     */
    private static String evidence(SeriesWatch watch, SeriesWatch.Episode episode) {
        SeriesWatch.Sum sum = watch.figures(episode);
        int last = watch.lastOf(episode);
        Map<String, @Nullable Object> evidence = new LinkedHashMap<>();
        Instant anchor = watch.points.get(episode.anchor).windowStart();
        evidence.put("noticed_at", watch.points.get(episode.anchor).windowEnd().toString());
        evidence.put("window_start", anchor.toString());
        evidence.put("windows", last - episode.start + 1);
        if (watch.rate) {
            evidence.put("from", rounded(sum.expected() / sum.exposure()));
            evidence.put("to", rounded(sum.events() / sum.exposure()));
            evidence.put("reached", sum.events());
            evidence.put("entered", sum.exposure());
        } else {
            evidence.put("from", rounded(sum.usualDwellDays()));
            evidence.put("to", rounded(sum.dwellDays()));
            evidence.put("exits", sum.events());
            evidence.put("at_risk_days", rounded(sum.exposure()));
            evidence.put("days_lost_per_deal", rounded(sum.dwellDays() - sum.usualDwellDays()));
            evidence.put("extra_wip", rounded(sum.extraDeals()));
        }
        evidence.put("fall", rounded(1 - sum.ratio()));
        evidence.put("surprise", rounded(sum.surprise() / (last - episode.start + 1)));
        return Json.object(evidence);
    }

    /** Six digits: what is read from it needs no more, and figures stay short. */
    private static double rounded(double value) {
        if (!Double.isFinite(value)) {
            return 0;
        }
        return new BigDecimal(value).round(new MathContext(6)).doubleValue();
    }
}
