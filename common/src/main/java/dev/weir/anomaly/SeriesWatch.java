package dev.weir.anomaly;

import dev.weir.event.MetricPoint;
import dev.weir.stats.ShiryaevRoberts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One walk over the windows of a series: what was expected in each, how strongly it speaks for a fall, and the episodes in
 * which the series was down.
 *
 * <p>Window after window a {@link Baseline} is learned from the windows before it, without the youngest and without those of
 * earlier episodes; while there is suspicion it is kept. The e-Shiryaev-Roberts statistic for a fall is carried on; when it reaches c and the fall matters, an
 * episode begins: its anchor is that window, its start the likeliest window of the change. While it lasts the baseline is
 * frozen. It ends when the windows since some time speak a thousand times more for the baseline than for the level of
 * the episode.
 */
final class SeriesWatch {
    private static final long DAY = 86_400_000L;
    /** From this evidence on the baseline stands still, so that a slow alarm does not find the change in its own baseline. */
    private static final double SUSPICIOUS = 30;
    /** Farthest back that the start of a change is looked for, in windows. */
    private static final int LONGEST_SEARCH = 120;
    /** How much likelier the baseline must be before an episode is over. */
    private static final double RECOVERED = StrictMath.log(1_000);

    /** A time in which the series was down: from {@code start}, noticed at {@code anchor}, until {@code end}. */
    static final class Episode {
        final int start;
        final int anchor;
        final double evidence;
        int end = -1;

        Episode(int start, int anchor, double evidence) {
            this.start = start;
            this.anchor = anchor;
            this.evidence = evidence;
        }

        boolean open() {
            return end < 0;
        }
    }

    /** What some windows had against what was expected of them. */
    record Sum(double events, double exposure, double expected, double arrivals, double days, boolean rate) {

        /** Share of the expected that came; never zero, so that its logarithm is finite. */
        double ratio() {
            return Math.max(events, 0.5) / Math.max(expected, 0.5);
        }

        /** Logarithm of how much likelier the windows are at their own level than as expected; zero unless they are down. */
        double surprise() {
            if (events >= expected) {
                return 0;
            }
            double surprise = (events > 0 ? events * StrictMath.log(events / expected) : 0);
            double rest = exposure - events;
            return rate
                    ? surprise + (rest > 0 ? rest * StrictMath.log(rest / Math.max(exposure - expected, 1e-9)) : 0)
                    : surprise + expected - events;
        }

        /** Days at risk per exit, and the same as expected. */
        double dwellDays() {
            return exposure / Math.max(events, 0.5);
        }

        double usualDwellDays() {
            return exposure / Math.max(expected, 0.5);
        }

        /** Little's law as a difference: how many more deals wait, once things settle, than would have. */
        double extraDeals() {
            return arrivals / days * (dwellDays() - usualDwellDays());
        }
    }

    final List<MetricPoint> points;
    final boolean rate;
    /** Expected level of each window with its bounds of chance (95 %); null while the series is being learned. */
    final @Nullable Double[] expected;

    final @Nullable Double[] lower;
    final @Nullable Double[] upper;
    final @Nullable Double[] score;
    final List<Episode> episodes = new ArrayList<>();

    private final Vigilance vigilance;
    private final boolean daily;
    private final int phases;
    private final Baseline.Window[] windows;
    private double dispersion = 1;

    /** @param points of one series, by time, without deleted ones; at least one */
    SeriesWatch(List<MetricPoint> points, Vigilance vigilance, Seasons seasons) {
        this.points = points;
        this.vigilance = vigilance;
        this.rate = points.get(0).kind().equals(MetricPoint.RATE);
        this.daily = points.get(0).grain().equals("day");
        int declared = seasons.phases(points.get(0));
        this.phases = declared > 0 ? declared : daily ? 7 : 1;
        int n = points.size();
        this.expected = new @Nullable Double[n];
        this.lower = new @Nullable Double[n];
        this.upper = new @Nullable Double[n];
        this.score = new @Nullable Double[n];
        this.windows = new Baseline.Window[n];
        long first = points.get(0).windowStart().toEpochMilli();
        for (int t = 0; t < n; t++) {
            MetricPoint point = points.get(t);
            // Rounded, since a local day has 23 to 25 hours.
            long day = Math.floorDiv(point.windowStart().toEpochMilli() - first + DAY / 2, DAY);
            int phase = declared > 0 ? seasons.phase(point) : daily ? (int) Math.floorMod(day, 7L) : 0;
            windows[t] = new Baseline.Window(Math.max(0, point.numerator()), Math.max(0, point.denominator()), phase);
        }
        walk();
    }

    private void walk() {
        Baseline baseline = null;
        ShiryaevRoberts statistic = new ShiryaevRoberts();
        Episode episode = null;
        double recovery = 0;
        int recovering = -1;
        int watchedSince = 0;
        long refreshed = Long.MIN_VALUE;
        for (int t = 0; t < points.size(); t++) {
            long turn = Math.floorDiv(turn(t), vigilance.refresh());
            if (episode == null && (baseline == null || (turn != refreshed && statistic.fall() < SUSPICIOUS))) {
                baseline = learn(t);
                refreshed = turn;
            }
            if (baseline == null) {
                watchedSince = t + 1;
                continue;
            }
            dispersion = baseline.dispersion();
            expect(t, baseline);
            if (windows[t].exposure() <= 0) {
                score[t] = statistic.fall();
                continue;
            }
            add(statistic, t, baseline);
            score[t] = statistic.fall();
            if (episode == null) {
                if (statistic.fall() >= vigilance.windowsBetweenFalseAlarms()) {
                    int start = start(watchedSince, t);
                    if (matters(sum(start, t))) {
                        episode = new Episode(start, t, statistic.fall());
                        episodes.add(episode);
                        recovery = 0;
                    }
                }
                continue;
            }
            double before = recovery;
            recovery = Math.max(0, recovery + forBaseline(t, sum(episode.start, t - 1)));
            if (before == 0 && recovery > 0) {
                recovering = t;
            }
            if (recovery >= RECOVERED) {
                episode.end = recovering;
                episode = null;
                statistic = new ShiryaevRoberts();
                watchedSince = t + 1;
                refreshed = Long.MIN_VALUE;
            }
        }
    }

    private long turn(int t) {
        return daily ? Math.floorDiv(points.get(t).windowStart().toEpochMilli(), DAY) : t;
    }

    private @Nullable Baseline learn(int t) {
        List<Baseline.Window> usual = new ArrayList<>();
        double events = 0;
        for (int i = t - 1 - vigilance.guard(); i >= 0 && usual.size() < vigilance.baseline(); i--) {
            if (!inEpisode(i)) {
                usual.add(windows[i]);
                events += windows[i].events();
            }
        }
        return usual.size() < vigilance.leastBaseline() || events < vigilance.leastEvents()
                ? null
                : Baseline.of(usual, rate, phases);
    }

    private boolean inEpisode(int t) {
        for (Episode episode : episodes) {
            if (t >= episode.start && (episode.open() || t < episode.end)) {
                return true;
            }
        }
        return false;
    }

    private void expect(int t, Baseline baseline) {
        Baseline.Window window = windows[t];
        double level = at(window, baseline, baseline.level());
        expected[t] = level;
        if (window.exposure() > 0) {
            double variance = level * (rate ? 1 - level : 1) / window.exposure() * baseline.dispersion();
            lower[t] = Math.max(0, level - 1.96 * Math.sqrt(variance));
            upper[t] = rate ? Math.min(1, level + 1.96 * Math.sqrt(variance)) : level + 1.96 * Math.sqrt(variance);
        }
    }

    private double at(Baseline.Window window, Baseline baseline, double of) {
        return rate ? baseline.shareOn(window.phase(), of) : baseline.on(window.phase(), of);
    }

    private void add(ShiryaevRoberts statistic, int t, Baseline baseline) {
        Baseline.Window window = windows[t];
        double low = at(window, baseline, baseline.low());
        if (rate) {
            // Only falls are looked for, and a share of one spares the logarithms of rises.
            statistic.addRate(window.events(), window.exposure(), low, 1, baseline.dispersion());
        } else {
            statistic.addEvents(
                    window.events(), low * window.exposure(), low * window.exposure(), baseline.dispersion());
        }
    }

    /** The likeliest first window of a change that is seen at t. */
    private int start(int from, int t) {
        int best = t;
        double most = 0;
        for (int s = t; s >= Math.max(from, t - LONGEST_SEARCH); s--) {
            double surprise = sum(s, t).surprise();
            if (surprise > most) {
                most = surprise;
                best = s;
            }
        }
        return best;
    }

    /** Logarithm of how much likelier a window is at the baseline than at the level of the episode so far. */
    private double forBaseline(int t, Sum episode) {
        double ratio = Math.min(episode.ratio(), 0.98);
        double usual = expectedOf(t);
        double events = windows[t].events();
        double exposure = windows[t].exposure();
        double logRatio = -events * StrictMath.log(ratio);
        double against = rate
                ? (exposure - events) * (StrictMath.log1p(-usual) - StrictMath.log1p(-ratio * usual))
                : -(1 - ratio) * usual * exposure;
        return (logRatio + against) / dispersion;
    }

    private boolean matters(Sum sum) {
        double fall = 1 - sum.ratio();
        if (rate) {
            return fall >= vigilance.leastFall();
        }
        double waiting = sum.exposure() / sum.days();
        return fall >= vigilance.leastSlowing()
                && sum.extraDeals() >= Math.max(vigilance.leastExtraDeals(), vigilance.leastExtraShare() * waiting);
    }

    /** The windows from one to another, both included, as far as something was expected of them. */
    Sum sum(int from, int to) {
        double events = 0;
        double exposure = 0;
        double usual = 0;
        double arrivals = 0;
        double days = 0;
        for (int i = Math.max(0, from); i <= to; i++) {
            Baseline.Window window = windows[i];
            events += window.events();
            exposure += window.exposure();
            usual += window.exposure() * expectedOf(i);
            MetricPoint point = points.get(i);
            Long entered = point.arrivals();
            arrivals += entered == null ? window.exposure() * expectedOf(i) : entered.doubleValue();
            days += (double) (point.windowEnd().toEpochMilli()
                            - point.windowStart().toEpochMilli())
                    / DAY;
        }
        return new Sum(events, exposure, usual, arrivals, Math.max(days, 1e-9), rate);
    }

    private double expectedOf(int t) {
        Double level = expected[t];
        return level == null ? 0 : level;
    }

    /** The windows an episode's figures are made from: to {@code follow} windows after the alarm, within the episode. */
    Sum figures(Episode episode) {
        return sum(episode.start, lastOf(episode));
    }

    int lastOf(Episode episode) {
        int last = Math.min(points.size() - 1, episode.anchor + vigilance.follow());
        return episode.open() ? last : Math.max(episode.anchor, Math.min(last, episode.end - 1));
    }
}
