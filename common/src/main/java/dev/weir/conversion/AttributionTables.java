package dev.weir.conversion;

import static dev.weir.machine.Column.Type.BIGINT;
import static dev.weir.machine.Column.Type.BOOLEAN;
import static dev.weir.machine.Column.Type.DATE;
import static dev.weir.machine.Column.Type.DOUBLE;
import static dev.weir.machine.Column.Type.MONEY;
import static dev.weir.machine.Column.Type.TEXT;
import static dev.weir.machine.Column.Type.TIMESTAMP;

import dev.weir.machine.Table;

/** What attribution says; the words of each column stand in the warehouse as its comment. */
public final class AttributionTables {
    public static final Table CONVERSION = Table.named("conversion")
            .key(TEXT, "conversion_id")
            .with(TEXT, "funnel", "entity_id", "deal_id", "account_id")
            .with(TIMESTAMP, "converted_at")
            .with(MONEY, "amount_reporting", "amount")
            .with(TEXT, "currency", "deal_type")
            .with(BIGINT, "touches")
            .build();

    public static final Table TOUCH_CREDIT = Table.named("touch_credit")
            .key(TEXT, "conversion_id", "touch_event_id", "model")
            .with(TEXT, "channel", "campaign", "asset", "asset_version")
            .with(TIMESTAMP, "touched_at")
            .with(BIGINT, "credit_minor")
            .with(TEXT, "currency")
            .with(BIGINT, "credit_reporting_minor")
            .build();

    public static final Table ATTRIBUTION_WINDOW = Table.named("attribution_window")
            .key(TEXT, "model", "grain")
            .key(TIMESTAMP, "window_start")
            .key(TEXT, "breakdown", "value")
            .with(TIMESTAMP, "window_end")
            .with(DATE, "window_date")
            .with(TEXT, "timezone")
            .with(BOOLEAN, "is_complete")
            .with(DOUBLE, "conversions")
            .with(MONEY, "revenue")
            .with(TEXT, "currency")
            .with(DOUBLE, "without_rate")
            .with(BIGINT, "minimum_conversions")
            .build();

    public static final Table CAMPAIGN_WINDOW = Table.named("campaign_window")
            .key(TEXT, "grain")
            .key(TIMESTAMP, "window_start")
            .key(TEXT, "breakdown", "value")
            .with(TIMESTAMP, "window_end")
            .with(DATE, "window_date")
            .with(TEXT, "timezone")
            .with(BOOLEAN, "is_complete")
            .with(BIGINT, "touches", "people_reached", "people_engaged")
            .with(BIGINT, "email_sent", "email_opened", "email_clicked", "email_bounced", "email_unsubscribed")
            .with(BIGINT, "people_sent", "people_opened", "people_clicked", "people_bounced", "people_unsubscribed")
            .with(MONEY, "cost")
            .with(BIGINT, "costs_without_rate")
            .with(TEXT, "currency")
            .build();

    private AttributionTables() {}
}
