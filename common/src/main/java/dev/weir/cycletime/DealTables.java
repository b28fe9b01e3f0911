package dev.weir.cycletime;

import static dev.weir.machine.Column.Type.BIGINT;
import static dev.weir.machine.Column.Type.BOOLEAN;
import static dev.weir.machine.Column.Type.DATE;
import static dev.weir.machine.Column.Type.DOUBLE;
import static dev.weir.machine.Column.Type.JSON;
import static dev.weir.machine.Column.Type.MONEY;
import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;

import dev.weir.machine.Table;

/** What the cycle-time job says; the words of each column stand in the warehouse as its comment. */
public final class DealTables {
    public static final Table DEAL = Table.named("deal")
            .key(TEXT, "deal_id")
            .with(TEXT, "pipeline", "stage", "status", "deal_type")
            .with(MONEY, "amount")
            .with(TEXT, "currency")
            .with(MONEY, "amount_reporting")
            .with(TEXT, "owner_id", "account_id")
            .with(TIMESTAMP, "created_at", "closed_at")
            .with(DATE, "expected_close")
            .with(BIGINT, "push_count")
            .with(TIMESTAMP, "stalled_since", "last_activity_at")
            .build();

    public static final Table DEAL_HISTORY = Table.named("deal_history")
            .key(TEXT, "deal_id")
            .key(TIMESTAMP, "valid_from")
            .with(TIMESTAMP, "valid_to")
            .with(TEXT, "pipeline", "stage", "status", "deal_type")
            .with(MONEY, "amount")
            .with(TEXT, "currency")
            .with(MONEY, "amount_reporting")
            .with(TEXT, "owner_id", "account_id")
            .with(TIMESTAMP, "created_at", "closed_at")
            .with(DATE, "expected_close")
            .with(BIGINT, "push_count")
            .with(TIMESTAMP, "stalled_since")
            .build();

    public static final Table STAGE_VISIT = Table.named("stage_visit")
            .key(TEXT, "deal_id")
            .key(BIGINT, "visit_no")
            .with(TEXT, "pipeline", "stage")
            .with(TIMESTAMP, "entered_at", "exited_at")
            .with(TEXT, "exit")
            .with(DOUBLE, "seconds", "business_seconds")
            .with(TEXT, "owner_id", "account_id")
            .with(MONEY, "amount_reporting")
            .with(JSON, "breakdowns")
            .build();

    public static final Table STAGE_FLOW = window("stage_flow")
            .with(BIGINT, "entered", "exited", "advanced", "returned", "won", "lost", "removed", "wip_end")
            .with(
                    DOUBLE,
                    "at_risk_seconds",
                    "dwell_seconds_sum",
                    "dwell_p50_seconds",
                    "dwell_p90_seconds",
                    "dwell_p99_seconds")
            .build();

    public static final Table STAGE_COHORT = window("stage_cohort")
            .with(BIGINT, "entered", "mature_entered", "mature_advanced", "mature_won", "mature_lost")
            .with(DOUBLE, "km_p50_seconds")
            .with(BIGINT, "closed", "open", "closed_won", "closed_lost")
            .with(DOUBLE, "closed_p50_seconds", "closed_mean_seconds", "exposure_mean_seconds", "cif_won", "cif_lost")
            .build();

    public static final Table STAGE_HAZARD = window("stage_hazard")
            .key(BIGINT, "age_from_seconds")
            .with(BIGINT, "age_to_seconds", "at_risk", "advanced", "returned", "won", "lost")
            .with(DOUBLE, "at_risk_seconds", "survival", "survival_closed")
            .with(DOUBLE, "cif_won", "cif_lost", "closed_won_share", "closed_lost_share")
            .build();

    public static final Table BOTTLENECK = window("bottleneck")
            .with(BIGINT, "load_rank", "change_rank")
            .with(DOUBLE, "load_share", "extra_wip", "wip", "arrival_rate", "exit_rate", "days_lost_per_deal")
            .build();

    public static final Table STAGE_QUEUE = window("stage_queue")
            .with(BIGINT, "arrivals", "exits", "wip_start", "wip_end")
            .with(DOUBLE, "wip_mean", "arrival_rate", "exit_rate", "wait_days", "stationary_p")
            .with(BOOLEAN, "is_stationary")
            .with(DOUBLE, "clearing_days")
            .with(BIGINT, "fifo_breaches", "exits_in_one_hour")
            .with(BOOLEAN, "is_batched")
            .build();

    public static final Table PIPELINE_WATERFALL = window("pipeline_waterfall", "breakdown", "value")
            .with(MONEY, "opening", "created", "reopened", "amount_up", "amount_down", "pulled_in", "pushed_out")
            .with(MONEY, "won", "lost", "removed", "closing", "target")
            .build();

    public static final Table PIPELINE_FIGURES = window("pipeline_figures", "breakdown", "value")
            .with(BIGINT, "created", "open_end", "won", "lost", "won_priced")
            .with(MONEY, "won_amount_reporting", "won_amount")
            .with(BIGINT, "mature_created", "mature_won", "mature_lost")
            .with(DOUBLE, "cycle_mean_days", "won_cycle_p50_days", "lost_cycle_p50_days", "closed_cycle_mean_days")
            .with(BIGINT, "pushes", "slip_days")
            .with(MONEY, "amount_up_reporting", "amount_down_reporting")
            .with(DOUBLE, "velocity_per_day")
            .build();

    public static final Table FORECAST = window("forecast", "breakdown", "value")
            .key(TIMESTAMP, "made_at")
            .with(BIGINT, "open_deals", "periods_learned")
            .with(
                    MONEY,
                    "open_amount",
                    "won_before",
                    "expected_of_open",
                    "expected_of_new",
                    "expected",
                    "low",
                    "high",
                    "came")
            .with(
                    DOUBLE,
                    "deals_won_before",
                    "deals_of_open",
                    "deals_of_new",
                    "deals",
                    "deals_low",
                    "deals_high",
                    "deals_came")
            .with(BOOLEAN, "is_within")
            .with(TEXT, "evidence")
            .build();

    public static final Table STAGE_LIMIT = Table.named("stage_limit")
            .key(TEXT, "pipeline", "stage")
            .key(TIMESTAMP, "valid_from")
            .with(TIMESTAMP, "valid_to")
            .with(DOUBLE, "stalled_after_seconds")
            .with(TEXT, "event_id")
            .build();

    private DealTables() {}

    private static Table.Builder window(String name) {
        return window(name, "breakdown", "value", "stage");
    }

    private static Table.Builder window(String name, String... within) {
        return Table.named(name)
                .key(TEXT, "pipeline", "grain")
                .key(TIMESTAMP, "window_start")
                .key(TEXT, within)
                .with(TIMESTAMP, "window_end")
                .with(DATE, "window_date")
                .with(TEXT, "timezone")
                .with(BOOLEAN, "is_complete");
    }
}
