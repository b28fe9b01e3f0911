-- That the leading bottleneck of a pipeline is another stage than before.
CREATE OR REPLACE VIEW bi.bottleneck_now AS
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
       w.waiting, w.owner_id, w.overdue, w.overdue_amount_reporting, w.oldest, s.definition, s.as_of,
       m.started_at AS leads_since, m.evidence ->> 'before' AS led_before
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
    WHERE o.alert_id = s.alert_id) w ON true
LEFT JOIN LATERAL (
    SELECT a.started_at, a.evidence
    FROM weir.alert a
    WHERE NOT a.deleted AND a.kind = 'bottleneck_moved' AND a.status IN ('firing', 'acknowledged')
      AND a.subject = s.subject AND a.definition = s.definition
    ORDER BY a.started_at DESC
    LIMIT 1) m ON true;
COMMENT ON COLUMN bi.bottleneck_now.leads_since IS
    'Since when it leads in the place of another stage; empty where none led before it, or another still does.';
COMMENT ON COLUMN bi.bottleneck_now.led_before IS 'The stage that led before.';
COMMENT ON COLUMN weir.alert.kind IS
    'What was found: stalled, bottleneck, bottleneck_moved, conversion_drop, win_rate_drop, volume_drop, volume_rise, unusual, digest.';
COMMENT ON COLUMN bi.alert.kind IS
    'What was found: stalled, bottleneck, bottleneck_moved, conversion_drop, win_rate_drop, volume_drop, volume_rise, unusual, digest.';
