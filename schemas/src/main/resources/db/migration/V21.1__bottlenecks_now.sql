-- What a stage that got slow costs, and the deals that wait in it longest.
CREATE VIEW bi.bottleneck_now AS
WITH slow AS (
    SELECT a.alert_id, a.subject, split_part(a.subject, '/', 1) AS pipeline, substr(a.subject, strpos(a.subject, '/') + 1) AS stage,
           a.breakdown, a.value, a.started_at, a.definition, a.as_of,
           (a.evidence ->> 'from')::double precision AS days_before,
           (a.evidence ->> 'to')::double precision AS days_now,
           (a.evidence ->> 'extra_wip')::double precision AS extra_wip
    FROM weir.alert a
    WHERE NOT a.deleted AND a.kind = 'bottleneck' AND a.status IN ('firing', 'acknowledged')),
waiting AS (
    SELECT s.alert_id, v.deal_id, v.owner_id, v.amount_reporting,
           extract(epoch FROM s.as_of - v.entered_at)::double precision AS age_seconds,
           (SELECT h.survival
            FROM weir.stage_hazard h
            WHERE h.pipeline = s.pipeline AND h.stage = s.stage AND h.definition = s.definition AND NOT h.deleted
              AND h.breakdown = '(total)' AND h.age_to_seconds <= extract(epoch FROM s.as_of - v.entered_at)
            ORDER BY h.age_from_seconds DESC
            LIMIT 1) AS survival
    FROM slow s
    JOIN weir.stage_visit v ON v.pipeline = s.pipeline AND v.stage = s.stage AND v.definition = s.definition
                           AND NOT v.deleted AND v.exited_at IS NULL
                           AND (s.breakdown = '(total)' OR v.breakdowns ->> s.breakdown = s.value))
SELECT s.alert_id,
       rank() OVER (PARTITION BY s.pipeline, s.definition ORDER BY s.extra_wip DESC, s.alert_id) AS change_rank,
       s.pipeline, s.stage, s.breakdown, s.value, s.started_at,
       s.days_before, s.days_now, s.days_now - s.days_before AS days_lost_per_deal, s.extra_wip,
       w.waiting, w.owner_id, w.overdue, w.overdue_amount_reporting, w.oldest, s.definition, s.as_of
FROM slow s
LEFT JOIN LATERAL (
    SELECT count(*) AS waiting,
           mode() WITHIN GROUP (ORDER BY o.owner_id) AS owner_id,
           count(*) FILTER (WHERE o.survival < 0.15) AS overdue,
           sum(o.amount_reporting) FILTER (WHERE o.survival < 0.15) AS overdue_amount_reporting,
           (SELECT jsonb_agg(jsonb_build_object('deal_id', p.deal_id, 'owner_id', p.owner_id,
                                                'days', round((p.age_seconds / 86400)::numeric, 1), 'survival', p.survival)
                             ORDER BY p.age_seconds DESC)
            FROM (SELECT * FROM waiting q WHERE q.alert_id = s.alert_id AND q.survival < 0.15
                  ORDER BY q.age_seconds DESC LIMIT 10) p) AS oldest
    FROM waiting o
    WHERE o.alert_id = s.alert_id) w ON true;
COMMENT ON VIEW bi.bottleneck_now IS
    'Stages that are slower than they were, as far as it stands: where, for whom, what it costs, and the deals that wait longest. A stage that recovers leaves the view; the alert tells when.';
COMMENT ON COLUMN bi.bottleneck_now.alert_id IS 'The alert.';
COMMENT ON COLUMN bi.bottleneck_now.change_rank IS '1 for the stage of the pipeline with the greatest extra_wip: the leading bottleneck.';
COMMENT ON COLUMN bi.bottleneck_now.pipeline IS 'The pipeline.';
COMMENT ON COLUMN bi.bottleneck_now.stage IS 'The stage that got slow.';
COMMENT ON COLUMN bi.bottleneck_now.breakdown IS 'By what the segment is told apart that got slow; (total) when all did.';
COMMENT ON COLUMN bi.bottleneck_now.value IS 'The segment that got slow; (total) when all did.';
COMMENT ON COLUMN bi.bottleneck_now.started_at IS 'Since when.';
COMMENT ON COLUMN bi.bottleneck_now.days_before IS 'Days a deal spent in the stage before: time at risk per exit.';
COMMENT ON COLUMN bi.bottleneck_now.days_now IS 'Days a deal spends in it now.';
COMMENT ON COLUMN bi.bottleneck_now.days_lost_per_deal IS 'The difference.';
COMMENT ON COLUMN bi.bottleneck_now.extra_wip IS 'Deals that will wait there beyond the usual: arrivals a day times days lost.';
COMMENT ON COLUMN bi.bottleneck_now.waiting IS 'Deals of the segment that wait in the stage.';
COMMENT ON COLUMN bi.bottleneck_now.owner_id IS 'Who owns most of them.';
COMMENT ON COLUMN bi.bottleneck_now.overdue IS 'Of those that wait, how many are older than 85 in 100 visits ever get.';
COMMENT ON COLUMN bi.bottleneck_now.overdue_amount_reporting IS 'What those are worth in the reporting currency.';
COMMENT ON COLUMN bi.bottleneck_now.oldest IS 'The ten oldest of them: deal, owner, days in the stage, share of visits that last as long.';
COMMENT ON COLUMN bi.bottleneck_now.definition IS 'Hash of the pipeline by which the row was computed.';
COMMENT ON COLUMN bi.bottleneck_now.as_of IS 'Event time up to which the alerts were known.';
GRANT SELECT ON bi.bottleneck_now TO weir_reader;
