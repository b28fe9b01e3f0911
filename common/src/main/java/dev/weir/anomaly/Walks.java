package dev.weir.anomaly;

import dev.weir.event.MetricPoint;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The walks over the series that were watched last, so that a new point costs a step and not a walk. Only a saving: a walk
 * that was forgotten is walked again and ends the same.
 */
final class Walks {
    /** Most windows held, about 150 bytes each; the series that was watched longest ago goes first. */
    private static final int LIMIT = 400_000;

    private final Map<String, Watch> walks = new LinkedHashMap<>(16, 0.75f, true);
    private int windows;

    /** A watch that has seen just these points. */
    Watch over(String series, List<MetricPoint> points, Supplier<Watch> begin) {
        Watch watch = walks.get(series);
        if (watch == null || !watch.kind().equals(points.get(0).kind())) {
            watch = begin.get();
            Watch replaced = walks.put(series, watch);
            windows -= replaced == null ? 0 : replaced.moments.size();
        }
        windows -= watch.moments.size();
        watch.see(points);
        windows += watch.moments.size();
        Iterator<Watch> oldest = walks.values().iterator();
        while (windows > LIMIT && walks.size() > 1) {
            windows -= oldest.next().moments.size();
            oldest.remove();
        }
        return watch;
    }
}
