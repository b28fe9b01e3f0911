package dev.weir.anomaly;

import dev.weir.event.MetricPoint;
import java.util.ArrayList;
import java.util.List;

/**
 * One walk over the windows of a series: what was expected in each, how unusual it is, and the episodes in which the series
 * left its usual course.
 *
 * <p>What is said of a window depends on it and on those before it. So a watch that has walked some points takes the walk up
 * again at the first that differs; the answer is the same as that of a new watch, and remembering one is nothing but a saving.
 */
abstract class Watch {

    /** One window and what is said of it; numbers that are not known are not a number. */
    static final class Moment {
        final MetricPoint point;
        final Baseline.Window window;
        /** Level expected of the window, and its bounds of chance (95 %). */
        double expected = Double.NaN;

        /** The level of the baseline that expected it. */
        double level = Double.NaN;

        double lower = Double.NaN;
        double upper = Double.NaN;
        double score = Double.NaN;
        /** Sums over this window and all before it. */
        double events;

        double exposure;
        double usual;
        double arrivals;
        double days;

        Moment(MetricPoint point, Seasons.Place place) {
            this.point = point;
            this.window = new Baseline.Window(Math.max(0, point.numerator()), Math.max(0, point.denominator()), place);
        }

        /** Takes back what an earlier walk said. */
        void forget() {
            expected = Double.NaN;
            level = Double.NaN;
            lower = Double.NaN;
            upper = Double.NaN;
            score = Double.NaN;
        }
    }

    /** A time in which the series was off: from {@code start}, noticed at {@code anchor}, until {@code end}. */
    static final class Episode {
        final int start;
        final int anchor;
        final double evidence;
        final boolean rise;
        int end = -1;
        /** The window that showed that it had ended. */
        int closed = -1;
        /** Whether it ended because what it brought is usual now. */
        boolean settled;

        Episode(int start, int anchor, double evidence, boolean rise) {
            this.start = start;
            this.anchor = anchor;
            this.evidence = evidence;
            this.rise = rise;
        }

        boolean open() {
            return end < 0;
        }

        /** Whether windows from one on can still change what is said of it. */
        boolean hangsOn(int from) {
            return open() || closed >= from;
        }

        boolean holds(int t) {
            return t >= start && !settled && (open() || t < end);
        }
    }

    final List<Moment> moments = new ArrayList<>();
    final List<Episode> episodes = new ArrayList<>();
    private final Seasons seasons;

    Watch(Seasons seasons) {
        this.seasons = seasons;
    }

    /** The kind of the series it is over, which has been given a point. */
    final String kind() {
        return moments.get(0).point.kind();
    }

    /** Walks the points of a series, by time, without deleted ones; at least one. */
    final void see(List<MetricPoint> points) {
        int same = 0;
        while (same < Math.min(points.size(), moments.size())
                && points.get(same).equals(moments.get(same).point)) {
            same++;
        }
        moments.subList(same, moments.size()).clear();
        for (MetricPoint point : points.subList(same, points.size())) {
            moments.add(new Moment(point, seasons.place(point.windowStart().toEpochMilli())));
        }
        walk(same);
    }

    /**
     * Walks on.
     *
     * @param same so many moments at the head are those of the walk before
     */
    abstract void walk(int same);

    /** The window up to which the figures of an episode are made. */
    abstract int lastOf(Episode episode);
}
