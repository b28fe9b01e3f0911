package dev.weir.alert;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a person said at the alert desk, as its topic carries it.
 *
 * <p>An acknowledgement and a verdict are about the one alert they name. A silence is about all alerts that match what it
 * names of kind, metric, breakdown, value, subject and team, or about one alert; it lasts until {@code until}, or until an
 * {@link #UNSILENCED} entry that names the same.
 *
 * @param entryId unique among entries; the same id twice is one entry
 * @param occurredAt when it was said, kept to the millisecond
 * @param kind one of {@link #KINDS}
 * @param alertId the alert it is about; null for a silence of more than one
 * @param alertKind of a silence: kind of the alerts, null for any; the same for the five that follow
 * @param until of a silence: its end
 * @param verdict one of {@link #VERDICTS}, of that kind only
 * @param by who said it
 */
public record DeskEntry(
        String entryId,
        Instant occurredAt,
        String kind,
        @Nullable String alertId,
        @Nullable String alertKind,
        @Nullable String metric,
        @Nullable String breakdown,
        @Nullable String value,
        @Nullable String subject,
        @Nullable String team,
        @Nullable Instant until,
        @Nullable String verdict,
        String by,
        @Nullable String note) {

    public static final String ACKNOWLEDGED = "acknowledged";
    public static final String SILENCED = "silenced";
    public static final String UNSILENCED = "unsilenced";
    public static final String VERDICT = "verdict";

    /** Every kind an entry may have. */
    public static final List<String> KINDS = List.of(ACKNOWLEDGED, SILENCED, UNSILENCED, VERDICT);

    public static final String USEFUL = "useful";
    public static final String KNOWN = "known";
    public static final String WRONG = "wrong";

    /** Every verdict on an alert. */
    public static final List<String> VERDICTS = List.of(USEFUL, KNOWN, WRONG);

    /** Someone has taken an alert on. */
    public static DeskEntry acknowledged(String entryId, Instant at, String alertId, String by, @Nullable String note) {
        return about(entryId, at, ACKNOWLEDGED, alertId, null, null, by, note);
    }

    /** What an alert was worth: one of {@link #VERDICTS}. */
    public static DeskEntry verdict(
            String entryId, Instant at, String alertId, String verdict, String by, @Nullable String note) {
        return about(entryId, at, VERDICT, alertId, null, verdict, by, note);
    }

    /** One alert is to keep still until then. */
    public static DeskEntry silenced(
            String entryId, Instant at, String alertId, Instant until, String by, @Nullable String note) {
        return about(entryId, at, SILENCED, alertId, until, null, by, note);
    }

    private static DeskEntry about(
            String entryId,
            Instant at,
            String kind,
            String alertId,
            @Nullable Instant until,
            @Nullable String verdict,
            String by,
            @Nullable String note) {
        return new DeskEntry(entryId, at, kind, alertId, null, null, null, null, null, null, until, verdict, by, note);
    }

    /** Whether a silence is about an alert. */
    boolean matches(Alert alert) {
        return matches(alertId, alert.alertId())
                && matches(alertKind, alert.kind())
                && matches(metric, alert.metric())
                && matches(breakdown, alert.breakdown())
                && matches(value, alert.value())
                && matches(subject, alert.subject())
                && matches(team, alert.team());
    }

    private static boolean matches(@Nullable String named, @Nullable String is) {
        return named == null || named.equals(is);
    }

    /** Whether both name the same alerts. */
    boolean isAboutTheSameAs(DeskEntry other) {
        return Objects.equals(alertId, other.alertId)
                && Objects.equals(alertKind, other.alertKind)
                && Objects.equals(metric, other.metric)
                && Objects.equals(breakdown, other.breakdown)
                && Objects.equals(value, other.value)
                && Objects.equals(subject, other.subject)
                && Objects.equals(team, other.team);
    }
}
