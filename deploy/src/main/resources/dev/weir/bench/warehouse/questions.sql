-- What dashboards ask of each view: one grain, one breakdown, five years of totals or a quarter of segments. `all` marks those
-- that have to read all rows of a table.
-- account_current: one account
SELECT * FROM bi.account_current WHERE account_id = 'account 77';
-- account_history: one account
SELECT * FROM bi.account_history WHERE account_id = 'account 77';
-- alert all: those that stand
SELECT * FROM bi.alert WHERE status IN ('firing', 'acknowledged');
-- attribution all: a model's campaigns by month, five years
SELECT * FROM bi.attribution WHERE model = 'linear' AND grain = 'month' AND breakdown = 'campaign';
-- bottleneck: five years of weeks
SELECT * FROM bi.bottleneck WHERE pipeline = 'sales' AND grain = 'week';
-- bottleneck_by: a quarter of segments by week
SELECT * FROM bi.bottleneck_by WHERE pipeline = 'sales' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- bottleneck_now all: all
SELECT * FROM bi.bottleneck_now;
-- calendar: a quarter
SELECT * FROM bi.calendar WHERE date BETWEEN '2026-01-01' AND '2026-03-31';
-- campaign all: a quarter of campaigns by week
SELECT * FROM bi.campaign WHERE grain = 'week' AND window_start >= '2025-12-29';
-- campaign_by all: a quarter of channels by week
SELECT * FROM bi.campaign_by WHERE grain = 'week' AND breakdown = 'channel' AND window_start >= '2025-12-29';
-- campaign_current: all
SELECT * FROM bi.campaign_current;
-- campaign_history: all
SELECT * FROM bi.campaign_history;
-- conversion all: a month
SELECT * FROM bi.conversion WHERE converted_at >= '2026-03-01';
-- data_health all: all
SELECT * FROM bi.data_health;
-- data_issue all: all
SELECT * FROM bi.data_issue;
-- dead_letter all: all
SELECT * FROM bi.dead_letter;
-- deal_current all: those that are open
SELECT * FROM bi.deal_current WHERE status = 'open';
-- deal_history: one deal
SELECT * FROM bi.deal_history WHERE deal_id = 'deal 77';
-- deal_history all: those that were open on a day
SELECT * FROM bi.deal_history WHERE valid_from <= '2026-01-01' AND (valid_to IS NULL OR valid_to > '2026-01-01') AND status = 'open';
-- forecast all: all
SELECT * FROM bi.forecast;
-- forecast_by all: all
SELECT * FROM bi.forecast_by;
-- forecast_calibration all: all
SELECT * FROM bi.forecast_calibration;
-- funnel_attempt: a week
SELECT * FROM bi.funnel_attempt WHERE funnel = 'signup' AND started_at >= '2026-03-23';
-- funnel_attempt: one person
SELECT * FROM bi.funnel_attempt WHERE funnel = 'signup' AND entity_id = 'person 77';
-- funnel_by: a quarter of segments by week
SELECT * FROM bi.funnel_by WHERE funnel = 'signup' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- funnel_by: one segment, five years of weeks
SELECT * FROM bi.funnel_by WHERE funnel = 'signup' AND grain = 'week' AND breakdown = 'properties.segment' AND value = 'segment 2';
-- funnel_moved: which segment moved the last week most
SELECT * FROM bi.funnel_moved WHERE funnel = 'signup' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start = '2026-03-23' AND place = 1;
-- funnel_moved: why a month of weeks moved, by segment
SELECT * FROM bi.funnel_moved WHERE funnel = 'signup' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2026-03-01';
-- funnel_total: five years of weeks
SELECT * FROM bi.funnel_total WHERE funnel = 'signup' AND grain = 'week';
-- learned_limit all: all
SELECT * FROM bi.learned_limit;
-- market_trend all: all
SELECT * FROM bi.market_trend;
-- market_week all: five years of weeks
SELECT * FROM bi.market_week WHERE breakdown = '(total)';
-- market_week all: a quarter of segments by week
SELECT * FROM bi.market_week WHERE breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- metric_by: a quarter of segments by week
SELECT * FROM bi.metric_by WHERE metric = 'conversion/signup/step 2' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- metric_point: five years of weeks
SELECT * FROM bi.metric_point WHERE metric = 'conversion/signup/step 2' AND breakdown = '(total)' AND grain = 'week';
-- metric_point: the last weeks of every total
SELECT * FROM bi.metric_point WHERE breakdown = '(total)' AND grain = 'week' AND window_start >= '2025-12-29';
-- metric_total: five years of weeks
SELECT * FROM bi.metric_total WHERE metric = 'conversion/signup/step 2' AND grain = 'week';
-- metric_total: the last weeks of every series
SELECT * FROM bi.metric_total WHERE grain = 'week' AND window_start >= '2025-12-29';
-- news: all
SELECT * FROM bi.news;
-- owner_current: all
SELECT * FROM bi.owner_current;
-- owner_history: all
SELECT * FROM bi.owner_history;
-- person_current: one person
SELECT * FROM bi.person_current WHERE person_id = 'person 77';
-- person_history: one person
SELECT * FROM bi.person_history WHERE person_id = 'person 77';
-- pipeline_figures: five years of weeks
SELECT * FROM bi.pipeline_figures WHERE pipeline = 'sales' AND grain = 'week';
-- pipeline_figures_by: a quarter of segments by week
SELECT * FROM bi.pipeline_figures_by WHERE pipeline = 'sales' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- pipeline_waterfall all: five years of quarters
SELECT * FROM bi.pipeline_waterfall WHERE grain = 'quarter';
-- stage_cohort: five years of weeks
SELECT * FROM bi.stage_cohort WHERE pipeline = 'sales' AND grain = 'week';
-- stage_cohort_by: a quarter of segments by week
SELECT * FROM bi.stage_cohort_by WHERE pipeline = 'sales' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- stage_dwell: five years of weeks
SELECT * FROM bi.stage_dwell WHERE pipeline = 'sales' AND grain = 'week';
-- stage_dwell_by: a quarter of segments by week
SELECT * FROM bi.stage_dwell_by WHERE pipeline = 'sales' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- stage_flow: five years of weeks
SELECT * FROM bi.stage_flow WHERE pipeline = 'sales' AND grain = 'week';
-- stage_flow_by: a quarter of segments by week
SELECT * FROM bi.stage_flow_by WHERE pipeline = 'sales' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- stage_hazard all: all
SELECT * FROM bi.stage_hazard;
-- stage_hazard_by: one stage by segment
SELECT * FROM bi.stage_hazard_by WHERE pipeline = 'sales' AND breakdown = 'properties.segment' AND stage = 'stage 3';
-- stage_limit: all
SELECT * FROM bi.stage_limit;
-- stage_queue: five years of weeks
SELECT * FROM bi.stage_queue WHERE pipeline = 'sales' AND grain = 'week';
-- stage_queue_by: a quarter of segments by week
SELECT * FROM bi.stage_queue_by WHERE pipeline = 'sales' AND grain = 'week' AND breakdown = 'properties.segment' AND window_start >= '2025-12-29';
-- stalled all: all
SELECT * FROM bi.stalled;
-- touch_credit: one won deal
SELECT * FROM bi.touch_credit WHERE conversion_id = (SELECT min(conversion_id) FROM bi.conversion);
-- touch_credit all: a month of one model
SELECT * FROM bi.touch_credit WHERE model = 'linear' AND converted_at >= '2026-03-01';
