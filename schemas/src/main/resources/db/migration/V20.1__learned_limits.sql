-- How long deals take in each stage, learned from what is known when a month begins: what a playbook's stage without
-- stalled_after may keep under `learned`.
CREATE VIEW bi.learned_limit AS
WITH known AS (
    SELECT date_trunc('month', max(as_of), 'UTC') AS effective_from FROM weir.deal),
visit AS (
    SELECT v.pipeline, v.stage, v.definition,
           extract(epoch FROM least(v.exited_at, k.effective_from) - v.entered_at)::double precision AS seconds,
           coalesce(v.exited_at <= k.effective_from AND v.exit NOT IN ('merged', 'moved_pipeline', 'deleted'), false) AS ended
    FROM weir.stage_visit v
    CROSS JOIN known k
    WHERE NOT v.deleted AND v.entered_at < k.effective_from AND v.stage NOT LIKE '(%'),
at_age AS (
    SELECT pipeline, definition, seconds, count(*) AS visits, count(*) FILTER (WHERE ended) AS ended
    FROM visit
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
    GROUP BY pipeline, definition),
stage AS (
    SELECT pipeline, stage, definition, count(*) FILTER (WHERE ended) AS visits,
           percentile_cont(0.85) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE ended) AS p85
    FROM visit
    GROUP BY pipeline, stage, definition)
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
COMMENT ON VIEW bi.learned_limit IS
    'How long a deal may stand still in each stage, learned from the visits known when the present month began. Added to a stage''s list `learned` in the playbook it is fixed: what was learned earlier stays as it was, so every recount is given the same.';
COMMENT ON COLUMN bi.learned_limit.pipeline IS 'The pipeline.';
COMMENT ON COLUMN bi.learned_limit.stage IS 'The stage.';
COMMENT ON COLUMN bi.learned_limit.effective_from IS 'Start of the present month in UTC: what happened since is not learned from.';
COMMENT ON COLUMN bi.learned_limit.seconds IS 'The limit in seconds.';
COMMENT ON COLUMN bi.learned_limit.visits IS 'Visits to the stage that had ended by then.';
COMMENT ON COLUMN bi.learned_limit.basis IS
    'From 30 visits on the length that 85 in 100 of them stay under; before, twice the median of all stages of the pipeline together, the visits that last counted as such (Kaplan-Meier).';
COMMENT ON COLUMN bi.learned_limit.learned IS 'The item as the playbook''s list takes it.';
COMMENT ON COLUMN bi.learned_limit.definition IS 'Hash of the pipeline by which the visits were computed.';

REVOKE ALL ON bi.learned_limit FROM PUBLIC;
GRANT SELECT ON bi.learned_limit TO weir_reader;
