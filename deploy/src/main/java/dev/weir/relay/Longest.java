package dev.weir.relay;

import dev.weir.alert.Alert;
import dev.weir.alert.Signal;
import dev.weir.io.Warehouse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The open deals that wait longest where a stage got slow: those of the segment that the alert names, of an age that fewer than
 * 15 of 100 visits of the stage reach. The anomaly job sees no deals, so whoever tells the alert asks for them.
 */
interface Longest {
    /** So many at most. */
    int MOST = 5;

    /**
     * A deal that waits.
     *
     * @param days since it entered the stage, as of what the warehouse knows
     */
    record Deal(String id, @Nullable String ownerId, String days) {}

    /** The longest first; none where the alert is of something else or over, or the warehouse does not say. */
    List<Deal> of(Alert alert);

    /** As the warehouse says, to a reader of its views or to the user of the jobs. */
    record OfWarehouse(Warehouse warehouse) implements Longest {
        private static final Set<String> KINDS = Set.of(Signal.BOTTLENECK, Signal.BOTTLENECK_MOVED);
        private static final String TO_READERS = """
                SELECT d ->> 'deal_id', d ->> 'owner_id', round((d ->> 'days')::numeric)::text
                FROM (SELECT oldest FROM bi.bottleneck_now
                      WHERE pipeline = ? AND stage = ? AND definition = ? AND breakdown = ? AND value = ?
                      ORDER BY change_rank LIMIT 1) b,
                     jsonb_array_elements(b.oldest) WITH ORDINALITY AS e (d, place)
                ORDER BY place""";
        private static final String TO_JOBS = """
                SELECT v.deal_id, v.owner_id, round((a.seconds / 86400)::numeric)::text
                FROM (SELECT max(as_of) AS as_of FROM weir.deal) n,
                     weir.stage_visit v,
                     LATERAL (SELECT extract(epoch FROM n.as_of - v.entered_at) AS seconds) a,
                     LATERAL (SELECT h.survival FROM weir.stage_hazard h
                              WHERE h.pipeline = v.pipeline AND h.stage = v.stage AND h.definition = v.definition
                                AND NOT h.deleted AND h.breakdown = '(total)' AND h.age_to_seconds <= a.seconds
                              ORDER BY h.age_from_seconds DESC LIMIT 1) s
                WHERE v.pipeline = ? AND v.stage = ? AND v.definition = ? AND NOT v.deleted AND v.exited_at IS NULL
                  AND (? = '(total)' OR v.breakdowns ->> ? = ?) AND s.survival < 0.15
                ORDER BY v.entered_at, v.deal_id""";

        @Override
        public List<Deal> of(Alert alert) {
            if (!KINDS.contains(alert.kind()) || !Change.stands(alert)) {
                return List.of();
            }
            try (Connection connection = warehouse.connect()) {
                boolean reads = Warehouse.readsViews(connection);
                try (PreparedStatement waiting =
                        connection.prepareStatement((reads ? TO_READERS : TO_JOBS) + " LIMIT " + MOST)) {
                    String by = alert.breakdown() == null ? "(total)" : alert.breakdown();
                    int slash = alert.subject().indexOf('/');
                    int at = 0;
                    waiting.setString(++at, alert.subject().substring(0, Math.max(0, slash)));
                    waiting.setString(++at, alert.subject().substring(slash + 1));
                    waiting.setString(++at, alert.definition());
                    waiting.setString(++at, by);
                    if (!reads) {
                        waiting.setString(++at, by);
                    }
                    waiting.setString(++at, alert.value() == null ? "(total)" : alert.value());
                    List<Deal> deals = new ArrayList<>();
                    ResultSet row = waiting.executeQuery();
                    while (row.next()) {
                        deals.add(new Deal(row.getString(1), row.getString(2), row.getString(3)));
                    }
                    return deals;
                }
            } catch (SQLException away) {
                return List.of(); // the alert does not wait for what is only beside it
            }
        }
    }
}
