package dev.weir.alert;

import dev.weir.machine.Row;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What people receive, as the alert topic and the warehouse have it.
 *
 * @param alertId the same for the same incident, whenever it is computed
 * @param kind that of its signals, or {@link Digest#KIND}
 * @param severity info, warning or critical
 * @param status one of {@link #FIRING}, {@link #ACKNOWLEDGED}, {@link #RESOLVED}, {@link #RETRACTED}
 * @param metric the series that it names, where one did; so breakdown and value
 * @param subject what it is about, as in {@link Signal}
 * @param team who is told; null where that is an owner, or nobody
 * @param ownerId whose it is
 * @param summary the alert as sentences
 * @param startedAt since when
 * @param endedAt until when; null while it stands
 * @param evidence a JSON object
 * @param verdict what people said of it, one of {@link DeskEntry#VERDICTS}
 * @param delivery how it reaches people, one of {@link #PAGE}, {@link #DIGEST}, {@link #NONE}
 * @param deliverAfter not before: quiet hours, maintenance or a silence end then; null for at once
 * @param runbook link to what to do about it
 * @param cause why it is likely: {@code rate}, {@code mix}, {@code unknown}
 * @param confidence that it is no chance, from 0 to 1
 * @param acknowledgedBy who has taken it on
 * @param definition hash of the funnel or pipeline behind it
 * @param deleted true when a recount no longer has it
 */
public record Alert(
        String alertId,
        String kind,
        String severity,
        String status,
        @Nullable String metric,
        @Nullable String breakdown,
        @Nullable String value,
        String subject,
        @Nullable String team,
        @Nullable String ownerId,
        String summary,
        Instant startedAt,
        @Nullable Instant endedAt,
        String evidence,
        @Nullable String verdict,
        @Nullable String delivery,
        @Nullable Instant deliverAfter,
        @Nullable String runbook,
        @Nullable String cause,
        @Nullable Double confidence,
        @Nullable String acknowledgedBy,
        String definition,
        boolean deleted) {

    public static final String FIRING = "firing";
    public static final String ACKNOWLEDGED = "acknowledged";
    public static final String RESOLVED = "resolved";
    public static final String RETRACTED = "retracted";

    public static final String PAGE = "page";
    public static final String DIGEST = "digest";
    public static final String NONE = "none";

    public Row row(long asOfMillis) {
        return new Row(
                AlertTables.ALERT.name(),
                new @Nullable String[] {
                    alertId,
                    kind,
                    severity,
                    status,
                    metric,
                    breakdown,
                    value,
                    subject,
                    team,
                    ownerId,
                    summary,
                    startedAt.toString(),
                    endedAt == null ? null : endedAt.toString(),
                    evidence,
                    verdict,
                    delivery,
                    deliverAfter == null ? null : deliverAfter.toString(),
                    runbook,
                    cause,
                    confidence == null ? null : confidence.toString(),
                    acknowledgedBy
                },
                definition,
                deleted,
                asOfMillis);
    }

    /** The alert that {@link #row} wrote. */
    public static Alert of(Row row) {
        @Nullable String[] v = row.values();
        return new Alert(
                text(v[0]),
                text(v[1]),
                text(v[2]),
                text(v[3]),
                v[4],
                v[5],
                v[6],
                text(v[7]),
                v[8],
                v[9],
                text(v[10]),
                Instant.parse(text(v[11])),
                time(v[12]),
                text(v[13]),
                v[14],
                v[15],
                time(v[16]),
                v[17],
                v[18],
                v[19] == null ? null : Double.valueOf(v[19]),
                v[20],
                row.definition(),
                row.deleted());
    }

    private static String text(@Nullable String value) {
        return Objects.requireNonNull(value);
    }

    private static @Nullable Instant time(@Nullable String value) {
        return value == null ? null : Instant.parse(value);
    }

    /** The same, on its way to people and answered by them. */
    Alert handled(
            String handledStatus,
            String handledEvidence,
            @Nullable String said,
            @Nullable String handledDelivery,
            @Nullable Instant after,
            @Nullable String by) {
        return new Alert(
                alertId,
                kind,
                severity,
                handledStatus,
                metric,
                breakdown,
                value,
                subject,
                team,
                ownerId,
                summary,
                startedAt,
                endedAt,
                handledEvidence,
                said,
                handledDelivery,
                after,
                runbook,
                cause,
                confidence,
                by,
                definition,
                deleted);
    }
}
