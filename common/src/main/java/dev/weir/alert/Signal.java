package dev.weir.alert;

import static dev.weir.machine.Column.Type.DOUBLE;
import static dev.weir.machine.Column.Type.JSON;
import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;

import dev.weir.machine.Row;
import dev.weir.machine.Table;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something a job noticed, as the signal topic carries it. A later signal of the same id takes the place of an earlier one;
 * a deleted one was never so.
 *
 * @param signalId hash of rule, subject and anchor (the stage-entry event or the first alarming window)
 * @param kind one of {@link #STALLED}, {@link #BOTTLENECK}, {@link #BOTTLENECK_MOVED}, {@link #CONVERSION_DROP}, {@link #WIN_RATE_DROP},
 *     {@link #VOLUME_DROP}, {@link #VOLUME_RISE}, {@link #UNUSUAL}
 * @param subject what it is about: {@code <pipeline>/<deal id>}, {@code <pipeline>/<stage>}, {@code <funnel>/<step>}
 *     or {@code <pipeline>}
 * @param metric the series that raised it, where one did
 * @param breakdown of that series, {@code (total)} for the whole
 * @param value of that series, {@code (total)} for the whole
 * @param startedAt since when
 * @param endedAt until when; null while it stands
 * @param score how strong: the e-value for detectors, null for rules
 * @param evidence a JSON object
 * @param definition hash of the funnel or pipeline behind it
 * @param deleted true when a recount no longer has this signal
 */
public record Signal(
        String signalId,
        String kind,
        String subject,
        @Nullable String metric,
        @Nullable String breakdown,
        @Nullable String value,
        @Nullable String ownerId,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Double score,
        String evidence,
        String definition,
        boolean deleted) {

    public static final String STALLED = "stalled";
    public static final String BOTTLENECK = "bottleneck";
    /** Another stage than before is the one where most deals wait beyond the usual. */
    public static final String BOTTLENECK_MOVED = "bottleneck_moved";

    public static final String CONVERSION_DROP = "conversion_drop";
    public static final String WIN_RATE_DROP = "win_rate_drop";
    public static final String VOLUME_DROP = "volume_drop";
    public static final String VOLUME_RISE = "volume_rise";
    /** A value beyond its records. Nothing is promised about how often that is a false alarm, so it pages nobody. */
    public static final String UNUSUAL = "unusual";

    /** How a signal travels as a row. */
    public static final Table TABLE = Table.named("signal")
            .key(TEXT, "signal_id")
            .with(TEXT, "kind", "subject", "metric", "breakdown", "value", "owner_id")
            .with(TIMESTAMP, "started_at", "ended_at")
            .with(DOUBLE, "score")
            .with(JSON, "evidence")
            .build();

    public Row row(long asOfMillis) {
        return new Row(
                TABLE.name(),
                new @Nullable String[] {
                    signalId,
                    kind,
                    subject,
                    metric,
                    breakdown,
                    value,
                    ownerId,
                    startedAt.toString(),
                    endedAt == null ? null : endedAt.toString(),
                    score == null ? null : score.toString(),
                    evidence
                },
                definition,
                deleted,
                asOfMillis);
    }

    /** The signal that {@link #row} wrote. */
    public static Signal of(Row row) {
        @Nullable String[] v = row.values();
        return new Signal(
                text(v[0]),
                text(v[1]),
                text(v[2]),
                v[3],
                v[4],
                v[5],
                v[6],
                Instant.parse(text(v[7])),
                v[8] == null ? null : Instant.parse(v[8]),
                v[9] == null ? null : Double.valueOf(v[9]),
                text(v[10]),
                row.definition(),
                row.deleted());
    }

    private static String text(@Nullable String value) {
        return Objects.requireNonNull(value);
    }
}
