package dev.weir.conversion;

import static dev.weir.machine.Column.Type.BIGINT;
import static dev.weir.machine.Column.Type.BOOLEAN;
import static dev.weir.machine.Column.Type.DATE;
import static dev.weir.machine.Column.Type.DOUBLE;
import static dev.weir.machine.Column.Type.JSON;
import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;
import static dev.weir.machine.Column.Type.TIMESTAMPS;

import dev.weir.machine.Table;

/** What the conversion job says; the words of each column stand in the warehouse as its comment. */
public final class FunnelTables {
    public static final Table FUNNEL_ATTEMPT = Table.named("funnel_attempt")
            .key(TEXT, "funnel", "entity_id")
            .key(BIGINT, "attempt_no")
            .with(TIMESTAMP, "started_at")
            .with(TEXT, "account_id", "channel", "campaign")
            .with(JSON, "breakdowns")
            .with(BIGINT, "reached_step")
            .with(TIMESTAMPS, "step_times")
            .with(TIMESTAMP, "completed_at", "matures_at")
            .with(BOOLEAN, "truncated")
            .build();

    public static final Table FUNNEL_WINDOW = Table.named("funnel_window")
            .key(TEXT, "funnel", "grain")
            .key(TIMESTAMP, "window_start")
            .key(TEXT, "breakdown", "value")
            .key(BIGINT, "step_no")
            .key(TEXT, "step")
            .with(TIMESTAMP, "window_end")
            .with(DATE, "window_date")
            .with(TEXT, "timezone")
            .with(BOOLEAN, "is_complete")
            .with(BIGINT, "entered", "reached", "mature_entered", "mature_reached")
            .with(DOUBLE, "seconds_p50", "seconds_p90")
            .with(DOUBLE, "km_p50_seconds", "projected", "projected_low", "projected_high")
            .build();

    private FunnelTables() {}
}
