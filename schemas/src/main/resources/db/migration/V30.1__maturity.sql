-- What young windows may still become.
ALTER TABLE weir.funnel_window
    ADD COLUMN km_p50_seconds double precision,
    ADD COLUMN projected      double precision,
    ADD COLUMN projected_low  double precision,
    ADD COLUMN projected_high double precision;
COMMENT ON COLUMN weir.funnel_window.km_p50_seconds IS
    'Median time from the first step to this one in seconds, those still on their way counted up to their age (Kaplan-Meier); empty while over half have not got there, below 6 attempts, and for an optional step.';
COMMENT ON COLUMN weir.funnel_window.projected IS
    'Share of the attempts entered so far that will have reached this step once all are mature: those that did, and of the young as many as earlier ones of their age. Empty while fewer than 30 attempts of the series are mature, and for an optional step.';
COMMENT ON COLUMN weir.funnel_window.projected_low IS 'Lower end of the 90 % interval of projected; equal to it once all are mature.';
COMMENT ON COLUMN weir.funnel_window.projected_high IS 'Upper end of the 90 % interval of projected; equal to it once all are mature.';

CREATE OR REPLACE VIEW bi.funnel_by AS
SELECT funnel, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, step_no, step,
       entered, reached, mature_entered, mature_reached,
       mature_reached::double precision / nullif(mature_entered, 0) AS rate,
       bi.jeffreys(mature_reached, mature_entered, 0.025) AS low,
       bi.jeffreys(mature_reached, mature_entered, 0.975) AS high,
       mature_entered AS n,
       mature_entered::double precision / nullif(entered, 0) AS share_matured,
       bi.evidence(mature_entered) AS evidence,
       seconds_p50, seconds_p90, definition, as_of,
       km_p50_seconds, projected, projected_low, projected_high
FROM weir.funnel_window
WHERE NOT deleted AND breakdown <> '(total)';

CREATE OR REPLACE VIEW bi.funnel_total AS
SELECT funnel, grain, window_start, window_end, window_date, timezone, is_complete, step_no, step,
       entered, reached, mature_entered, mature_reached,
       mature_reached::double precision / nullif(mature_entered, 0) AS rate,
       bi.jeffreys(mature_reached, mature_entered, 0.025) AS low,
       bi.jeffreys(mature_reached, mature_entered, 0.975) AS high,
       mature_entered AS n,
       mature_entered::double precision / nullif(entered, 0) AS share_matured,
       bi.evidence(mature_entered) AS evidence,
       seconds_p50, seconds_p90, definition, as_of,
       km_p50_seconds, projected, projected_low, projected_high
FROM weir.funnel_window
WHERE NOT deleted AND breakdown = '(total)';

CREATE VIEW bi.funnel_attempt AS
SELECT funnel, entity_id, attempt_no, started_at, account_id, channel, campaign, breakdowns, reached_step, step_times,
       completed_at, matures_at, matures_at <= as_of_all AS is_mature, truncated, definition, as_of
FROM weir.funnel_attempt
CROSS JOIN (SELECT max(as_of) AS as_of_all FROM weir.funnel_window) w
WHERE NOT deleted;
COMMENT ON VIEW bi.funnel_attempt IS 'Every attempt of a person or account at a funnel, to see who stands behind a figure.';
COMMENT ON COLUMN bi.funnel_attempt.is_mature IS 'Whether the attempt has had its full time, complete or not.';

-- Words for the rest: those of the table's column of that name.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT v.relname, a.attname, col_description(t.oid, b.attnum) AS words
        FROM pg_class v
        JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0
        JOIN (VALUES ('funnel_by', 'funnel_window'), ('funnel_total', 'funnel_window'), ('funnel_attempt', 'funnel_attempt'))
             AS of (view, relation) ON of.view = v.relname
        JOIN pg_class t ON t.relnamespace = 'weir'::regnamespace AND t.relname = of.relation
        JOIN pg_attribute b ON b.attrelid = t.oid AND b.attname = a.attname
        WHERE v.relnamespace = 'bi'::regnamespace AND v.relkind = 'v' AND col_description(v.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN bi.%I.%I IS %L', said.relname, said.attname, said.words);
    END LOOP;
END
$$;

GRANT SELECT ON bi.funnel_attempt TO weir_reader;
