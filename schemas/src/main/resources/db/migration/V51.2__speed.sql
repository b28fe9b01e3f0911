-- The views at five years and fifty segments: `scripts/bench warehouse` says how long each takes.

-- Bounds in two steps instead of some twelve: a good start, and a step that leaves the cube of the error.
CREATE OR REPLACE FUNCTION bi.jeffreys(successes bigint, trials bigint, share double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    a    CONSTANT double precision := successes + 0.5;
    b    CONSTANT double precision := trials - successes + 0.5;
    low  double precision := 0;
    high double precision := 1;
    norm double precision;
    x    double precision;
    y    double precision;
    z    double precision;
    h    double precision;
    over double precision;
    step double precision;
    -- The continued fraction of bi.beta_share, written out here: a call costs as much as it does.
    p    double precision;
    q    double precision;
    c    double precision;
    d    double precision;
    f    double precision;
    e    double precision;
BEGIN
    IF trials <= 0 OR successes < 0 OR successes > trials THEN RETURN NULL; END IF;
    IF successes = 0 AND share < 0.5 THEN RETURN 0; END IF;
    IF successes = trials AND share > 0.5 THEN RETURN 1; END IF;
    norm := bi.log_gamma(a + b) - bi.log_gamma(a) - bi.log_gamma(b);
    IF successes = 0 OR successes = trials THEN
        x := a / (a + b);
    ELSE
        -- A start within a thousandth: Abramowitz and Stegun 26.5.22, with 26.2.22 for the normal quantile.
        y := sqrt(-2 * ln(least(share, 1 - share)));
        y := (y - (2.30753 + y * 0.27061) / (1 + y * (0.99229 + y * 0.04481))) * sign(0.5 - share);
        z := (y * y - 3) / 6;
        h := 2 / (1 / (2 * a - 1) + 1 / (2 * b - 1));
        x := a / (a + b * exp(2 * (y * sqrt(h + z) / h
                                   - (1 / (2 * b - 1) - 1 / (2 * a - 1)) * (z + 5.0 / 6 - 2 / (3 * h)))));
        IF NOT x > 0 OR NOT x < 1 THEN x := a / (a + b); END IF;
    END IF;
    -- Halley's steps, and a halving where one leaves the bracket.
    FOR i IN 1..60 LOOP
        IF x > (a + 1) / (a + b + 2) THEN p := b; q := a; y := 1 - x; ELSE p := a; q := b; y := x; END IF;
        c := 1;
        d := 1 / (1 - (p + q) * y / (p + 1));
        f := d;
        FOR m IN 1..300 LOOP
            e := m * (q - m) * y / ((p + 2 * m - 1) * (p + 2 * m));
            d := 1 / (1 + e * d);
            c := 1 + e / c;
            f := f * c * d;
            e := -(p + m) * (p + q + m) * y / ((p + 2 * m) * (p + 2 * m + 1));
            d := 1 / (1 + e * d);
            c := 1 + e / c;
            f := f * c * d;
            EXIT WHEN abs(c * d - 1) < 1e-10;
        END LOOP;
        z := exp(norm + a * ln(x) + b * ln(1 - x));
        f := z * f / p;
        over := CASE WHEN p = a AND y = x THEN f ELSE 1 - f END - share;
        IF over > 0 THEN high := x; ELSE low := x; END IF;
        step := over * x * (1 - x) / z;
        step := step / (1 - 0.5 * least(1, step * ((a - 1) / x - (b - 1) / (1 - x))));
        x := x - step;
        -- The next step would be of the order of this one's cube.
        EXIT WHEN abs(step) < 1e-4 * least(x, 1 - x);
        IF x <= low OR x >= high THEN x := (low + high) / 2; END IF;
    END LOOP;
    RETURN x;
END
$$;

CREATE INDEX funnel_attempt_started_at ON weir.funnel_attempt (funnel, started_at);
CREATE INDEX metric_point_grain ON weir.metric_point (grain, breakdown, metric);

-- Visits are put together before they are broken down, and weeks without any are added as noughts instead of joined.
CREATE OR REPLACE VIEW bi.market_week AS
WITH pipeline AS (
    SELECT pipeline, definition, max(timezone) AS timezone, max(as_of) AS as_of
    FROM weir.stage_flow
    WHERE NOT deleted
    GROUP BY pipeline, definition),
happened AS MATERIALIZED (
    SELECT p.pipeline, p.definition, v.breakdowns, date_trunc('week', v.happened_at, p.timezone) AS week,
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
    GROUP BY p.pipeline, p.definition, v.breakdowns, week),
split AS MATERIALIZED (
    SELECT h.pipeline, h.definition, b.breakdown, b.value, h.week,
           sum(h.demand) AS demand, sum(h.won) AS won, sum(h.lost) AS lost
    FROM happened h
    CROSS JOIN LATERAL (
        SELECT '(total)', '(total)'
        UNION ALL
        SELECT key, value FROM jsonb_each_text(h.breakdowns)) b (breakdown, value)
    GROUP BY h.pipeline, h.definition, b.breakdown, b.value, h.week),
weeks AS (
    SELECT p.pipeline, p.definition, day AS window_date, day AT TIME ZONE p.timezone AS week
    FROM pipeline p
    JOIN (SELECT pipeline, definition, min(week) AS first FROM happened GROUP BY pipeline, definition) f
        ON f.pipeline = p.pipeline AND f.definition = p.definition
    CROSS JOIN LATERAL generate_series(
        f.first AT TIME ZONE p.timezone,
        (date_trunc('week', p.as_of, p.timezone) AT TIME ZONE p.timezone) - interval '7 days',
        interval '7 days') AS day),
filled AS (
    SELECT pipeline, definition, breakdown, value, week,
           sum(demand) AS demand, sum(won) AS won, sum(lost) AS lost
    FROM (
        SELECT pipeline, definition, breakdown, value, week, demand, won, lost FROM split
        UNION ALL
        SELECT w.pipeline, w.definition, n.breakdown, n.value, w.week, 0, NULL, NULL
        FROM weeks w
        JOIN (SELECT DISTINCT pipeline, definition, breakdown, value FROM split) n
            ON n.pipeline = w.pipeline AND n.definition = w.definition) u
    GROUP BY pipeline, definition, breakdown, value, week),
whole AS (
    SELECT f.*, sum(demand) FILTER (WHERE breakdown = '(total)') OVER (PARTITION BY pipeline, definition, week) AS all_demand
    FROM filled f)
SELECT w.pipeline, w.week AS window_start,
       ((w.week AT TIME ZONE p.timezone) + interval '7 days') AT TIME ZONE p.timezone AS window_end,
       (w.week AT TIME ZONE p.timezone)::date AS window_date, p.timezone, w.breakdown, w.value,
       w.demand::bigint AS demand, coalesce(w.won, 0)::bigint AS won, coalesce(w.lost, 0)::bigint AS lost,
       w.won::double precision / nullif(w.won + w.lost, 0) AS win_rate,
       bi.jeffreys(w.won::bigint, (w.won + w.lost)::bigint, 0.025) AS low,
       bi.jeffreys(w.won::bigint, (w.won + w.lost)::bigint, 0.975) AS high,
       coalesce(w.won + w.lost, 0)::bigint AS n,
       bi.evidence((w.won + w.lost)::bigint) AS evidence,
       w.demand::double precision / nullif(w.all_demand, 0) AS demand_share,
       w.definition, p.as_of
FROM whole w
JOIN pipeline p ON p.pipeline = w.pipeline AND p.definition = w.definition
WHERE w.week < date_trunc('week', p.as_of, p.timezone);

CREATE OR REPLACE VIEW bi.market_trend AS
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
-- Most series have the same number of weeks.
quantile AS MATERIALIZED (
    SELECT freedom, bi.t_quantile(freedom::double precision) AS t
    FROM (SELECT DISTINCT weeks - seasons - 1 AS freedom FROM sums) f),
fit AS (
    SELECT s.*, q.freedom, ty / nullif(tt, 0) AS slope,
           q.t * sqrt(greatest(yy - ty * ty / nullif(tt, 0), 0) / nullif(greatest(weeks - seasons - 1, 0), 0)
                   / nullif(tt, 0)) AS half
    FROM sums s
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

-- Who asks for one funnel, grain and breakdown has only those points read.
CREATE OR REPLACE VIEW bi.funnel_moved AS
WITH point AS NOT MATERIALIZED (
    SELECT metric, definition, grain, breakdown, value, window_start, numerator, denominator, as_of
    FROM weir.metric_point
    WHERE NOT deleted AND kind = 'rate' AND metric LIKE 'conversion/%' AND breakdown <> '(total)'),
-- A value without a point has noughts there: it may have had some in the eight windows before.
filled AS (
    SELECT metric, definition, grain, breakdown, value, window_start,
           sum(numerator) AS k1, sum(denominator) AS n1, max(as_of) AS as_of
    FROM (
        SELECT metric, definition, grain, breakdown, value, window_start, numerator, denominator, as_of FROM point
        UNION ALL
        SELECT c.metric, c.definition, c.grain, c.breakdown, v.value, c.window_start, 0, 0, NULL
        FROM (SELECT DISTINCT metric, definition, grain, breakdown, window_start FROM point) c
        JOIN (SELECT DISTINCT metric, definition, grain, breakdown, value FROM point) v
            ON v.metric = c.metric AND v.definition = c.definition AND v.grain = c.grain AND v.breakdown = c.breakdown) u
    GROUP BY metric, definition, grain, breakdown, value, window_start),
counted AS (
    SELECT f.*, coalesce(sum(k1) OVER before, 0) AS k0, coalesce(sum(n1) OVER before, 0) AS n0
    FROM filled f
    WINDOW before AS (PARTITION BY metric, definition, grain, breakdown, value ORDER BY window_start
                      ROWS BETWEEN 8 PRECEDING AND 1 PRECEDING)),
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

CREATE OR REPLACE VIEW bi.learned_limit AS
WITH known AS (
    SELECT date_trunc('month', max(as_of), 'UTC') AS effective_from FROM weir.deal),
visit AS (
    SELECT v.pipeline, v.stage, v.definition,
           extract(epoch FROM least(v.exited_at, k.effective_from) - v.entered_at)::double precision AS seconds,
           coalesce(v.exited_at <= k.effective_from AND v.exit NOT IN ('merged', 'moved_pipeline', 'deleted'), false) AS ended
    FROM weir.stage_visit v
    CROSS JOIN known k
    WHERE NOT v.deleted AND v.entered_at < k.effective_from AND v.stage NOT LIKE '(%'),
stage AS (
    SELECT pipeline, stage, definition, count(*) FILTER (WHERE ended) AS visits,
           percentile_cont(0.85) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE ended) AS p85
    FROM visit
    GROUP BY pipeline, stage, definition),
-- Only where a stage has too few visits of its own.
thin AS (
    SELECT DISTINCT pipeline, definition
    FROM stage
    WHERE visits < 30),
at_age AS (
    SELECT pipeline, definition, seconds, count(*) AS visits, count(*) FILTER (WHERE ended) AS ended
    FROM visit
    JOIN thin USING (pipeline, definition)
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
