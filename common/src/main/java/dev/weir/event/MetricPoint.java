package dev.weir.event;

import static dev.weir.machine.Column.Type.BIGINT;
import static dev.weir.machine.Column.Type.DOUBLE;
import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;

import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One closed window of one metric series, as the metric topic carries it. A later point of the same series and window takes
 * the place of an earlier one.
 *
 * @param metric {@code conversion/<funnel>/<step>}, {@code entered/<funnel>/<step>}, {@code time_to/<funnel>/<step>},
 *     {@code dwell/<pipeline>/<stage>}, {@code arrivals/<pipeline>/<stage>}, {@code wip/<pipeline>/<stage>} or
 *     {@code win_rate/<pipeline>}
 * @param breakdown field by which the series is split, or {@code (total)}
 * @param value of that field, or {@code (total)}
 * @param grain day, week, month, quarter
 * @param kind {@link #RATE} (numerator of denominator), {@link #DURATION} (numerator exits in denominator days at risk),
 *     {@link #COUNT} (numerator in denominator days) or {@link #VALUE} (numerator, over a denominator of 1)
 * @param arrivals for durations: how many entered in the window
 * @param definition hash of the funnel or pipeline behind the series
 * @param deleted true when a recount no longer has this window
 */
public record MetricPoint(
        String metric,
        String breakdown,
        String value,
        String grain,
        Instant windowStart,
        Instant windowEnd,
        String kind,
        double numerator,
        double denominator,
        @Nullable Long arrivals,
        String definition,
        boolean deleted) {

    /** First word of the metric that has the win rate of a pipeline. */
    public static final String WIN_RATE = "win_rate/";

    public static final String RATE = "rate";
    public static final String DURATION = "duration";
    public static final String COUNT = "count";
    public static final String VALUE = "value";
    /** Every kind. */
    public static final List<String> KINDS = List.of(RATE, DURATION, COUNT, VALUE);

    /** Empty windows in a row after which a series has ended. */
    public static final int RETIRED = 30;

    /** How a point travels as a row. */
    public static final Table TABLE = Table.named("metric")
            .key(TEXT, "metric", "breakdown", "value", "grain")
            .key(TIMESTAMP, "window_start")
            .with(TIMESTAMP, "window_end")
            .with(TEXT, "kind")
            .with(DOUBLE, "numerator", "denominator")
            .with(BIGINT, "arrivals")
            .build();

    public Row row(long asOfMillis) {
        return new Row(
                TABLE.name(),
                new @Nullable String[] {
                    metric,
                    breakdown,
                    value,
                    grain,
                    windowStart.toString(),
                    windowEnd.toString(),
                    kind,
                    Double.toString(numerator),
                    Double.toString(denominator),
                    arrivals == null ? null : arrivals.toString()
                },
                definition,
                deleted,
                asOfMillis);
    }

    /** The point that {@link #row} wrote; of one that was deleted only the key is known. */
    public static MetricPoint of(Row row) {
        @Nullable String[] v = row.values();
        if (row.deleted()) {
            Instant start = Instant.parse(text(v[4]));
            return new MetricPoint(
                    text(v[0]),
                    text(v[1]),
                    text(v[2]),
                    text(v[3]),
                    start,
                    start,
                    RATE,
                    0,
                    0,
                    null,
                    row.definition(),
                    true);
        }
        return new MetricPoint(
                text(v[0]),
                text(v[1]),
                text(v[2]),
                text(v[3]),
                Instant.parse(text(v[4])),
                Instant.parse(text(v[5])),
                text(v[6]),
                Double.parseDouble(text(v[7])),
                Double.parseDouble(text(v[8])),
                v[9] == null ? null : Long.valueOf(v[9]),
                row.definition(),
                row.deleted());
    }

    /** The length of a window in days, which is what a count is divided by. */
    public static double days(long startMillis, long endMillis) {
        return (endMillis - startMillis) / 86_400_000.0;
    }

    private static String text(@Nullable String value) {
        return Objects.requireNonNull(value);
    }
}
