package dev.weir.anomaly;

import dev.weir.event.MetricPoint;
import dev.weir.stats.ShiryaevRoberts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The watch over events among an exposure: rates, exits per time at risk, counts per day.
 *
 * <p>Window after window a {@link Baseline} is learned from the windows before it, without the youngest and without those of
 * earlier episodes; while there is suspicion it is kept. The e-Shiryaev-Roberts statistic is carried on, for a fall alone or, of
 * counts, for either side; when it reaches c and the change matters, an episode begins: its anchor is that window, its start the
 * likeliest window of the change. While it lasts the baseline is frozen. It ends when the windows since some time speak a
 * thousand times more for the baseline than for the level of the episode. A count has no right level: what has lasted for
 * {@link Vigilance#settle} windows is usual from then on.
 */
final class SeriesWatch extends Watch {
    private static final long DAY = 86_400_000L;
    /** From this evidence on the baseline stands still, so that a slow alarm does not find the change in its own baseline. */
    private static final double SUSPICIOUS = 30;
    /** Farthest back that the start of a change is looked for, in windows. */
    private static final int LONGEST_SEARCH = 120;
    /** How much likelier the baseline must be before an episode is over. */
    private static final double RECOVERED = StrictMath.log(1_000);
    /** The walk can be taken up again at each so many windows. */
    private static final int STRIDE = 32;
    /** The level of an episode differs from the baseline at least so much, or nothing could speak against it. */
    private static final double LEAST_DIFFERENCE = 0.02;

    /** What some windows had against what was expected of them. */
    record Sum(double events, double exposure, double expected, double arrivals, double days, boolean rate) {

        /** Share of the expected that came; never zero, so that its logarithm is finite. */
        double ratio() {
            return Math.max(events, 0.5) / Math.max(expected, 0.5);
        }

        /**
         * Logarithm of how much likelier the windows are at their own level than as expected; zero when they are off to the
         * other side.
         */
        double surprise(boolean rise) {
            if (rise ? events <= expected : events >= expected) {
                return 0;
            }
            double surprise = events > 0 ? events * StrictMath.log(events / Math.max(expected, 1e-9)) : 0;
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

    /** How the walk stands between two windows. */
    private static final class State {
        @Nullable Baseline baseline;

        ShiryaevRoberts statistic = new ShiryaevRoberts();
        /** Whether the last episode lasts. */
        boolean off;

        double recovery;
        int recovering = -1;
        /** The first window whose change could be told. */
        int watchedSince;
        /** The first window that may say what is usual. */
        int usualSince;

        long refreshed = Long.MIN_VALUE;

        State copy() {
            State copy = new State();
            copy.baseline = baseline;
            copy.statistic = statistic.copy();
            copy.off = off;
            copy.recovery = recovery;
            copy.recovering = recovering;
            copy.watchedSince = watchedSince;
            copy.usualSince = usualSince;
            copy.refreshed = refreshed;
            return copy;
        }
    }

    private final Vigilance vigilance;
    private final Seasons seasons;
    private final String kind;
    private final boolean rate;
    private final boolean count;
    private final boolean daily;
    private final boolean quarterly;
    private final String metric;
    /** How the walk stood before each {@link #STRIDE}th window. */
    private final List<State> stops = new ArrayList<>();

    private State state = new State();
    /** How many windows have been walked. */
    private int walked;

    /** @param like any point of the series */
    SeriesWatch(MetricPoint like, Vigilance vigilance, Seasons seasons) {
        super(seasons);
        this.vigilance = vigilance;
        this.seasons = seasons;
        this.kind = like.kind();
        this.rate = kind.equals(MetricPoint.RATE);
        this.count = kind.equals(MetricPoint.COUNT);
        this.daily = like.grain().equals("day");
        this.quarterly = !like.grain().equals("quarter");
        this.metric = like.metric();
    }

    @Override
    void walk(int same) {
        if (same < walked) {
            goBack(same);
        }
        for (; walked < moments.size(); walked++) {
            if (walked % STRIDE == 0) {
                stops.add(state.copy());
            }
            step(walked);
        }
    }

    /** Goes back to the last stop from which nothing has changed yet. */
    private void goBack(int same) {
        int stop = same / STRIDE;
        state = stops.get(stop).copy();
        stops.subList(stop, stops.size()).clear();
        walked = stop * STRIDE;
        episodes.removeIf(episode -> episode.anchor >= walked);
        if (state.off) {
            last().end = -1;
            last().settled = false;
        }
    }

    private Episode last() {
        return episodes.get(episodes.size() - 1);
    }

    private void step(int t) {
        Moment moment = moments.get(t);
        long turn = Math.floorDiv(turn(t), vigilance.refresh());
        if (!state.off && (state.baseline == null || (turn != state.refreshed && evidence() < SUSPICIOUS))) {
            state.baseline = learn(t);
            state.refreshed = turn;
        }
        Baseline baseline = state.baseline;
        if (baseline == null) {
            moment.forget();
            add(t);
            state.watchedSince = t + 1;
            return;
        }
        expect(moment, baseline);
        add(t);
        if (moment.window.exposure() <= 0) {
            moment.score = evidence();
            return;
        }
        grow(moment.window, baseline);
        moment.score = evidence();
        if (state.off) {
            goOn(t, baseline);
        } else if (evidence() >= vigilance.windowsBetweenFalseAlarms() && vigilance.watches(kind, baseline)) {
            begin(t);
        }
    }

    private void begin(int t) {
        boolean rise = count && state.statistic.rise() > state.statistic.fall();
        int start = start(state.watchedSince, t, rise);
        if (matters(sum(start, t), rise)) {
            episodes.add(new Episode(start, t, evidence(), rise));
            state.off = true;
            state.recovery = 0;
        }
    }

    private void goOn(int t, Baseline baseline) {
        Episode episode = last();
        double before = state.recovery;
        state.recovery = Math.max(0, before + forBaseline(t, sum(episode.start, t - 1), episode.rise, baseline));
        if (before == 0 && state.recovery > 0) {
            state.recovering = t;
        }
        boolean settled = count && t - episode.start >= vigilance.settle();
        if (state.recovery < RECOVERED && !settled) {
            return;
        }
        episode.settled = state.recovery < RECOVERED;
        episode.end = episode.settled ? t : state.recovering;
        episode.closed = t;
        int usualSince = episode.settled ? episode.start : state.usualSince;
        state = new State();
        state.usualSince = usualSince;
        state.watchedSince = t + 1;
    }

    private double evidence() {
        return count ? state.statistic.change() : state.statistic.fall();
    }

    private long turn(int t) {
        return daily ? Math.floorDiv(moments.get(t).point.windowStart().toEpochMilli(), DAY) : t;
    }

    private @Nullable Baseline learn(int t) {
        List<Baseline.Window> usual = new ArrayList<>();
        List<Baseline.Window> remembered = new ArrayList<>();
        double events = 0;
        int seen = 0;
        for (int i = t - 1 - vigilance.guard(); i >= 0 && remembered.size() < vigilance.memory(); i--) {
            int at = i;
            if (episodes.stream().noneMatch(episode -> episode.holds(at))) {
                Baseline.Window window = moments.get(i).window;
                remembered.add(window);
                if (usual.size() < vigilance.baseline() && i >= state.usualSince) {
                    usual.add(window);
                    events += window.events();
                    seen += window.exposure() > 0 ? 1 : 0;
                }
            }
        }
        if (seen < vigilance.leastBaseline() || events < vigilance.leastEvents()) {
            return null;
        }
        Profile profile = Profile.of(remembered, daily, quarterly, seasons, metric);
        return Baseline.of(usual, profile, rate, count ? restlessness(t, profile) : 1);
    }

    /**
     * How far the series has missed what was expected of it, episodes included, in units of Poisson's variance: at least 1. A
     * count that keeps leaving its course is known to do so, and needs more to be told of again.
     */
    private double restlessness(int t, Profile profile) {
        double misses = Baseline.POISSON_WINDOWS;
        double tried = Baseline.POISSON_WINDOWS;
        for (int i = Math.max(0, t - vigilance.memory()); i < t; i++) {
            Moment moment = moments.get(i);
            double expected = moment.level * moment.window.exposure() * profile.at(moment.window.place());
            if (expected > 0) {
                misses += (moment.window.events() - expected) * (moment.window.events() - expected) / expected;
                tried++;
            }
        }
        return Math.max(1, misses / tried);
    }

    private void expect(Moment moment, Baseline baseline) {
        double level = at(moment.window, baseline, baseline.level());
        double exposure = moment.window.exposure();
        moment.forget();
        moment.expected = level;
        moment.level = baseline.level();
        if (exposure > 0) {
            double spread = 1.96 * Math.sqrt(level * (rate ? 1 - level : 1) / exposure * baseline.dispersion());
            moment.lower = Math.max(0, level - spread);
            moment.upper = rate ? Math.min(1, level + spread) : level + spread;
        }
    }

    private double at(Baseline.Window window, Baseline baseline, double of) {
        return rate ? baseline.shareAt(window.place(), of) : baseline.at(window.place(), of);
    }

    private void grow(Baseline.Window window, Baseline baseline) {
        double low = at(window, baseline, baseline.low());
        if (rate) {
            // Only falls are looked for, and a share of one spares the logarithms of rises.
            state.statistic.addRate(window.events(), window.exposure(), low, 1, baseline.dispersion());
        } else {
            double high = at(window, baseline, baseline.high());
            state.statistic.addEvents(
                    window.events(), low * window.exposure(), high * window.exposure(), baseline.dispersion());
        }
    }

    /** Adds a window to the running sums. */
    private void add(int t) {
        Moment moment = moments.get(t);
        double exposure = moment.window.exposure();
        double usual = Double.isNaN(moment.expected) ? 0 : exposure * moment.expected;
        Long entered = moment.point.arrivals();
        Moment before = t == 0 ? null : moments.get(t - 1);
        moment.events = moment.window.events() + (before == null ? 0 : before.events);
        moment.exposure = exposure + (before == null ? 0 : before.exposure);
        moment.usual = usual + (before == null ? 0 : before.usual);
        moment.arrivals = (entered == null ? usual : entered.doubleValue()) + (before == null ? 0 : before.arrivals);
        moment.days = MetricPoint.days(
                        moment.point.windowStart().toEpochMilli(),
                        moment.point.windowEnd().toEpochMilli())
                + (before == null ? 0 : before.days);
    }

    /** The windows from one to another, both included, as far as something was expected of them. */
    Sum sum(int from, int to) {
        Moment last = moments.get(to);
        if (from <= 0) {
            return new Sum(last.events, last.exposure, last.usual, last.arrivals, Math.max(last.days, 1e-9), rate);
        }
        Moment before = moments.get(from - 1);
        return new Sum(
                last.events - before.events,
                last.exposure - before.exposure,
                last.usual - before.usual,
                last.arrivals - before.arrivals,
                Math.max(last.days - before.days, 1e-9),
                rate);
    }

    /** The likeliest first window of a change that is seen at t. */
    private int start(int from, int t, boolean rise) {
        int best = t;
        double most = 0;
        for (int s = t; s >= Math.max(from, t - LONGEST_SEARCH); s--) {
            double surprise = sum(s, t).surprise(rise);
            if (surprise > most) {
                most = surprise;
                best = s;
            }
        }
        return best;
    }

    /** Logarithm of how much likelier a window is at the baseline than at the level of the episode so far. */
    private double forBaseline(int t, Sum episode, boolean rise, Baseline baseline) {
        double ratio = rise
                ? Math.max(episode.ratio(), 1 + LEAST_DIFFERENCE)
                : Math.min(episode.ratio(), 1 - LEAST_DIFFERENCE);
        Moment moment = moments.get(t);
        double usual = moment.expected;
        double events = moment.window.events();
        double exposure = moment.window.exposure();
        double logRatio = -events * StrictMath.log(ratio);
        double against = rate
                ? (exposure - events) * (StrictMath.log1p(-usual) - StrictMath.log1p(-ratio * usual))
                : -(1 - ratio) * usual * exposure;
        return (logRatio + against) / baseline.dispersion();
    }

    private boolean matters(Sum sum, boolean rise) {
        double change = rise ? sum.ratio() - 1 : 1 - sum.ratio();
        if (rate) {
            return change >= vigilance.leastFall();
        } else if (count) {
            return change >= vigilance.leastShift();
        }
        double waiting = sum.exposure() / sum.days();
        return change >= vigilance.leastSlowing()
                && sum.extraDeals() >= Math.max(vigilance.leastExtraDeals(), vigilance.leastExtraShare() * waiting);
    }

    /** The windows an episode's figures are made from: to {@code follow} windows after the alarm, within the episode. */
    Sum figures(Episode episode) {
        return sum(episode.start, lastOf(episode));
    }

    @Override
    int lastOf(Episode episode) {
        int last = Math.min(moments.size() - 1, episode.anchor + vigilance.follow());
        return episode.open() ? last : Math.max(episode.anchor, Math.min(last, episode.end - 1));
    }
}
