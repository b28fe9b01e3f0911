-- The length that 99 in 100 visits stay under.
ALTER TABLE weir.stage_flow ADD COLUMN dwell_p99_seconds double precision;
COMMENT ON COLUMN weir.stage_flow.dwell_p99_seconds IS
    'The length that 99 in 100 of those visits stay under, in seconds; empty below 360 visits.';

CREATE OR REPLACE VIEW bi.stage_flow_by AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, stage,
       entered, exited, advanced, returned, won, lost, removed, wip_end, at_risk_seconds, dwell_seconds_sum,
       dwell_seconds_sum / nullif(exited, 0) AS dwell_mean_seconds,
       dwell_p50_seconds, dwell_p90_seconds, definition, as_of, dwell_p99_seconds
FROM weir.stage_flow
WHERE NOT deleted AND breakdown <> '(total)';

CREATE OR REPLACE VIEW bi.stage_flow AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, stage,
       entered, exited, advanced, returned, won, lost, removed, wip_end, at_risk_seconds, dwell_seconds_sum,
       dwell_seconds_sum / nullif(exited, 0) AS dwell_mean_seconds,
       dwell_p50_seconds, dwell_p90_seconds, definition, as_of, dwell_p99_seconds
FROM weir.stage_flow
WHERE NOT deleted AND breakdown = '(total)';

COMMENT ON COLUMN bi.stage_flow_by.dwell_p99_seconds IS
    'The length that 99 in 100 of those visits stay under, in seconds; empty below 360 visits.';
COMMENT ON COLUMN bi.stage_flow.dwell_p99_seconds IS
    'The length that 99 in 100 of those visits stay under, in seconds; empty below 360 visits.';
