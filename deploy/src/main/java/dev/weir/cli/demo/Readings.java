package dev.weir.cli.demo;

import dev.weir.local.Failure;
import dev.weir.local.LocalPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a reader of the warehouse sees: everything here is asked of the views in {@code bi}, as {@code weir_read}. */
final class Readings implements AutoCloseable {
    private final Connection connection;

    Readings(LocalPostgres postgres) {
        try {
            connection = postgres.reader();
        } catch (SQLException failure) {
            throw unreadable(failure);
        }
    }

    private static Failure unreadable(SQLException failure) {
        return new Failure("the warehouse cannot be read: " + failure.getMessage(), failure);
    }

    private interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> ask(String question, RowReader<T> reader) {
        try (PreparedStatement statement = connection.prepareStatement(question);
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        } catch (SQLException failure) {
            throw unreadable(failure);
        }
    }

    /** What a job's ledger says of one topic. */
    record Account(String job, String topic, long read, long control, long deadLettered, long unaccounted) {}

    List<Account> accounts() {
        return ask(
                """
                SELECT job, topic,
                       sum(amount) FILTER (WHERE measure = 'read'),
                       sum(amount) FILTER (WHERE measure = 'control'),
                       sum(amount) FILTER (WHERE measure = 'dead_lettered'),
                       sum(amount) FILTER (WHERE measure = 'unaccounted')
                FROM bi.data_health WHERE measure <> 'dead_letters' GROUP BY job, topic""",
                row -> new Account(
                        row.getString(1),
                        row.getString(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6)));
    }

    /** How far the rows of a view have come. */
    Instant asOf(String view) {
        List<Instant> newest = ask("SELECT coalesce(max(as_of), 'epoch') FROM bi." + view, row -> row.getTimestamp(1)
                .toInstant());
        return newest.get(0);
    }

    List<Said> alerts() {
        return ask(
                """
                SELECT alert_id, kind, severity, status, subject, breakdown, value, team, summary, started_at, evidence
                FROM bi.alert ORDER BY started_at, alert_id""",
                row -> new Said(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getString(8),
                        row.getString(9),
                        time(row, 10),
                        row.getString(11)));
    }

    private static Instant time(ResultSet row, int column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? Instant.EPOCH : time.toInstant();
    }

    /** Funnel, step, entered, reached, rate, lower and upper end, median hours to it. */
    List<List<String>> conversion() {
        return ask(
                """
                SELECT funnel, step, mature_entered, mature_reached, rate, low, high, seconds_p50 / 3600
                FROM bi.funnel_total WHERE grain = 'all' ORDER BY funnel, step_no""",
                row -> List.of(
                        row.getString(1),
                        row.getString(2),
                        count(row, 3),
                        count(row, 4),
                        percent(row, 5),
                        percent(row, 6) + " to " + percent(row, 7),
                        figure(row, 8, "%.1f h")));
    }

    /** Channel, touches, people reached, won deals credited evenly to their touches, their revenue, currency. */
    List<List<String>> channels() {
        return ask(
                """
                SELECT value, touches, people_reached, conversions_linear, revenue_linear, currency
                FROM bi.campaign_by WHERE grain = 'all' AND breakdown = 'channel'
                ORDER BY revenue_linear DESC NULLS LAST, value""",
                row -> List.of(
                        row.getString(1),
                        count(row, 2),
                        count(row, 3),
                        figure(row, 4, "%.1f"),
                        figure(row, 5, "%,.0f ") + row.getString(6)));
    }

    /** Pipeline, stage, entered, left, there now, median and ninth-decile days, share of all time, days a deal: last and before. */
    List<List<String>> stages() {
        return ask(
                """
                SELECT f.pipeline, f.stage, f.entered, f.exited, f.wip_end, f.dwell_p50_seconds / 86400,
                       f.dwell_p90_seconds / 86400, b.load_share
                FROM bi.stage_flow f
                LEFT JOIN bi.bottleneck b USING (pipeline, grain, window_start, stage, definition)
                WHERE f.grain = 'all' ORDER BY f.pipeline, b.load_rank""",
                row -> List.of(
                        row.getString(1),
                        row.getString(2),
                        count(row, 3),
                        count(row, 4),
                        count(row, 5),
                        figure(row, 6, "%.1f d"),
                        figure(row, 7, "%.1f d"),
                        percent(row, 8)));
    }

    private static String count(ResultSet row, int column) throws SQLException {
        long count = row.getLong(column);
        return row.wasNull() ? "" : String.format(Locale.ROOT, "%,d", count);
    }

    private static String percent(ResultSet row, int column) throws SQLException {
        Double share = number(row, column);
        return share == null ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String figure(ResultSet row, int column, String format) throws SQLException {
        Double number = number(row, column);
        return number == null ? "" : String.format(Locale.ROOT, format, number);
    }

    private static @Nullable Double number(ResultSet row, int column) throws SQLException {
        double number = row.getDouble(column);
        return row.wasNull() ? null : number;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException failure) {
            throw unreadable(failure);
        }
    }
}
