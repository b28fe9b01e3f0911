package dev.weir.relay;

import dev.weir.io.Warehouse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Who receives in the place of an owner who has left: whoever it was merged into, else its manager, and so on upwards. */
interface Owners {
    /** Most steps upwards: longer than any line of managers that is not a circle. */
    int STEPS = 20;

    /**
     * An owner as it is now.
     *
     * @param active false when it left, was deleted or merged
     * @param next in whose hands its deals are then; null where nobody is named
     */
    record Owner(boolean active, @Nullable String next) {}

    /** What is known of an owner; null for nothing, and then it is taken to be there. */
    @Nullable Owner find(String id) throws NotDelivered;

    /** The owner itself, or the first above it who is there; null where nobody is. */
    default @Nullable String present(@Nullable String owner) throws NotDelivered {
        String at = owner;
        for (int step = 0; at != null && step < STEPS; step++) {
            Owner known = find(at);
            if (known == null || known.active) {
                return at;
            }
            at = known.next;
        }
        return null;
    }

    /** As the warehouse says, to a reader of its views or to the user of the jobs. */
    record OfWarehouse(Warehouse warehouse) implements Owners {
        private static final String FOUND =
                "SELECT active, CASE status WHEN 'merged' THEN into_id ELSE manager_id END FROM ";

        @Override
        public @Nullable Owner find(String id) throws NotDelivered {
            try (Connection connection = warehouse.connect()) {
                String from = Warehouse.readsViews(connection)
                        ? "bi.owner_current WHERE owner_id = ?"
                        : "weir.owner WHERE valid_to IS NULL AND NOT deleted AND owner_id = ?";
                try (PreparedStatement found = connection.prepareStatement(FOUND + from)) {
                    found.setString(1, id);
                    ResultSet row = found.executeQuery();
                    return row.next() ? new Owner(row.getBoolean(1), row.getString(2)) : null;
                }
            } catch (SQLException failure) {
                throw new NotDelivered(warehouse.explain(failure), failure);
            }
        }
    }
}
