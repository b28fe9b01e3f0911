package dev.weir.anomaly;

import static dev.weir.machine.Column.Type.DOUBLE;
import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;

import dev.weir.machine.Table;

/** What the watch over the metric series says; the words of each column stand in the warehouse as its comment. */
public final class WatchTables {
    public static final Table METRIC_POINT = Table.named("metric_point")
            .key(TEXT, "metric", "breakdown", "value", "grain")
            .key(TIMESTAMP, "window_start")
            .with(TEXT, "kind")
            .with(DOUBLE, "numerator", "denominator", "observed", "expected", "lower", "upper", "score")
            .with(TEXT, "evidence")
            .build();

    private WatchTables() {}
}
