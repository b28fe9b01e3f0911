-- Why a rate moved: what the values of a breakdown did themselves, and what their shares did.
CREATE VIEW bi.funnel_moved AS
WITH point AS (
    SELECT metric, definition, grain, breakdown, value, window_start, numerator, denominator, as_of,
           dense_rank() OVER (PARTITION BY metric, definition, grain, breakdown ORDER BY window_start) AS nth
    FROM weir.metric_point
    WHERE NOT deleted AND kind = 'rate' AND metric LIKE 'conversion/%' AND breakdown <> '(total)'),
closed AS (
    SELECT metric, definition, grain, breakdown, nth, min(window_start) AS window_start, max(as_of) AS as_of
    FROM point
    GROUP BY metric, definition, grain, breakdown, nth),
-- Each point counts for its own window, and before for the eight after it.
counted AS (
    SELECT p.metric, p.definition, p.grain, p.breakdown, p.value, p.nth + later AS nth,
           coalesce(sum(p.numerator) FILTER (WHERE later > 0), 0) AS k0,
           coalesce(sum(p.denominator) FILTER (WHERE later > 0), 0) AS n0,
           coalesce(sum(p.numerator) FILTER (WHERE later = 0), 0) AS k1,
           coalesce(sum(p.denominator) FILTER (WHERE later = 0), 0) AS n1
    FROM point p
    CROSS JOIN generate_series(0, 8) AS later
    GROUP BY p.metric, p.definition, p.grain, p.breakdown, p.value, p.nth + later),
whole AS (
    SELECT c.*, sum(k0) OVER breakdown AS wk0, sum(n0) OVER breakdown AS wn0,
           sum(k1) OVER breakdown AS wk1, sum(n1) OVER breakdown AS wn1
    FROM counted c
    WINDOW breakdown AS (PARTITION BY metric, definition, grain, breakdown, nth)),
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
    WINDOW breakdown AS (PARTITION BY metric, definition, grain, breakdown, nth))
SELECT split_part(s.metric, '/', 2) AS funnel, split_part(s.metric, '/', 3) AS step, s.grain, c.window_start,
       s.breakdown, s.value,
       row_number() OVER (PARTITION BY s.metric, s.definition, s.grain, s.breakdown, s.nth
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
       s.definition, c.as_of
FROM summed s
JOIN closed c ON c.metric = s.metric AND c.definition = s.definition AND c.grain = s.grain
    AND c.breakdown = s.breakdown AND c.nth = s.nth;
COMMENT ON VIEW bi.funnel_moved IS
    'Why the rate of a step, among those who reached the step before it, moved in a closed window against the eight before: for each value of a breakdown what its own rate and what its share did. Choose one breakdown; then moved sums to change exactly. It describes; it does not say what caused either part.';
COMMENT ON COLUMN bi.funnel_moved.funnel IS 'The funnel.';
COMMENT ON COLUMN bi.funnel_moved.step IS 'Name of the step.';
COMMENT ON COLUMN bi.funnel_moved.grain IS 'Length of the window: day, week, month or quarter.';
COMMENT ON COLUMN bi.funnel_moved.window_start IS 'First instant of the window.';
COMMENT ON COLUMN bi.funnel_moved.breakdown IS 'By what the change is split.';
COMMENT ON COLUMN bi.funnel_moved.value IS 'The value of the breakdown.';
COMMENT ON COLUMN bi.funnel_moved.place IS '1 for the value that moved the whole most, either way.';
COMMENT ON COLUMN bi.funnel_moved.rate_before IS 'Its rate in the windows before, put together.';
COMMENT ON COLUMN bi.funnel_moved.rate_now IS 'Its rate in the window.';
COMMENT ON COLUMN bi.funnel_moved.weight_before IS 'Its share of all trials before, 0 to 1.';
COMMENT ON COLUMN bi.funnel_moved.weight_now IS 'Its share of all trials in the window, 0 to 1.';
COMMENT ON COLUMN bi.funnel_moved.rate_part IS 'How far its own rate moved the whole.';
COMMENT ON COLUMN bi.funnel_moved.mix_part IS 'How far its share moved the whole.';
COMMENT ON COLUMN bi.funnel_moved.moved IS 'How far the value moved the whole: rate_part and mix_part.';
COMMENT ON COLUMN bi.funnel_moved.whole_before IS 'Rate of the whole in the windows before.';
COMMENT ON COLUMN bi.funnel_moved.whole_now IS 'Rate of the whole in the window.';
COMMENT ON COLUMN bi.funnel_moved.change IS 'How far the whole moved.';
COMMENT ON COLUMN bi.funnel_moved.whole_rate_part IS 'Sum of rate_part over the values of the breakdown.';
COMMENT ON COLUMN bi.funnel_moved.whole_mix_part IS 'Sum of mix_part over the values; both sums are the change.';
COMMENT ON COLUMN bi.funnel_moved.cause IS
    'rate or mix when that is two thirds of both parts'' sizes, else both. mix with steady rates is Simpson''s case.';
COMMENT ON COLUMN bi.funnel_moved.n_before IS 'Trials in the windows before.';
COMMENT ON COLUMN bi.funnel_moved.n IS 'Trials in the window.';
COMMENT ON COLUMN bi.funnel_moved.evidence IS 'none for no trial in the window, thin below 10, else enough.';
COMMENT ON COLUMN bi.funnel_moved.definition IS 'Hash of the funnel.';
COMMENT ON COLUMN bi.funnel_moved.as_of IS 'Event time up to which the window was known.';
GRANT SELECT ON bi.funnel_moved TO weir_reader;
