-- A warehouse of ${years} years and ${segments} segments: one pipeline of six stages, one funnel of four steps, ten owners in
-- three teams. Drawn from ${seed}: the same numbers on every machine.
SET session_replication_role = replica;

CREATE FUNCTION pg_temp.draw(of text) RETURNS double precision LANGUAGE sql IMMUTABLE
RETURN (hashtextextended(of, ${seed}) & 2147483647) / 2147483648.0;

-- The last instant that is known.
CREATE TEMP TABLE known AS SELECT timestamptz '2026-03-30 00:00Z' AS until, timestamptz '2026-03-30 00:00Z' - interval '${years} years' AS since;

CREATE TEMP TABLE windows AS
SELECT g.grain, w AS window_start, w + g.length AS window_end, w::date AS window_date, w + g.length <= k.until AS is_complete
FROM known k
CROSS JOIN (VALUES ('day', interval '1 day'), ('week', interval '7 days'), ('month', interval '1 month'), ('quarter', interval '3 months')) AS g (grain, length)
CROSS JOIN LATERAL generate_series(date_trunc(g.grain, k.since, 'UTC'), k.until - interval '1 second', g.length) AS w
UNION ALL
SELECT 'all', 'epoch', NULL, '1970-01-01', false;

CREATE TEMP TABLE split AS
SELECT '(total)' AS breakdown, '(total)' AS value
UNION ALL SELECT 'properties.segment', 'segment ' || n FROM generate_series(1, ${segments}) n
UNION ALL SELECT 'owner_id', 'owner ' || n FROM generate_series(1, 10) n;

CREATE TEMP TABLE stages AS SELECT 'stage ' || n AS stage, n AS stage_no FROM generate_series(1, 6) n;

CREATE TEMP TABLE cells AS
SELECT w.*, s.breakdown, s.value, t.stage, t.stage_no,
       CASE WHEN s.breakdown = '(total)' THEN 300 ELSE 10 END * (0.5 + pg_temp.draw(w.window_start || s.value || t.stage)) AS level,
       pg_temp.draw(s.value || t.stage || w.window_date) AS part
FROM windows w CROSS JOIN split s CROSS JOIN stages t
WHERE w.grain <> 'day';

INSERT INTO weir.stage_flow (pipeline, grain, window_start, breakdown, value, stage, window_end, window_date, timezone, is_complete,
    entered, exited, advanced, returned, won, lost, removed, wip_end, at_risk_seconds, dwell_seconds_sum, dwell_p50_seconds,
    dwell_p90_seconds, dwell_p99_seconds, definition, as_of, revision)
SELECT 'sales', grain, window_start, breakdown, value, stage, window_end, window_date, 'UTC', is_complete,
       level::bigint, (level * 0.9)::bigint, (level * 0.6)::bigint, (level * 0.05)::bigint, (level * 0.1)::bigint, (level * 0.15)::bigint, 0,
       (level * 2)::bigint, level * 2 * 604800, level * 0.9 * 600000, 500000, 900000, 1500000, 'p', k.until, 1
FROM cells CROSS JOIN known k;

INSERT INTO weir.stage_cohort (pipeline, grain, window_start, breakdown, value, stage, window_end, window_date, timezone, is_complete,
    entered, mature_entered, mature_advanced, mature_won, mature_lost, km_p50_seconds, closed, open, closed_won, closed_lost,
    closed_p50_seconds, closed_mean_seconds, exposure_mean_seconds, cif_won, cif_lost, definition, as_of, revision)
SELECT 'sales', grain, window_start, breakdown, value, stage, window_end, window_date, 'UTC', is_complete,
       level::bigint, (level * 0.9)::bigint, (level * 0.9 * (0.3 + part / 2))::bigint, 0, (level * 0.1)::bigint, 500000,
       (level * 0.9)::bigint, (level * 0.1)::bigint, (level * 0.1)::bigint, (level * 0.1)::bigint,
       450000, 480000, 520000, 0.12, 0.12, 'p', k.until, 1
FROM cells CROSS JOIN known k;

INSERT INTO weir.stage_queue (pipeline, grain, window_start, breakdown, value, stage, window_end, window_date, timezone, is_complete,
    arrivals, exits, wip_start, wip_end, wip_mean, arrival_rate, exit_rate, wait_days, stationary_p, is_stationary, clearing_days,
    fifo_breaches, exits_in_one_hour, is_batched, definition, as_of, revision)
SELECT 'sales', grain, window_start, breakdown, value, stage, window_end, window_date, 'UTC', is_complete,
       level::bigint, (level * 0.9)::bigint, (level * 2)::bigint, (level * 2)::bigint, level * 2, level / 7, level * 0.9 / 7, 14, 0.4, true, 15,
       (level * 0.1)::bigint, 2, false, 'p', k.until, 1
FROM cells CROSS JOIN known k;

INSERT INTO weir.bottleneck (pipeline, grain, window_start, breakdown, value, stage, window_end, window_date, timezone, is_complete,
    load_rank, change_rank, load_share, extra_wip, wip, arrival_rate, exit_rate, days_lost_per_deal, definition, as_of, revision)
SELECT 'sales', grain, window_start, breakdown, value, stage, window_end, window_date, 'UTC', is_complete,
       stage_no, stage_no, 1.0 / 6, part * 4, level * 2, level / 7, level * 0.9 / 7, part * 3, 'p', k.until, 1
FROM cells CROSS JOIN known k;

INSERT INTO weir.stage_hazard (pipeline, grain, window_start, breakdown, value, stage, age_from_seconds, window_date, timezone, is_complete,
    age_to_seconds, at_risk, advanced, returned, won, lost, at_risk_seconds, survival, survival_closed, cif_won, cif_lost,
    closed_won_share, closed_lost_share, definition, as_of, revision)
SELECT 'sales', grain, window_start, breakdown, value, stage, age * 86400, window_date, 'UTC', false, (age + 1) * 86400,
       (level * 30 * exp(-age / 10.0))::bigint, level::bigint, 0, 1, 1, level * 86400, exp(-age / 10.0), exp(-age / 8.0), 0.1, 0.1, 0.1, 0.1,
       'p', k.until, 1
FROM cells CROSS JOIN known k CROSS JOIN generate_series(0, 29) AS age
WHERE grain = 'all';

INSERT INTO weir.pipeline_figures (pipeline, grain, window_start, breakdown, value, window_end, window_date, timezone, is_complete,
    created, open_end, won, lost, won_priced, won_amount_reporting, mature_created, mature_won, mature_lost, cycle_mean_days,
    closed_cycle_mean_days, pushes, slip_days, amount_up_reporting, amount_down_reporting, velocity_per_day, definition, as_of, revision)
SELECT 'sales', grain, window_start, breakdown, value, window_end, window_date, 'UTC', is_complete,
       level::bigint, (level * 4)::bigint, (level * part / 2)::bigint, (level * (1 - part) / 2)::bigint, (level * part / 2)::bigint,
       level * 10000, (level * 0.8)::bigint, (level * 0.4 * part)::bigint, (level * 0.4)::bigint, 40, 35, 3, 60, 1000, 500, level * 100, 'p', k.until, 1
FROM cells CROSS JOIN known k
WHERE stage_no = 1;

INSERT INTO weir.pipeline_waterfall (pipeline, grain, window_start, breakdown, value, window_end, window_date, timezone, is_complete,
    opening, created, reopened, amount_up, amount_down, pulled_in, pushed_out, won, lost, removed, closing, target, definition, as_of, revision)
SELECT 'sales', grain, window_start, breakdown, value, window_end, window_date, 'UTC', is_complete,
       level * 1000, level * 100, 0, 0, 0, 0, 0, level * 50, level * 50, 0, level * 1000, CASE WHEN grain = 'quarter' THEN level * 900 END, 'p', k.until, 1
FROM cells CROSS JOIN known k
WHERE stage_no = 1 AND breakdown = '(total)';

INSERT INTO weir.forecast (pipeline, grain, window_start, breakdown, value, made_at, window_end, window_date, timezone, is_complete,
    open_deals, periods_learned, open_amount, won_before, expected_of_open, expected_of_new, expected, low, high, came,
    deals_won_before, deals_of_open, deals_of_new, deals, deals_low, deals_high, deals_came, is_within, evidence, definition, as_of, revision)
SELECT 'sales', w.grain, w.window_start, s.breakdown, s.value, m, w.window_end, w.window_date, 'UTC', w.is_complete,
       300, 12, 900000, 0, 300000, 100000, 400000, 300000, 500000, CASE WHEN w.is_complete THEN 420000 END,
       0, 30, 10, 40, 30, 50, CASE WHEN w.is_complete THEN 42 END, CASE WHEN w.is_complete THEN pg_temp.draw(s.value || m) < 0.8 END,
       'enough', 'p', k.until, 1
FROM windows w
CROSS JOIN (VALUES ('(total)', '(total)'), ('deal_type', 'new'), ('deal_type', 'expansion'), ('deal_type', 'renewal')) AS s (breakdown, value)
CROSS JOIN known k
CROSS JOIN LATERAL generate_series(w.window_start, w.window_end - interval '1 day', interval '1 month') AS m
WHERE w.grain IN ('month', 'quarter');

INSERT INTO weir.funnel_window (funnel, grain, window_start, breakdown, value, step_no, step, window_end, window_date, timezone,
    is_complete, entered, reached, mature_entered, mature_reached, seconds_p50, seconds_p90, km_p50_seconds, projected, projected_low,
    projected_high, definition, as_of, revision)
SELECT 'signup', w.grain, w.window_start, s.breakdown, s.value, n, 'step ' || n, w.window_end, w.window_date, 'UTC', w.is_complete,
       e.entered, e.entered >> n - 1, (e.entered * 0.9)::bigint, (e.entered * 0.9)::bigint >> n - 1, 3600, 86400, 3700, 0.4, 0.35, 0.45, 'f', k.until, 1
FROM windows w CROSS JOIN split s CROSS JOIN generate_series(1, 4) n CROSS JOIN known k
CROSS JOIN LATERAL (SELECT ((CASE WHEN s.breakdown = '(total)' THEN 5000 ELSE 100 END)
                            * (0.5 + pg_temp.draw(s.value || w.window_start)))::bigint) AS e (entered)
WHERE s.breakdown <> 'owner_id';

INSERT INTO weir.metric_point (metric, breakdown, value, grain, window_start, kind, numerator, denominator, observed, expected, lower,
    upper, score, evidence, definition, as_of, revision)
SELECT m.metric, s.breakdown, s.value, w.grain, w.window_start, m.kind, p.k, 100, p.k / 100, 0.5, 0.3, 0.7, 1, 'enough', m.definition, k.until, 1
FROM windows w CROSS JOIN split s CROSS JOIN known k
CROSS JOIN (
    SELECT 'conversion/signup/step ' || n AS metric, 'rate' AS kind, 'f' AS definition FROM generate_series(2, 4) n
    UNION ALL SELECT unnest(ARRAY ['dwell', 'arrivals', 'wip']) || '/sales/' || stage, 'duration', 'p' FROM stages) m
CROSS JOIN LATERAL (SELECT round(100 * pg_temp.draw(m.metric || s.value || w.window_start))) AS p (k)
WHERE w.is_complete AND w.grain IN ('day', 'week', 'month') AND (w.grain <> 'day' OR m.kind = 'rate')
  AND (m.definition = 'p' OR s.breakdown <> 'owner_id');

-- Four deals a week and segment; each at its own pace, no two stays of the same length.
CREATE TEMP TABLE deals AS
SELECT 'deal ' || n AS deal_id, n, k.since + (k.until - k.since) * (n::double precision / d.deals) AS created_at,
       'segment ' || 1 + n % ${segments} AS segment, 'owner ' || 1 + n % 10 AS owner_id, 'account ' || n / 4 AS account_id,
       pg_temp.draw('deal' || n) AS fate, 1000 + n % 90000 AS amount, k.until,
       (0.5 + pg_temp.draw('pace' || n)) * interval '10 days' AS pace
FROM known k CROSS JOIN (SELECT ${years} * 52 * ${segments} * 4 AS deals) d CROSS JOIN LATERAL generate_series(1, d.deals) n;

INSERT INTO weir.deal (deal_id, pipeline, stage, status, deal_type, amount, currency, amount_reporting, owner_id, account_id, created_at,
    closed_at, expected_close, push_count, stalled_since, last_activity_at, definition, as_of, revision)
SELECT deal_id, 'sales', CASE WHEN o.is_open THEN 'stage ' || o.stage_no WHEN fate < 0.25 THEN 'won' ELSE 'lost' END,
       CASE WHEN o.is_open THEN 'open' WHEN fate < 0.25 THEN 'won' ELSE 'lost' END, 'new', amount, 'EUR', amount, owner_id, account_id, created_at,
       CASE WHEN NOT o.is_open THEN created_at + 4 * pace END, (created_at + interval '60 days')::date, 1,
       CASE WHEN o.is_open AND n % 7 = 0 THEN created_at + interval '20 days' END, created_at + interval '12 days', 'p', until, 1
FROM deals
CROSS JOIN LATERAL (SELECT created_at + 4 * pace > until,
                           1 + floor(extract(epoch FROM until - created_at) / extract(epoch FROM pace))) AS o (is_open, stage_no);

INSERT INTO weir.deal_history (deal_id, valid_from, valid_to, pipeline, stage, status, deal_type, amount, currency, amount_reporting, owner_id,
    account_id, created_at, definition, as_of, revision)
SELECT deal_id, created_at + v * interval '10 days', CASE WHEN v < 3 THEN created_at + (v + 1) * interval '10 days' END, 'sales',
       'stage ' || v + 1, 'open', 'new', amount, 'EUR', amount, owner_id, account_id, created_at, 'p', until, 1
FROM deals CROSS JOIN generate_series(0, 3) v;

INSERT INTO weir.stage_visit (deal_id, visit_no, pipeline, stage, entered_at, exited_at, exit, seconds, business_seconds, owner_id, account_id,
    amount_reporting, breakdowns, definition, as_of, revision)
SELECT deal_id, v, 'sales', 'stage ' || v, created_at + (v - 1) * pace, e.exited_at,
       CASE WHEN e.exited_at IS NULL THEN NULL WHEN v < 4 THEN 'advanced' WHEN fate < 0.25 THEN 'won' ELSE 'lost' END,
       CASE WHEN e.exited_at IS NOT NULL THEN extract(epoch FROM pace) END, 288000, owner_id, account_id, amount,
       jsonb_build_object('properties.segment', segment, 'owner_id', owner_id), 'p', until, 1
FROM deals CROSS JOIN generate_series(1, 4) v
CROSS JOIN LATERAL (SELECT CASE WHEN created_at + v * pace <= until THEN created_at + v * pace END) AS e (exited_at)
WHERE created_at + (v - 1) * pace <= until;

INSERT INTO weir.conversion (conversion_id, funnel, entity_id, deal_id, account_id, converted_at, amount_reporting, amount, currency, deal_type,
    touches, definition, as_of, revision)
SELECT 'deal/' || deal_id, NULL, account_id, deal_id, account_id, closed_at, amount, amount, 'EUR', 'new', 4, 'a', as_of, 1
FROM weir.deal WHERE status = 'won';

INSERT INTO weir.touch_credit (conversion_id, touch_event_id, model, channel, campaign, asset, touched_at, credit_minor, currency,
    credit_reporting_minor, definition, as_of, revision)
SELECT c.conversion_id, 'touch ' || t, m, 'channel ' || t, 'campaign ' || 1 + t % 40, '/asset', c.converted_at - t * interval '5 days', 25000, 'EUR',
       25000, 'a', c.as_of, 1
FROM weir.conversion c CROSS JOIN generate_series(1, 4) t
CROSS JOIN unnest(ARRAY ['first', 'last', 'linear', 'position', 'time_decay', 'shapley']) m;

CREATE TEMP TABLE channels AS
SELECT '(total)' AS breakdown, '(total)' AS value
UNION ALL SELECT 'channel', 'channel ' || n FROM generate_series(1, 8) n
UNION ALL SELECT 'campaign', 'campaign ' || n FROM generate_series(1, ${segments}) n;

INSERT INTO weir.attribution_window (model, grain, window_start, breakdown, value, window_end, window_date, timezone, is_complete,
    conversions, revenue, currency, without_rate, minimum_conversions, definition, as_of, revision)
SELECT m, w.grain, w.window_start, c.breakdown, c.value, w.window_end, w.window_date, 'UTC', w.is_complete,
       CASE WHEN c.breakdown = '(total)' THEN 200 ELSE 4 END, 20000, 'EUR', 0, 30, 'a', k.until, 1
FROM windows w CROSS JOIN channels c CROSS JOIN known k
CROSS JOIN unnest(ARRAY ['first', 'last', 'linear', 'position', 'time_decay', 'shapley', 'markov']) m
WHERE w.grain <> 'day';

INSERT INTO weir.campaign_window (grain, window_start, breakdown, value, window_end, window_date, timezone, is_complete, touches,
    people_reached, people_engaged, email_sent, email_opened, email_clicked, email_bounced, email_unsubscribed, people_sent, people_opened,
    people_clicked, people_bounced, people_unsubscribed, cost, costs_without_rate, currency, definition, as_of, revision)
SELECT w.grain, w.window_start, c.breakdown, c.value, w.window_end, w.window_date, 'UTC', w.is_complete, 500, 400,
       (400 * pg_temp.draw(c.value || w.window_start))::bigint, 300, 100, 30, 3, 1, 300, 90, 28, 3, 1, 4000, 0, 'EUR', 'a', k.until, 1
FROM windows w CROSS JOIN channels c CROSS JOIN known k
WHERE w.grain <> 'day';

INSERT INTO weir.funnel_attempt (funnel, entity_id, attempt_no, started_at, account_id, channel, campaign, breakdowns, reached_step, step_times,
    completed_at, matures_at, truncated, definition, as_of, revision)
SELECT 'signup', 'person ' || n, 1, d, 'account ' || n / 4, 'channel ' || 1 + n % 8, 'campaign ' || 1 + n % 40,
       jsonb_build_object('properties.segment', 'segment ' || 1 + n % ${segments}), 1 + n % 4, ARRAY [d], NULL, d + interval '14 days', false, 'f', k.until, 1
FROM known k CROSS JOIN generate_series(1, ${years} * 365 * ${segments} * 2) n
CROSS JOIN LATERAL (SELECT k.since + (k.until - k.since) * (n / (${years} * 365 * ${segments} * 2.0))) AS s (d);

INSERT INTO weir.alert (alert_id, kind, severity, status, metric, breakdown, value, subject, team, owner_id, summary, started_at, ended_at,
    evidence, definition, as_of, revision)
SELECT 'alert ' || n, k.kind, CASE WHEN n % 3 = 0 THEN 'critical' ELSE 'warning' END,
       CASE WHEN n > ${years} * 1000 - 40 THEN 'firing' ELSE 'resolved' END, k.metric, s.breakdown, s.value, k.subject, 'team ' || n % 3,
       'owner ' || 1 + n % 10, 'something moved', d, CASE WHEN n <= ${years} * 1000 - 40 THEN d + interval '3 days' END,
       '{"from": 5, "to": 9, "extra_wip": 12}', 'p', t.until, 1
FROM known t CROSS JOIN generate_series(1, ${years} * 1000) n
CROSS JOIN LATERAL (SELECT t.since + (t.until - t.since) * (n / (${years} * 1000.0))) AS at (d)
CROSS JOIN LATERAL (SELECT * FROM (VALUES
    (0, 'stalled', NULL, 'sales/stage 1'), (1, 'bottleneck', 'dwell/sales/stage 2', 'sales/stage 2'),
    (2, 'conversion_drop', 'conversion/signup/step 3', 'signup/step 3'), (3, 'unusual', 'wip/sales/stage 4', 'sales/stage 4'))
    AS kinds (nr, kind, metric, subject) WHERE nr = n % 4) AS k
CROSS JOIN LATERAL (SELECT CASE WHEN n % 2 = 0 THEN '(total)' ELSE 'properties.segment' END,
                           CASE WHEN n % 2 = 0 THEN '(total)' ELSE 'segment ' || 1 + n % ${segments} END) AS s (breakdown, value);

INSERT INTO weir.owner (owner_id, valid_from, name, team, active, status, revision)
SELECT 'owner ' || n, 'epoch', 'Owner ' || n, 'team ' || n % 3, true, 'live', 1 FROM generate_series(1, 10) n;
INSERT INTO weir.account (account_id, valid_from, name, segment, status, revision)
SELECT DISTINCT ON (account_id) account_id, timestamptz 'epoch', account_id, segment, 'live', 1 FROM deals ORDER BY account_id, n;
INSERT INTO weir.person (person_id, valid_from, account_id, status, revision)
SELECT entity_id, 'epoch', account_id, 'live', 1 FROM weir.funnel_attempt;
INSERT INTO weir.campaign (campaign_id, valid_from, channel, status, revision)
SELECT value, 'epoch', 'channel 1', 'live', 1 FROM channels WHERE breakdown = 'campaign';

INSERT INTO weir.stage_limit (pipeline, stage, valid_from, valid_to, stalled_after_seconds, event_id, definition, revision)
SELECT 'sales', stage, month, CASE WHEN month + interval '1 month' < k.until THEN month + interval '1 month' END, 20 * 86400,
       'limit ' || stage || month, 'p', 1
FROM known k CROSS JOIN stages CROSS JOIN generate_series(date_trunc('month', k.since), k.until, interval '1 month') month;

INSERT INTO weir.ledger (job, topic, partition, bucket, read, accepted, duplicate, filtered, dead_lettered, expired, control, as_of, revision)
SELECT j, 'topic ' || t, p, b, 1000, 900, 50, 50, 0, 0, 0, k.until, 1
FROM known k CROSS JOIN unnest(ARRAY ['conversion', 'cycle-time', 'anomaly']) j CROSS JOIN generate_series(1, 4) t
CROSS JOIN generate_series(0, 1) p CROSS JOIN generate_series(0, ${years} * 400) b;
INSERT INTO weir.dead_letter (job, topic, partition, "offset", reason, detail, length, sha256, payload, as_of, revision)
SELECT 'conversion', 'topic 1', n % 2, n, 'UNREADABLE', 'no such thing', 100, 'abc', '\x00', k.until, 1
FROM known k CROSS JOIN generate_series(1, ${years} * 500) n;
INSERT INTO weir.data_issue (job, issue, subject, detail, as_of, revision)
SELECT 'cycle-time', 'merge_refused', 'event ' || n, 'does not count', k.until, 1 FROM known k CROSS JOIN generate_series(1, ${years} * 50) n;

SET session_replication_role = origin;
