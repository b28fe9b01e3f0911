package dev.weir.alert;

import static dev.weir.machine.Column.Type.DOUBLE;
import static dev.weir.machine.Column.Type.JSON;
import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;

import dev.weir.machine.Table;

/** What the alert desk says; the words of each column stand in the warehouse as its comment. */
public final class AlertTables {
    public static final Table ALERT = Table.named("alert")
            .key(TEXT, "alert_id")
            .with(TEXT, "kind", "severity", "status", "metric", "breakdown", "value", "subject", "team", "owner_id")
            .with(TEXT, "summary")
            .with(TIMESTAMP, "started_at", "ended_at")
            .with(JSON, "evidence")
            .with(TEXT, "verdict", "delivery")
            .with(TIMESTAMP, "deliver_after")
            .with(TEXT, "runbook", "cause")
            .with(DOUBLE, "confidence")
            .with(TEXT, "acknowledged_by")
            .build();

    private AlertTables() {}
}
