package dev.weir.relay;

import dev.weir.alert.Alert;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Alerts to tell of. */
final class Alerts {
    static final Instant START = Instant.parse("2026-03-02T08:00:00Z");

    private Alerts() {}

    static Alert firing(String id) {
        return alert(id, Alert.FIRING, "A deal takes 20 days in stage legal, it was 5.", null, null);
    }

    static Alert alert(
            String id, String status, String summary, @Nullable String delivery, @Nullable Instant deliverAfter) {
        return new Alert(
                id,
                "bottleneck",
                "warning",
                status,
                "dwell",
                "properties.segment",
                "smb",
                "sales/legal",
                "sales",
                null,
                summary,
                START,
                status.equals(Alert.RESOLVED) ? START.plusSeconds(3600) : null,
                "{\"from\":5,\"to\":20.5}",
                null,
                delivery,
                deliverAfter,
                "https://wiki.acme.example/legal",
                "rate",
                0.99,
                null,
                "d",
                false);
    }

    static Alert as(String status, Alert alert) {
        return alert(alert.alertId(), status, alert.summary(), alert.delivery(), alert.deliverAfter());
    }
}
