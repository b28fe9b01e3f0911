-- What readers see. Deleted rows never; totals and breakdowns never in one view, so that no sum counts twice.
CREATE SCHEMA IF NOT EXISTS bi;
COMMENT ON SCHEMA bi IS 'Views for readers. Sums over any of them count nothing twice as long as one grain is chosen.';

CREATE FUNCTION bi.log_gamma(x double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    -- Stirling's series after a shift beyond 10; exact to 1e-13 for x > 0.
    y     double precision := x;
    shift double precision := 1;
BEGIN
    WHILE y < 10 LOOP
        shift := shift * y;
        y := y + 1;
    END LOOP;
    RETURN (y - 0.5) * ln(y) - y + 0.91893853320467274 - ln(shift)
        + (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / (1680 * y * y)) / (y * y)) / (y * y)) / y;
END
$$;
COMMENT ON FUNCTION bi.log_gamma(double precision) IS 'Logarithm of the gamma function, x > 0.';

CREATE FUNCTION bi.beta_share(x double precision, a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    -- The continued fraction of DLMF 8.17.22 by the method of Lentz.
    c double precision := 1;
    d double precision := 1 / (1 - (a + b) * x / (a + 1));
    f double precision := d;
    e double precision;
BEGIN
    IF x <= 0 THEN RETURN 0; END IF;
    IF x >= 1 THEN RETURN 1; END IF;
    IF x > (a + 1) / (a + b + 2) THEN RETURN 1 - bi.beta_share(1 - x, b, a); END IF;
    FOR m IN 1..300 LOOP
        e := m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d := 1 / (1 + e * d);
        c := 1 + e / c;
        f := f * c * d;
        e := -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d := 1 / (1 + e * d);
        c := 1 + e / c;
        f := f * c * d;
        EXIT WHEN abs(c * d - 1) < 1e-12;
    END LOOP;
    RETURN exp(a * ln(x) + b * ln(1 - x) + bi.log_gamma(a + b) - bi.log_gamma(a) - bi.log_gamma(b)) * f / a;
END
$$;
COMMENT ON FUNCTION bi.beta_share(double precision, double precision, double precision) IS
    'Share of a beta distribution (a, b) below x: the regularised incomplete beta function.';

CREATE FUNCTION bi.jeffreys(successes bigint, trials bigint, share double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    a    double precision := successes + 0.5;
    b    double precision := trials - successes + 0.5;
    low  double precision := 0;
    high double precision := 1;
    x    double precision;
    over double precision;
    step double precision;
    norm double precision;
BEGIN
    IF trials <= 0 OR successes < 0 OR successes > trials THEN RETURN NULL; END IF;
    IF successes = 0 AND share < 0.5 THEN RETURN 0; END IF;
    IF successes = trials AND share > 0.5 THEN RETURN 1; END IF;
    x := a / (a + b);
    norm := bi.log_gamma(a + b) - bi.log_gamma(a) - bi.log_gamma(b);
    -- Newton's steps, and a halving where one leaves the bracket.
    FOR i IN 1..60 LOOP
        over := bi.beta_share(x, a, b) - share;
        IF over > 0 THEN high := x; ELSE low := x; END IF;
        step := over / exp(norm + (a - 1) * ln(x) + (b - 1) * ln(1 - x));
        EXIT WHEN abs(step) < 1e-9 * least(x, 1 - x);
        x := x - step;
        IF x <= low OR x >= high THEN x := (low + high) / 2; END IF;
    END LOOP;
    RETURN x;
END
$$;
COMMENT ON FUNCTION bi.jeffreys(bigint, bigint, double precision) IS
    'Bound of Jeffreys'' interval for a rate: 0.025 and 0.975 give the 95 % interval. 0 below no success, 1 above all, empty without trials.';

CREATE FUNCTION bi.evidence(n bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN coalesce(n, 0) = 0 THEN 'none' WHEN n < 10 THEN 'thin' ELSE 'enough' END;
COMMENT ON FUNCTION bi.evidence(bigint) IS 'none for no case, thin below 10, else enough.';

CREATE VIEW bi.calendar AS
SELECT day::date AS date,
       to_char(day, 'IYYY-"W"IW') AS iso_week,
       to_char(day, 'YYYY-MM') AS month,
       to_char(day, 'YYYY-"Q"Q') AS fiscal_quarter,
       extract(isodow FROM day) < 6 AS is_workday
FROM generate_series(timestamp '2000-01-01', timestamp '2049-12-31', interval '1 day') AS day;
COMMENT ON VIEW bi.calendar IS 'Every day from 2000 to 2049, to join on window_date and to show empty days.';
COMMENT ON COLUMN bi.calendar.date IS 'The day.';
COMMENT ON COLUMN bi.calendar.iso_week IS 'Its ISO week, as 2026-W07.';
COMMENT ON COLUMN bi.calendar.month IS 'Its month, as 2026-02.';
COMMENT ON COLUMN bi.calendar.fiscal_quarter IS 'Its quarter, as 2026-Q1; the year starts in January.';
COMMENT ON COLUMN bi.calendar.is_workday IS 'Monday to Friday; holidays of the playbook are not taken out.';

CREATE VIEW bi.funnel_by AS
SELECT funnel, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, step_no, step,
       entered, reached, mature_entered, mature_reached,
       mature_reached::double precision / nullif(mature_entered, 0) AS rate,
       bi.jeffreys(mature_reached, mature_entered, 0.025) AS low,
       bi.jeffreys(mature_reached, mature_entered, 0.975) AS high,
       mature_entered AS n,
       mature_entered::double precision / nullif(entered, 0) AS share_matured,
       bi.evidence(mature_entered) AS evidence,
       seconds_p50, seconds_p90, definition, as_of
FROM weir.funnel_window
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.funnel_by IS 'Conversion per window and step, broken down. The breakdowns stand side by side: choose one.';

CREATE VIEW bi.funnel_total AS
SELECT funnel, grain, window_start, window_end, window_date, timezone, is_complete, step_no, step,
       entered, reached, mature_entered, mature_reached,
       mature_reached::double precision / nullif(mature_entered, 0) AS rate,
       bi.jeffreys(mature_reached, mature_entered, 0.025) AS low,
       bi.jeffreys(mature_reached, mature_entered, 0.975) AS high,
       mature_entered AS n,
       mature_entered::double precision / nullif(entered, 0) AS share_matured,
       bi.evidence(mature_entered) AS evidence,
       seconds_p50, seconds_p90, definition, as_of
FROM weir.funnel_window
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.funnel_total IS 'Conversion per window and step over all.';

CREATE VIEW bi.stage_flow_by AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, stage,
       entered, exited, advanced, returned, won, lost, removed, wip_end, at_risk_seconds, dwell_seconds_sum,
       dwell_seconds_sum / nullif(exited, 0) AS dwell_mean_seconds,
       dwell_p50_seconds, dwell_p90_seconds, definition, as_of
FROM weir.stage_flow
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.stage_flow_by IS 'What went through each stage in a window, broken down. The breakdowns stand side by side: choose one.';

CREATE VIEW bi.stage_flow AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, stage,
       entered, exited, advanced, returned, won, lost, removed, wip_end, at_risk_seconds, dwell_seconds_sum,
       dwell_seconds_sum / nullif(exited, 0) AS dwell_mean_seconds,
       dwell_p50_seconds, dwell_p90_seconds, definition, as_of
FROM weir.stage_flow
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.stage_flow IS 'What went through each stage in a window, over all deals.';

CREATE VIEW bi.stage_cohort_by AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, stage,
       entered, mature_entered, mature_advanced, mature_won, mature_lost,
       (mature_advanced + mature_won)::double precision / nullif(mature_entered, 0) AS rate,
       bi.jeffreys(mature_advanced + mature_won, mature_entered, 0.025) AS low,
       bi.jeffreys(mature_advanced + mature_won, mature_entered, 0.975) AS high,
       mature_entered AS n,
       mature_entered::double precision / nullif(entered, 0) AS share_matured,
       bi.evidence(mature_entered) AS evidence,
       km_p50_seconds, definition, as_of
FROM weir.stage_cohort
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.stage_cohort_by IS 'What became of the visits that began in a window, broken down. The breakdowns stand side by side: choose one.';

CREATE VIEW bi.stage_cohort AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, stage,
       entered, mature_entered, mature_advanced, mature_won, mature_lost,
       (mature_advanced + mature_won)::double precision / nullif(mature_entered, 0) AS rate,
       bi.jeffreys(mature_advanced + mature_won, mature_entered, 0.025) AS low,
       bi.jeffreys(mature_advanced + mature_won, mature_entered, 0.975) AS high,
       mature_entered AS n,
       mature_entered::double precision / nullif(entered, 0) AS share_matured,
       bi.evidence(mature_entered) AS evidence,
       km_p50_seconds, definition, as_of
FROM weir.stage_cohort
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.stage_cohort IS 'What became of the visits that began in a window, over all deals.';

CREATE VIEW bi.bottleneck_by AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, stage,
       load_rank, change_rank, load_share, extra_wip, wip, arrival_rate, exit_rate, days_lost_per_deal, definition, as_of
FROM weir.bottleneck
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.bottleneck_by IS 'Each stage as a queue over a window, broken down. The breakdowns stand side by side: choose one.';

CREATE VIEW bi.bottleneck AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, stage,
       load_rank, change_rank, load_share, extra_wip, wip, arrival_rate, exit_rate, days_lost_per_deal, definition, as_of
FROM weir.bottleneck
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.bottleneck IS 'Each stage as a queue over a window: where the time goes (load_rank) and what changed (change_rank).';

CREATE VIEW bi.deal_current AS
SELECT d.deal_id, d.pipeline, d.stage, d.status, d.deal_type, d.amount, d.currency, d.amount_reporting,
       d.owner_id, d.account_id, d.created_at, d.closed_at, d.expected_close, d.push_count, d.stalled_since,
       v.entered_at AS stage_entered_at,
       extract(epoch FROM t.as_of - v.entered_at)::double precision / 86400 AS days_in_stage,
       d.definition,
       t.as_of
FROM weir.deal d
CROSS JOIN (SELECT max(as_of) AS as_of FROM weir.deal) t
LEFT JOIN LATERAL (
    SELECT s.entered_at
    FROM weir.stage_visit s
    WHERE s.deal_id = d.deal_id AND s.definition = d.definition AND NOT s.deleted AND s.exited_at IS NULL
    ORDER BY s.visit_no DESC
    LIMIT 1) v ON d.status = 'open'
WHERE NOT d.deleted AND d.status NOT IN ('deleted', 'merged');
COMMENT ON VIEW bi.deal_current IS 'Every deal as it stands now; those deleted or merged away left out.';
COMMENT ON COLUMN bi.deal_current.stage_entered_at IS 'When it entered the stage it is in; empty once closed.';
COMMENT ON COLUMN bi.deal_current.days_in_stage IS 'Days in the stage it is in, counted to as_of and not to the reader''s clock; empty once closed.';
COMMENT ON COLUMN bi.deal_current.as_of IS 'Event time up to which the deals are known.';

CREATE VIEW bi.stalled AS
SELECT deal_id, pipeline, stage, amount, currency, amount_reporting, owner_id, account_id, created_at, expected_close, push_count,
       stalled_since, stage_entered_at, days_in_stage, definition, as_of
FROM bi.deal_current
WHERE status = 'open' AND stalled_since IS NOT NULL;
COMMENT ON VIEW bi.stalled IS 'Open deals that have not moved for longer than their stage allows.';
COMMENT ON COLUMN bi.stalled.stage_entered_at IS 'When it entered the stage it is in.';
COMMENT ON COLUMN bi.stalled.days_in_stage IS 'Days in the stage it is in, counted to as_of and not to the reader''s clock.';

CREATE VIEW bi.alert AS
SELECT alert_id, kind, severity, status, metric, breakdown, value, subject, team, owner_id, summary, started_at, ended_at,
       evidence, verdict, as_of
FROM weir.alert
WHERE NOT deleted;
COMMENT ON VIEW bi.alert IS 'Every alert as it stands now, the resolved and the retracted too: see status.';

CREATE VIEW bi.data_health AS
SELECT l.job, l.topic, m.measure, NULL::text AS reason, m.amount, l.as_of, (m.measure <> 'unaccounted' OR m.amount = 0) AS is_healthy
FROM (SELECT job, topic, max(as_of) AS as_of,
             sum(read)::bigint AS read, sum(accepted)::bigint AS accepted, sum(duplicate)::bigint AS duplicate,
             sum(filtered)::bigint AS filtered, sum(dead_lettered)::bigint AS dead_lettered,
             sum(expired)::bigint AS expired, sum(control)::bigint AS control
      FROM weir.ledger
      WHERE NOT deleted
      GROUP BY job, topic) l
CROSS JOIN LATERAL (VALUES
    ('read', l.read),
    ('accepted', l.accepted),
    ('duplicate', l.duplicate),
    ('filtered', l.filtered),
    ('dead_lettered', l.dead_lettered),
    ('expired', l.expired),
    ('control', l.control),
    ('unaccounted', l.read - l.accepted - l.duplicate - l.filtered - l.dead_lettered - l.expired - l.control)) AS m (measure, amount)
UNION ALL
SELECT job, topic, 'dead_letters', reason, count(*), max(as_of), reason <> 'REFUSED_BY_WAREHOUSE'
FROM weir.dead_letter
WHERE NOT deleted
GROUP BY job, topic, reason;
COMMENT ON VIEW bi.data_health IS 'Whether every record read is accounted for, what was refused and why, and how far each job has come.';
COMMENT ON COLUMN bi.data_health.topic IS 'Topic that was read.';
COMMENT ON COLUMN bi.data_health.measure IS
    'read, then what became of it: accepted, duplicate, filtered, dead_lettered, expired, control; unaccounted must be 0; dead_letters per reason.';
COMMENT ON COLUMN bi.data_health.reason IS 'Why records were refused; only with dead_letters.';
COMMENT ON COLUMN bi.data_health.amount IS 'How many.';
COMMENT ON COLUMN bi.data_health.as_of IS 'Event time up to which the job had seen everything when it last counted.';
COMMENT ON COLUMN bi.data_health.is_healthy IS 'False when records are unaccounted for or rows were refused by the warehouse.';

-- Words for the rest: those of a rate, and else those of the table's column of that name.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT v.relname, a.attname, coalesce(w.words, t.words) AS words
        FROM pg_class v
        JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0
        LEFT JOIN (VALUES
            ('rate', 'Share of the mature that got there, 0 to 1; empty without any.'),
            ('low', 'Lower end of the 95 % interval of rate.'),
            ('high', 'Upper end of the 95 % interval of rate.'),
            ('n', 'Mature cases behind rate.'),
            ('share_matured', 'Share of the cases that can be judged already, 0 to 1. Below 1 the rate may still move.'),
            ('dwell_mean_seconds', 'Mean length of the visits that ended in the window, in seconds.')) AS w (name, words)
            ON w.name = a.attname
        LEFT JOIN LATERAL (
            SELECT col_description(c.oid, b.attnum) AS words
            FROM pg_class c
            JOIN pg_attribute b ON b.attrelid = c.oid AND b.attname = a.attname
            WHERE c.relnamespace = 'weir'::regnamespace AND c.relkind = 'r'
            ORDER BY c.relname <> CASE v.relname
                                      WHEN 'funnel_total' THEN 'funnel_window'
                                      WHEN 'funnel_by' THEN 'funnel_window'
                                      WHEN 'deal_current' THEN 'deal'
                                      WHEN 'stalled' THEN 'deal'
                                      ELSE regexp_replace(v.relname, '_by$', '')
                                  END, c.relname
            LIMIT 1) t ON true
        WHERE v.relnamespace = 'bi'::regnamespace AND v.relkind = 'v' AND col_description(v.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN bi.%I.%I IS %L', said.relname, said.attname, said.words);
    END LOOP;
END
$$;
