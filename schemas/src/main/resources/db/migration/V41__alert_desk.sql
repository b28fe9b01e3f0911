-- How an alert reaches people, and what they said of it.
ALTER TABLE weir.alert
    ADD COLUMN delivery        text,
    ADD COLUMN deliver_after   timestamptz,
    ADD COLUMN runbook         text,
    ADD COLUMN cause           text,
    ADD COLUMN confidence      double precision,
    ADD COLUMN acknowledged_by text;

CREATE OR REPLACE VIEW bi.alert AS
SELECT alert_id, kind, severity, status, metric, breakdown, value, subject, team, owner_id, summary, started_at, ended_at,
       evidence, verdict, as_of, delivery, deliver_after, runbook, cause, confidence, acknowledged_by
FROM weir.alert
WHERE NOT deleted;

DO $$
DECLARE
    place text;
BEGIN
    FOREACH place IN ARRAY ARRAY['weir.alert', 'bi.alert'] LOOP
        EXECUTE format('COMMENT ON COLUMN %s.delivery IS %L', place,
            'page: it is told by itself; digest: in a digest, which is the alert of kind digest; none: it stands here only.');
        EXECUTE format('COMMENT ON COLUMN %s.deliver_after IS %L', place,
            'Not told before: quiet hours, maintenance or a silence end then. Empty: at once.');
        EXECUTE format('COMMENT ON COLUMN %s.runbook IS %L', place, 'Link to what to do about it.');
        EXECUTE format('COMMENT ON COLUMN %s.cause IS %L', place, 'Why it is likely: rate, mix, unknown.');
        EXECUTE format('COMMENT ON COLUMN %s.confidence IS %L', place, 'That it is no chance, from 0 to 1; empty where nothing can be said of it.');
        EXECUTE format('COMMENT ON COLUMN %s.acknowledged_by IS %L', place, 'Who has taken it on.');
    END LOOP;
END $$;
