package dev.weir.io;

import dev.weir.alert.Alert;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The alerts as the warehouse's readers see them. */
public final class AlertTable implements AutoCloseable {
    private static final String MATCHING = """
            SELECT * FROM bi.alert
            WHERE (?::text IS NULL OR status = ?) AND (?::text IS NULL OR kind = ?) AND (?::text IS NULL OR team = ?)
              AND (?::text IS NULL OR severity = ?) AND (?::timestamptz IS NULL OR started_at >= ?::timestamptz)
              AND (NOT ? OR status IN ('firing', 'acknowledged'))
            ORDER BY started_at DESC, alert_id LIMIT""";

    private final Connection warehouse;

    /**
     * Which alerts are meant; null for any.
     *
     * @param standing only those that are neither over nor taken back
     */
    public record Filter(
            @Nullable String status,
            @Nullable String kind,
            @Nullable String team,
            @Nullable String severity,
            @Nullable Instant since,
            boolean standing) {}

    private AlertTable(Connection warehouse) {
        this.warehouse = warehouse;
    }

    /** Connects; a reader may. */
    public static AlertTable open(Warehouse warehouse) throws SQLException {
        return new AlertTable(warehouse.connect());
    }

    /**
     * The latest first.
     *
     * @param limit how many at most
     */
    public List<Alert> alerts(Filter filter, long limit) throws SQLException {
        @Nullable String[] values = {
            filter.status(),
            filter.kind(),
            filter.team(),
            filter.severity(),
            filter.since() == null ? null : filter.since().toString()
        };
        try (PreparedStatement statement = warehouse.prepareStatement(MATCHING + " " + limit)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(2 * i + 1, values[i]);
                statement.setString(2 * i + 2, values[i]);
            }
            statement.setBoolean(2 * values.length + 1, filter.standing());
            return read(statement);
        }
    }

    /**
     * Those whose id begins so.
     *
     * @param limit how many at most
     */
    public List<Alert> beginning(String id, long limit) throws SQLException {
        try (PreparedStatement statement = warehouse.prepareStatement(
                "SELECT * FROM bi.alert WHERE starts_with(alert_id, ?) ORDER BY alert_id LIMIT " + limit)) {
            statement.setString(1, id);
            return read(statement);
        }
    }

    private static List<Alert> read(PreparedStatement statement) throws SQLException {
        List<Alert> alerts = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                alerts.add(alert(row));
            }
        }
        return alerts;
    }

    private static Alert alert(ResultSet row) throws SQLException {
        double confidence = row.getDouble("confidence");
        boolean isSure = !row.wasNull();
        return new Alert(
                text(row, "alert_id"),
                text(row, "kind"),
                text(row, "severity"),
                text(row, "status"),
                row.getString("metric"),
                row.getString("breakdown"),
                row.getString("value"),
                text(row, "subject"),
                row.getString("team"),
                row.getString("owner_id"),
                text(row, "summary"),
                Objects.requireNonNullElse(time(row, "started_at"), Instant.EPOCH),
                time(row, "ended_at"),
                text(row, "evidence"),
                row.getString("verdict"),
                row.getString("delivery"),
                time(row, "deliver_after"),
                row.getString("runbook"),
                row.getString("cause"),
                isSure ? confidence : null,
                row.getString("acknowledged_by"),
                "",
                false);
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    @Override
    public void close() throws SQLException {
        warehouse.close();
    }
}
