-- Demand, win rate and mix by week, and where they are going.
CREATE FUNCTION bi.t_quantile(freedom double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    low  double precision := 0;
    high double precision := 1;
    t    double precision;
BEGIN
    IF freedom <= 0 THEN RETURN NULL; END IF;
    -- P(|T| > t) is a share of a beta distribution (Abramowitz and Stegun 26.7.1), falling in t.
    WHILE bi.beta_share(freedom / (freedom + high * high), freedom / 2, 0.5) > 0.05 LOOP
        high := 2 * high;
    END LOOP;
    FOR i IN 1..60 LOOP
        t := (low + high) / 2;
        EXIT WHEN high - low < 1e-9 * high;
        IF bi.beta_share(freedom / (freedom + t * t), freedom / 2, 0.5) > 0.05 THEN low := t; ELSE high := t; END IF;
    END LOOP;
    RETURN t;
END
$$;
COMMENT ON FUNCTION bi.t_quantile(double precision) IS
    'The 97.5 % quantile of Student''s t: what a standard error is multiplied by for a 95 % interval.';

CREATE VIEW bi.market_week AS
WITH pipeline AS (
    SELECT pipeline, definition, max(timezone) AS timezone, max(as_of) AS as_of
    FROM weir.stage_flow
    WHERE NOT deleted
    GROUP BY pipeline, definition),
visit AS (
    SELECT v.pipeline, v.definition, p.timezone, v.visit_no, v.entered_at, v.exited_at, v.exit, b.breakdown, b.value
    FROM weir.stage_visit v
    JOIN pipeline p ON p.pipeline = v.pipeline AND p.definition = v.definition
    CROSS JOIN LATERAL (
        SELECT '(total)', '(total)'
        UNION ALL
        SELECT key, value FROM jsonb_each_text(v.breakdowns)) b (breakdown, value)
    WHERE NOT v.deleted AND (v.visit_no = 1 OR v.exit IN ('won', 'lost'))),
happened AS (
    SELECT pipeline, definition, breakdown, value, date_trunc('week', entered_at, timezone) AS week,
           1 AS demand, 0 AS won, 0 AS lost
    FROM visit
    WHERE visit_no = 1
    UNION ALL
    SELECT pipeline, definition, breakdown, value, date_trunc('week', exited_at, timezone),
           0, (exit = 'won')::int, (exit = 'lost')::int
    FROM visit
    WHERE exit IN ('won', 'lost')),
counted AS (
    SELECT pipeline, definition, breakdown, value, week,
           sum(demand) AS demand, sum(won) AS won, sum(lost) AS lost
    FROM happened
    GROUP BY pipeline, definition, breakdown, value, week),
weeks AS (
    SELECT p.pipeline, p.definition, p.timezone, p.as_of, day AS window_date,
           day AT TIME ZONE p.timezone AS window_start, (day + interval '7 days') AT TIME ZONE p.timezone AS window_end
    FROM pipeline p
    JOIN (SELECT pipeline, definition, min(week) AS first FROM counted GROUP BY pipeline, definition) f
        ON f.pipeline = p.pipeline AND f.definition = p.definition
    CROSS JOIN LATERAL generate_series(
        f.first AT TIME ZONE p.timezone,
        (date_trunc('week', p.as_of, p.timezone) AT TIME ZONE p.timezone) - interval '7 days',
        interval '7 days') AS day),
named AS (SELECT DISTINCT pipeline, definition, breakdown, value FROM counted)
SELECT w.pipeline, w.window_start, w.window_end, w.window_date::date AS window_date, w.timezone, n.breakdown, n.value,
       coalesce(c.demand, 0)::bigint AS demand, coalesce(c.won, 0)::bigint AS won, coalesce(c.lost, 0)::bigint AS lost,
       c.won::double precision / nullif(c.won + c.lost, 0) AS win_rate,
       bi.jeffreys(c.won::bigint, (c.won + c.lost)::bigint, 0.025) AS low,
       bi.jeffreys(c.won::bigint, (c.won + c.lost)::bigint, 0.975) AS high,
       coalesce(c.won + c.lost, 0)::bigint AS n,
       bi.evidence((c.won + c.lost)::bigint) AS evidence,
       coalesce(c.demand, 0)::double precision / nullif(t.demand, 0) AS demand_share,
       w.definition, w.as_of
FROM weeks w
JOIN named n ON n.pipeline = w.pipeline AND n.definition = w.definition
LEFT JOIN counted c
    ON c.pipeline = w.pipeline AND c.definition = w.definition AND c.week = w.window_start
    AND c.breakdown = n.breakdown AND c.value = n.value
LEFT JOIN counted t
    ON t.pipeline = w.pipeline AND t.definition = w.definition AND t.week = w.window_start AND t.breakdown = '(total)';
COMMENT ON VIEW bi.market_week IS
    'Demand, win rate and mix of each complete week, weeks without deals too, over all and by each breakdown: choose one.';
COMMENT ON COLUMN bi.market_week.pipeline IS 'The pipeline.';
COMMENT ON COLUMN bi.market_week.window_start IS 'First instant of the week.';
COMMENT ON COLUMN bi.market_week.window_end IS 'First instant after it.';
COMMENT ON COLUMN bi.market_week.window_date IS 'Its Monday, in timezone.';
COMMENT ON COLUMN bi.market_week.timezone IS 'Time zone by which weeks are cut.';
COMMENT ON COLUMN bi.market_week.breakdown IS 'By what the numbers are broken down; (total) when they are not.';
COMMENT ON COLUMN bi.market_week.value IS 'The value of the breakdown, as it was when the deal entered the stage; (total), or (unknown).';
COMMENT ON COLUMN bi.market_week.demand IS 'Deals that began in the week.';
COMMENT ON COLUMN bi.market_week.won IS 'Deals won in the week.';
COMMENT ON COLUMN bi.market_week.lost IS 'Deals lost in the week.';
COMMENT ON COLUMN bi.market_week.win_rate IS 'Won of those closed in the week, 0 to 1; empty without any.';
COMMENT ON COLUMN bi.market_week.low IS 'Lower end of the 95 % interval of win_rate.';
COMMENT ON COLUMN bi.market_week.high IS 'Upper end of the 95 % interval of win_rate.';
COMMENT ON COLUMN bi.market_week.n IS 'Deals closed in the week.';
COMMENT ON COLUMN bi.market_week.evidence IS 'none for no deal closed, thin below 10, else enough.';
COMMENT ON COLUMN bi.market_week.demand_share IS 'Its part of the demand of the week, 0 to 1; empty in a week without any.';
COMMENT ON COLUMN bi.market_week.definition IS 'Hash of the pipeline.';
COMMENT ON COLUMN bi.market_week.as_of IS 'Event time up to which the pipeline is known.';

CREATE VIEW bi.market_trend AS
WITH point AS (
    SELECT m.pipeline, m.definition, m.as_of, m.breakdown, m.value, x.measure, x.y, x.weight,
           -- By the calendar: a week with a clock change is a week too.
           (m.window_date - date '1970-01-05')::double precision / 7 AS t,
           m.window_date,
           count(*) OVER series AS weeks
    FROM bi.market_week m
    CROSS JOIN LATERAL (VALUES
        ('demand', m.demand::double precision, 1::double precision),
        ('win_rate', m.win_rate, m.n::double precision),
        ('demand_share', m.demand_share, 1)) AS x (measure, y, weight)
    WHERE x.y IS NOT NULL AND m.window_start >= m.as_of - interval '105 weeks'
      AND (x.measure <> 'demand_share' OR m.breakdown <> '(total)')
    WINDOW series AS (PARTITION BY m.pipeline, m.definition, m.breakdown, m.value, x.measure)),
seasonal AS (
    -- The months of a quarter repeat from four quarters on; months three apart are one season wherever quarters begin.
    SELECT p.*, CASE WHEN weeks >= 52 THEN extract(month FROM window_date)::int % 3 ELSE 0 END AS season
    FROM point p),
apart AS (
    SELECT s.*,
           s.t - sum(s.weight * s.t) OVER season / sum(s.weight) OVER season AS tc,
           s.y - sum(s.weight * s.y) OVER season / sum(s.weight) OVER season AS yc
    FROM seasonal s
    WINDOW season AS (PARTITION BY s.pipeline, s.definition, s.breakdown, s.value, s.measure, s.season)),
sums AS (
    SELECT pipeline, definition, breakdown, value, measure, max(as_of) AS as_of, count(*) AS weeks,
           count(DISTINCT season) AS seasons,
           sum(weight * y) / sum(weight) AS level,
           sum(weight * tc * tc) AS tt, sum(weight * tc * yc) AS ty, sum(weight * yc * yc) AS yy
    FROM apart
    GROUP BY pipeline, definition, breakdown, value, measure),
fit AS (
    SELECT s.*, weeks - seasons - 1 AS freedom, ty / nullif(tt, 0) AS slope,
           bi.t_quantile((weeks - seasons - 1)::double precision)
               * sqrt(greatest(yy - ty * ty / nullif(tt, 0), 0) / nullif(greatest(weeks - seasons - 1, 0), 0)
                   / nullif(tt, 0)) AS half
    FROM sums s)
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
COMMENT ON VIEW bi.market_trend IS
    'Where demand, win rate and mix of the last two years are going, over all and for each value of each breakdown: least squares over complete weeks, with the month of the quarter taken out from 52 weeks on. The interval takes weeks as independent. A trend describes; it does not say why.';
COMMENT ON COLUMN bi.market_trend.pipeline IS 'The pipeline.';
COMMENT ON COLUMN bi.market_trend.breakdown IS 'By what the numbers are broken down, such as segment, product or region; (total) when they are not.';
COMMENT ON COLUMN bi.market_trend.value IS 'The value of the breakdown; (total), or (unknown).';
COMMENT ON COLUMN bi.market_trend.measure IS 'demand: deals that began in a week; win_rate: won of those closed, weeks weighted by how many; demand_share: part of all demand.';
COMMENT ON COLUMN bi.market_trend.weeks IS 'Complete weeks behind the slope.';
COMMENT ON COLUMN bi.market_trend.is_seasonal IS 'Whether the month of the quarter was taken out.';
COMMENT ON COLUMN bi.market_trend.level IS 'Mean over these weeks.';
COMMENT ON COLUMN bi.market_trend.slope_per_week IS 'Change of the measure a week.';
COMMENT ON COLUMN bi.market_trend.low IS 'Lower end of the 95 % interval of slope_per_week.';
COMMENT ON COLUMN bi.market_trend.high IS 'Upper end of the 95 % interval of slope_per_week.';
COMMENT ON COLUMN bi.market_trend.least_seen IS 'A slope smaller than this stays unseen among these weeks.';
COMMENT ON COLUMN bi.market_trend.direction IS 'rising or falling when the interval is on one side of zero, else not clear.';
COMMENT ON COLUMN bi.market_trend.evidence IS 'none with too few weeks for an interval, thin below 8 weeks, else enough.';
COMMENT ON COLUMN bi.market_trend.definition IS 'Hash of the pipeline.';
COMMENT ON COLUMN bi.market_trend.as_of IS 'Event time up to which the pipeline is known.';
GRANT SELECT ON bi.market_week, bi.market_trend TO weir_reader;
REVOKE ALL ON FUNCTION bi.t_quantile(double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bi.t_quantile(double precision) TO weir_reader;
