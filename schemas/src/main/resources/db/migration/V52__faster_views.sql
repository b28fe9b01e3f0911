-- Views that took longer than 200 ms over five years and fifty segments (`scripts/bench warehouse`), and watched series with totals
-- apart from breakdowns.

-- A window's points lie together, so that whoever asks about some weeks reads those only.
DROP INDEX weir.metric_point_grain;
CREATE INDEX metric_point_window ON weir.metric_point (grain, breakdown, metric, window_start);

-- The open are few, and asked for most.
CREATE INDEX deal_open ON weir.deal (pipeline) WHERE status = 'open' AND NOT deleted;

-- Demand and wins are two visits of a deal; the others need not be read. Both are small: a key names nothing but the pipeline.
CREATE INDEX stage_visit_began ON weir.stage_visit (pipeline, definition) WHERE visit_no = 1 AND NOT deleted;
CREATE INDEX stage_visit_ended ON weir.stage_visit (pipeline, definition) WHERE exit IN ('won', 'lost') AND NOT deleted;

-- Weeks are counted once for all breakdowns together, and whoever asks for one of them has only that one split.
CREATE OR REPLACE VIEW bi.market_week AS
WITH pipeline AS MATERIALIZED (
    SELECT row_number() OVER () AS nr, pipeline, definition, max(timezone) AS timezone, max(as_of) AS as_of,
           date_trunc('week', max(as_of) AT TIME ZONE max(timezone)) AS until
    FROM weir.stage_flow
    WHERE NOT deleted AND grain = 'all'
    GROUP BY pipeline, definition),
-- By the Monday of the local week.
counted AS (
    SELECT p.nr, v.breakdowns, date_bin('7 days', v.happened_at AT TIME ZONE p.timezone, '2001-01-01') AS week,
           sum(v.demand) AS demand, sum(v.won) AS won, sum(v.lost) AS lost
    FROM pipeline p
    CROSS JOIN LATERAL (
        SELECT breakdowns, entered_at AS happened_at, 1 AS demand, 0 AS won, 0 AS lost
        FROM weir.stage_visit
        WHERE pipeline = p.pipeline AND definition = p.definition AND NOT deleted AND visit_no = 1
        UNION ALL
        SELECT breakdowns, exited_at, 0, (exit = 'won')::int, (exit = 'lost')::int
        FROM weir.stage_visit
        WHERE pipeline = p.pipeline AND definition = p.definition AND NOT deleted AND exit IN ('won', 'lost')) v
    GROUP BY p.nr, v.breakdowns, week),
happened AS MATERIALIZED (
    SELECT c.*, c.week AT TIME ZONE p.timezone AS window_start
    FROM counted c
    JOIN pipeline p ON p.nr = c.nr),
-- The demand of each week from the first on; none in a week without a deal.
weeks AS (
    SELECT p.nr, day AS week, day AT TIME ZONE p.timezone AS window_start, w.demand
    FROM pipeline p
    JOIN (SELECT nr, min(week) AS first FROM happened GROUP BY nr) f ON f.nr = p.nr
    CROSS JOIN LATERAL generate_series(f.first, p.until - interval '7 days', interval '7 days') AS day
    LEFT JOIN (SELECT nr, week, sum(demand)::bigint AS demand FROM happened GROUP BY nr, week) w
        ON w.nr = p.nr AND w.week = day),
-- Every value that there ever was: it has noughts in weeks without a deal.
named AS (
    SELECT DISTINCT k.nr, b.breakdown, b.value
    FROM (SELECT DISTINCT nr, breakdowns FROM happened) k
    CROSS JOIN LATERAL (
        SELECT '(total)', '(total)'
        UNION ALL
        SELECT key, value FROM jsonb_each_text(k.breakdowns)) b (breakdown, value)),
filled AS (
    SELECT nr, breakdown, value, week, window_start,
           sum(demand) AS demand, sum(won) AS won, sum(lost) AS lost, max(whole) AS whole
    FROM (
        SELECT nr, '(total)' AS breakdown, '(total)' AS value, week, window_start, demand, won, lost, NULL::bigint AS whole
        FROM happened
        UNION ALL
        SELECT h.nr, b.key, b.value, h.week, h.window_start, h.demand, h.won, h.lost, NULL
        FROM happened h
        CROSS JOIN LATERAL jsonb_each_text(h.breakdowns) b
        UNION ALL
        SELECT w.nr, n.breakdown, n.value, w.week, w.window_start, 0, NULL, NULL, w.demand
        FROM weeks w
        JOIN named n ON n.nr = w.nr) u
    GROUP BY nr, breakdown, value, week, window_start)
SELECT p.pipeline, f.window_start,
       (f.week + interval '7 days') AT TIME ZONE p.timezone AS window_end, f.week::date AS window_date, p.timezone,
       f.breakdown, f.value,
       f.demand::bigint AS demand, coalesce(f.won, 0)::bigint AS won, coalesce(f.lost, 0)::bigint AS lost,
       f.won::double precision / nullif(f.won + f.lost, 0) AS win_rate,
       bi.jeffreys(f.won::bigint, (f.won + f.lost)::bigint, 0.025) AS low,
       bi.jeffreys(f.won::bigint, (f.won + f.lost)::bigint, 0.975) AS high,
       coalesce(f.won + f.lost, 0)::bigint AS n,
       bi.evidence((f.won + f.lost)::bigint) AS evidence,
       f.demand::double precision / nullif(f.whole, 0) AS demand_share,
       p.definition, p.as_of
FROM filled f
JOIN pipeline p ON p.nr = f.nr
WHERE f.week < p.until;

-- Sums of each month of the quarter add up: no week is sorted. Weeks and deals are whole numbers, so their sums are exact.
CREATE OR REPLACE VIEW bi.market_trend AS
WITH point AS (
    SELECT pipeline, definition, as_of, breakdown, value, demand::double precision AS demand, win_rate,
           n::double precision AS n, demand_share,
           -- By the calendar, from the newest back: a week with a clock change is a week too.
           -((as_of::date - window_date) / 7)::double precision AS t, extract(month FROM window_date)::int % 3 AS month
    FROM bi.market_week
    WHERE window_start >= as_of - interval '105 weeks'
      -- The same of all pipelines together, which is known before any week is counted.
      AND window_start >= (
          SELECT min(as_of) - interval '105 weeks'
          FROM (SELECT max(as_of) AS as_of FROM weir.stage_flow WHERE NOT deleted AND grain = 'all'
                GROUP BY pipeline, definition) f)),
summed AS (
    SELECT pipeline, definition, breakdown, value, month, max(as_of) AS as_of,
           count(*) AS weeks, sum(t) AS t, sum(t * t) AS tt,
           sum(demand) AS d, sum(t * demand) AS td, sum(demand * demand) AS dd,
           count(win_rate) AS rates, sum(n) FILTER (WHERE n > 0) AS n, sum(n * t) AS nt, sum(n * t * t) AS ntt,
           sum(n * win_rate) AS r, sum(n * t * win_rate) AS tr, sum(n * win_rate * win_rate) AS rr,
           count(demand_share) AS shares, sum(t) FILTER (WHERE demand_share IS NOT NULL) AS st,
           sum(t * t) FILTER (WHERE demand_share IS NOT NULL) AS stt,
           sum(demand_share) AS s, sum(t * demand_share) AS ts, sum(demand_share * demand_share) AS ss
    FROM point
    GROUP BY pipeline, definition, breakdown, value, month),
of_month AS (
    SELECT m.pipeline, m.definition, m.breakdown, m.value, x.measure, m.month, m.as_of, x.weeks, x.w, x.t, x.tt, x.y, x.ty, x.yy
    FROM summed m
    CROSS JOIN LATERAL (VALUES
        ('demand', weeks, weeks::double precision, t, tt, d, td, dd),
        ('win_rate', rates, n, nt, ntt, r, tr, rr),
        ('demand_share', shares, shares, st, stt, s, ts, ss)) AS x (measure, weeks, w, t, tt, y, ty, yy)
    WHERE x.weeks > 0 AND (x.measure <> 'demand_share' OR m.breakdown <> '(total)')),
of_series AS (
    SELECT pipeline, definition, breakdown, value, measure, max(as_of) AS as_of, sum(weeks)::bigint AS weeks,
           -- The months of a quarter repeat from four quarters on; months three apart are one season wherever quarters begin.
           CASE WHEN sum(weeks) >= 52 THEN count(*) ELSE 1 END AS seasons,
           sum(y) / sum(w) AS level,
           CASE WHEN sum(weeks) >= 52 THEN sum(tt - t * t / w) ELSE sum(tt) - sum(t) ^ 2 / sum(w) END AS tt,
           CASE WHEN sum(weeks) >= 52 THEN sum(ty - t * y / w) ELSE sum(ty) - sum(t) * sum(y) / sum(w) END AS ty,
           CASE WHEN sum(weeks) >= 52 THEN sum(yy - y * y / w) ELSE sum(yy) - sum(y) ^ 2 / sum(w) END AS yy,
           -- Of squares that come to nothing rounding leaves about so much.
           1e-15 * sum(yy) AS rounding
    FROM of_month
    GROUP BY pipeline, definition, breakdown, value, measure),
-- Most series have the same number of weeks.
quantile AS MATERIALIZED (
    SELECT freedom, bi.t_quantile(freedom::double precision) AS t
    FROM (SELECT DISTINCT weeks - seasons - 1 AS freedom FROM of_series) f),
fit AS (
    SELECT s.*, q.freedom, ty / nullif(tt, 0) AS slope,
           q.t * sqrt(greatest(yy - ty * ty / nullif(tt, 0), rounding) / nullif(greatest(weeks - seasons - 1, 0), 0)
                   / nullif(tt, 0)) AS half
    FROM of_series s
    JOIN quantile q ON q.freedom = s.weeks - s.seasons - 1)
SELECT pipeline, breakdown, value, measure, weeks, seasons > 1 AS is_seasonal, level,
       CASE WHEN freedom > 0 THEN slope END AS slope_per_week,
       CASE WHEN freedom > 0 THEN slope - half END AS low,
       CASE WHEN freedom > 0 THEN slope + half END AS high,
       CASE WHEN freedom > 0 THEN half END AS least_seen,
       CASE WHEN freedom > 0 AND slope - half > 0 THEN 'rising'
            WHEN freedom > 0 AND slope + half < 0 THEN 'falling'
            ELSE 'not clear' END AS direction,
       CASE WHEN freedom <= 0 THEN 'none' WHEN weeks < 8 THEN 'thin' ELSE 'enough' END AS evidence,
       definition, as_of
FROM fit;

-- Only the windows that are asked for are counted, each with the eight before it.
CREATE OR REPLACE VIEW bi.funnel_moved AS
WITH point AS NOT MATERIALIZED (
    SELECT metric, definition, grain, breakdown, value, window_start, numerator, denominator, as_of
    FROM weir.metric_point
    WHERE NOT deleted AND kind = 'rate' AND metric LIKE 'conversion/%' AND breakdown <> '(total)'),
closed AS (
    SELECT metric, definition, grain, breakdown, window_start,
           coalesce(lag(window_start, 8) OVER earlier, '-infinity') AS since
    FROM (SELECT DISTINCT metric, definition, grain, breakdown, window_start FROM point) w
    WINDOW earlier AS (PARTITION BY metric, definition, grain, breakdown ORDER BY window_start)),
counted AS (
    SELECT c.metric, c.definition, c.grain, c.breakdown, c.window_start, v.*
    FROM closed c
    CROSS JOIN LATERAL (
        SELECT p.value, max(p.as_of) FILTER (WHERE p.window_start = c.window_start) AS as_of,
               coalesce(sum(p.numerator) FILTER (WHERE p.window_start < c.window_start), 0) AS k0,
               coalesce(sum(p.denominator) FILTER (WHERE p.window_start < c.window_start), 0) AS n0,
               coalesce(sum(p.numerator) FILTER (WHERE p.window_start = c.window_start), 0) AS k1,
               coalesce(sum(p.denominator) FILTER (WHERE p.window_start = c.window_start), 0) AS n1
        FROM point p
        WHERE p.metric = c.metric AND p.definition = c.definition AND p.grain = c.grain AND p.breakdown = c.breakdown
          AND p.window_start BETWEEN c.since AND c.window_start
        GROUP BY p.value) v),
whole AS (
    SELECT c.metric, c.definition, c.grain, c.breakdown, c.value, c.window_start, c.k0, c.n0, c.k1, c.n1,
           max(as_of) OVER breakdown AS as_of, sum(k0) OVER breakdown AS wk0, sum(n0) OVER breakdown AS wn0,
           sum(k1) OVER breakdown AS wk1, sum(n1) OVER breakdown AS wn1
    FROM counted c
    WINDOW breakdown AS (PARTITION BY metric, definition, grain, breakdown, window_start)),
rated AS (
    -- A value that is absent on one side takes the other side's rate.
    SELECT w.*, n0 / wn0 AS w0, n1 / wn1 AS w1,
           CASE WHEN n0 > 0 THEN k0 / n0 ELSE k1 / n1 END AS r0,
           CASE WHEN n1 > 0 THEN k1 / n1 ELSE k0 / n0 END AS r1,
           wk0 / wn0 AS whole0, wk1 / wn1 AS whole1
    FROM whole w
    WHERE wn0 > 0 AND wn1 > 0 AND n0 + n1 > 0),
parts AS (
    SELECT r.*, (w1 + w0) / 2 * (r1 - r0) AS rate_part, (w1 - w0) * ((r1 + r0) / 2 - (whole1 + whole0) / 2) AS mix_part
    FROM rated r),
summed AS (
    SELECT p.*, sum(rate_part) OVER breakdown AS whole_rate_part, sum(mix_part) OVER breakdown AS whole_mix_part
    FROM parts p
    WINDOW breakdown AS (PARTITION BY metric, definition, grain, breakdown, window_start))
SELECT split_part(s.metric, '/', 2) AS funnel, split_part(s.metric, '/', 3) AS step, s.grain, s.window_start,
       s.breakdown, s.value,
       row_number() OVER (PARTITION BY s.metric, s.definition, s.grain, s.breakdown, s.window_start
                          ORDER BY abs(s.rate_part + s.mix_part) DESC, s.value) AS place,
       s.r0 AS rate_before, s.r1 AS rate_now, s.w0 AS weight_before, s.w1 AS weight_now,
       s.rate_part, s.mix_part, s.rate_part + s.mix_part AS moved,
       s.whole0 AS whole_before, s.whole1 AS whole_now, s.whole1 - s.whole0 AS change,
       s.whole_rate_part, s.whole_mix_part,
       CASE WHEN abs(s.whole_rate_part) + abs(s.whole_mix_part) = 0 THEN 'both'
            WHEN 3 * abs(s.whole_rate_part) >= 2 * (abs(s.whole_rate_part) + abs(s.whole_mix_part)) THEN 'rate'
            WHEN 3 * abs(s.whole_mix_part) >= 2 * (abs(s.whole_rate_part) + abs(s.whole_mix_part)) THEN 'mix'
            ELSE 'both' END AS cause,
       s.wn0 AS n_before, s.wn1 AS n, bi.evidence(s.wn1::bigint) AS evidence,
       s.definition, s.as_of
FROM summed s;

CREATE OR REPLACE VIEW bi.deal_current AS
WITH open_now AS (
    SELECT max(as_of) AS as_of FROM weir.deal),
-- How long open deals have been in their stage.
waits AS MATERIALIZED (
    SELECT d.deal_id, d.definition, v.pipeline, v.stage, extract(epoch FROM t.as_of - v.entered_at)::double precision AS seconds
    FROM weir.deal d
    CROSS JOIN open_now t
    CROSS JOIN LATERAL (
        SELECT s.pipeline, s.stage, s.entered_at
        FROM weir.stage_visit s
        WHERE s.deal_id = d.deal_id AND s.definition = d.definition AND NOT s.deleted AND s.exited_at IS NULL
        ORDER BY s.visit_no DESC
        LIMIT 1) v
    WHERE NOT d.deleted AND d.status = 'open'),
-- Of each stage only these ages are asked for.
asked AS MATERIALIZED (
    SELECT row_number() OVER () AS nr, definition, pipeline, stage, array_agg(DISTINCT seconds ORDER BY seconds) AS ages
    FROM waits
    GROUP BY definition, pipeline, stage),
-- So stays of closed deals are counted between two of them, and not sorted. OFFSET: as many as there are, not as few as guessed.
stood AS (
    SELECT a.nr, width_bucket(c.seconds, a.ages) AS place, NULL AS definition, NULL AS deal_id,
           count(*) FILTER (WHERE c.status = 'won') AS won, count(*) AS closed
    FROM (SELECT v.definition, v.pipeline, v.stage, v.seconds, d.status
          FROM weir.stage_visit v
          JOIN weir.deal d ON d.deal_id = v.deal_id AND d.definition = v.definition
          WHERE NOT v.deleted AND v.seconds IS NOT NULL AND NOT d.deleted AND d.status IN ('won', 'lost')
          OFFSET 0) c
    JOIN asked a ON a.definition = c.definition AND a.pipeline = c.pipeline AND a.stage = c.stage
    GROUP BY a.nr, place
    UNION ALL
    SELECT a.nr, width_bucket(w.seconds, a.ages), w.definition, w.deal_id, 0, 0
    FROM waits w
    JOIN asked a ON a.definition = w.definition AND a.pipeline = w.pipeline AND a.stage = w.stage),
as_long AS (
    SELECT definition, deal_id, sum(won) OVER longer AS won, sum(closed) OVER longer AS closed
    FROM stood
    WINDOW longer AS (PARTITION BY nr ORDER BY place DESC)),
ended AS (
    SELECT definition, deal_id, max(won)::bigint AS won, max(closed)::bigint AS closed
    FROM as_long
    WHERE deal_id IS NOT NULL
    GROUP BY definition, deal_id)
SELECT d.deal_id, d.pipeline, d.stage, d.status, d.deal_type, d.amount, d.currency, d.amount_reporting,
       d.owner_id, d.account_id, d.created_at, d.closed_at, d.expected_close, d.push_count, d.stalled_since,
       v.entered_at AS stage_entered_at,
       extract(epoch FROM t.as_of - v.entered_at)::double precision / 86400 AS days_in_stage,
       d.definition,
       t.as_of,
       d.last_activity_at,
       coalesce(o.name, d.owner_id) AS owner,
       coalesce(o.active, true) AS owner_is_active,
       coalesce(a.name, d.account_id) AS account,
       CASE WHEN e.closed >= 10 THEN e.won / e.closed::double precision END AS win_probability,
       e.closed AS win_n
FROM weir.deal d
CROSS JOIN open_now t
LEFT JOIN LATERAL (
    SELECT s.entered_at
    FROM weir.stage_visit s
    WHERE s.deal_id = d.deal_id AND s.definition = d.definition AND NOT s.deleted AND s.exited_at IS NULL
    ORDER BY s.visit_no DESC
    LIMIT 1) v ON d.status = 'open'
LEFT JOIN weir.owner o ON o.owner_id = d.owner_id AND o.valid_to IS NULL AND NOT o.deleted
LEFT JOIN weir.account a ON a.account_id = d.account_id AND a.valid_to IS NULL AND NOT a.deleted
LEFT JOIN ended e ON e.deal_id = d.deal_id AND e.definition = d.definition
WHERE NOT d.deleted AND d.status NOT IN ('deleted', 'merged');

CREATE OR REPLACE VIEW bi.learned_limit AS
WITH known AS (
    SELECT date_trunc('month', max(as_of), 'UTC') AS effective_from FROM weir.deal),
visit AS NOT MATERIALIZED (
    SELECT v.pipeline, v.stage, v.definition,
           CASE WHEN v.exited_at <= k.effective_from AND v.seconds IS NOT NULL THEN v.seconds
                ELSE date_part('epoch', least(v.exited_at, k.effective_from) - v.entered_at) END AS seconds,
           coalesce(v.exited_at <= k.effective_from AND v.exit NOT IN ('merged', 'moved_pipeline', 'deleted'), false) AS ended
    FROM weir.stage_visit v
    CROSS JOIN known k
    WHERE NOT v.deleted AND v.entered_at < k.effective_from),
-- Gathered first, so that only lengths are sorted and no names.
gathered AS (
    SELECT pipeline, stage, definition, count(*) FILTER (WHERE ended) AS visits,
           array_agg(seconds) FILTER (WHERE ended) AS lengths
    FROM visit
    GROUP BY pipeline, stage, definition),
stage AS (
    SELECT g.pipeline, g.stage, g.definition, g.visits, l.p85
    FROM gathered g
    CROSS JOIN LATERAL (
        SELECT percentile_cont(0.85) WITHIN GROUP (ORDER BY seconds) AS p85 FROM unnest(g.lengths) AS seconds) l
    WHERE g.stage NOT LIKE '(%'),
-- Only where a stage has too few visits of its own.
thin AS (
    SELECT DISTINCT pipeline, definition
    FROM stage
    WHERE visits < 30),
at_age AS (
    SELECT pipeline, definition, seconds, count(*) AS visits, count(*) FILTER (WHERE ended) AS ended
    FROM visit
    JOIN thin USING (pipeline, definition)
    WHERE stage NOT LIKE '(%'
    GROUP BY pipeline, definition, seconds),
at_risk AS (
    SELECT pipeline, definition, seconds, ended,
           sum(visits) OVER (PARTITION BY pipeline, definition ORDER BY seconds DESC) AS visits
    FROM at_age),
survival AS (
    SELECT pipeline, definition, seconds,
           sum(CASE WHEN ended = visits THEN -1e9 ELSE ln(1 - ended / visits::double precision) END)
               OVER (PARTITION BY pipeline, definition ORDER BY seconds) AS log_share
    FROM at_risk),
pooled AS (
    SELECT pipeline, definition, min(seconds) AS median
    FROM survival
    WHERE log_share <= ln(0.5) + 1e-9
    GROUP BY pipeline, definition)
SELECT s.pipeline, s.stage, k.effective_from,
       CASE WHEN s.visits >= 30 THEN s.p85 ELSE 2 * p.median END AS seconds,
       s.visits,
       CASE WHEN s.visits >= 30 THEN 'p85 of the stage' ELSE 'twice the median of the pipeline' END AS basis,
       format('{from: %s, limit: %sh}', to_char(k.effective_from AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
              greatest(1, ceil(CASE WHEN s.visits >= 30 THEN s.p85 ELSE 2 * p.median END / 3600))) AS learned,
       s.definition
FROM stage s
CROSS JOIN known k
LEFT JOIN pooled p ON p.pipeline = s.pipeline AND p.definition = s.definition
WHERE CASE WHEN s.visits >= 30 THEN s.p85 ELSE 2 * p.median END > 0;

-- Totals and breakdowns of watched series, as for all other aggregates; bi.metric_point has both side by side.
CREATE VIEW bi.metric_total AS
SELECT metric, grain, window_start, kind, numerator, denominator, observed, expected, lower, upper, score, evidence,
       definition, as_of
FROM weir.metric_point
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.metric_total IS
    'The series that are watched, over all: what was seen in each closed window, and what was expected. Choose one metric and grain.';

CREATE VIEW bi.metric_by AS
SELECT metric, grain, window_start, breakdown, value, kind, numerator, denominator, observed, expected, lower, upper, score,
       evidence, definition, as_of
FROM weir.metric_point
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.metric_by IS
    'The series that are watched, broken down: what was seen in each closed window, and what was expected. Choose one metric, grain and breakdown.';
COMMENT ON VIEW bi.metric_point IS
    'The series that are watched, over all and broken down side by side: what was seen in each closed window, and what was expected. Choose one metric, grain and breakdown, or take bi.metric_total and bi.metric_by.';

DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT v.oid::regclass AS view, a.attname, col_description('weir.metric_point'::regclass, b.attnum) AS words
        FROM pg_class v
        JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0
        JOIN pg_attribute b ON b.attrelid = 'weir.metric_point'::regclass AND b.attname = a.attname
        WHERE v.relnamespace = 'bi'::regnamespace AND v.relname IN ('metric_total', 'metric_by')
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', said.view, said.attname, said.words);
    END LOOP;
END
$$;

REVOKE ALL ON bi.metric_total, bi.metric_by FROM PUBLIC;
GRANT SELECT ON bi.metric_total, bi.metric_by TO weir_reader;
