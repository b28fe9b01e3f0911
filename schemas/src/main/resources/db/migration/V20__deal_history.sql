-- How deals stood over time, the waterfall of each pipeline, and the last sign of life of a deal.
ALTER TABLE weir.deal ADD COLUMN last_activity_at timestamptz;
COMMENT ON COLUMN weir.deal.last_activity_at IS 'When its last meeting, reply or call was; empty without any.';

COMMENT ON COLUMN weir.deal.stalled_since IS
    'When it had neither moved nor had a meeting, reply or call for as long as its stage allows; empty when it is not stalled.';

CREATE TABLE weir.deal_history (
    deal_id          text NOT NULL,
    valid_from       timestamptz NOT NULL,
    valid_to         timestamptz,
    pipeline         text,
    stage            text,
    status           text,
    deal_type        text,
    amount           numeric(20, 4),
    currency         text,
    amount_reporting numeric(20, 4),
    owner_id         text,
    account_id       text,
    created_at       timestamptz,
    closed_at        timestamptz,
    expected_close   date,
    push_count       bigint,
    stalled_since    timestamptz,
    definition       text NOT NULL DEFAULT '',
    deleted          boolean NOT NULL DEFAULT false,
    as_of            timestamptz,
    revision         bigint NOT NULL,
    loaded_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (deal_id, valid_from, definition)
);
COMMENT ON TABLE weir.deal_history IS
    'How every deal stood over time, one row for each time in which nothing changed. The rows of a deal follow each other without gap or overlap.';
COMMENT ON COLUMN weir.deal_history.valid_from IS 'First instant at which it stood so.';
COMMENT ON COLUMN weir.deal_history.valid_to IS 'First instant at which it no longer did; empty for how it stands now.';
COMMENT ON COLUMN weir.deal_history.amount_reporting IS
    'The amount in the playbook''s reporting currency at the rate of the day on which it was said, of a closed deal at that of the close; empty without a rate.';

CREATE TABLE weir.pipeline_waterfall (
    pipeline     text NOT NULL,
    grain        text NOT NULL,
    window_start timestamptz NOT NULL,
    breakdown    text NOT NULL,
    value        text NOT NULL,
    window_end   timestamptz,
    window_date  date,
    timezone     text,
    is_complete  boolean,
    opening      numeric(20, 4),
    created      numeric(20, 4),
    reopened     numeric(20, 4),
    amount_up    numeric(20, 4),
    amount_down  numeric(20, 4),
    pulled_in    numeric(20, 4),
    pushed_out   numeric(20, 4),
    won          numeric(20, 4),
    lost         numeric(20, 4),
    removed      numeric(20, 4),
    closing      numeric(20, 4),
    target       numeric(20, 4),
    definition   text NOT NULL DEFAULT '',
    deleted      boolean NOT NULL DEFAULT false,
    as_of        timestamptz,
    revision     bigint NOT NULL,
    loaded_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pipeline, grain, window_start, breakdown, value, definition)
);
COMMENT ON TABLE weir.pipeline_waterfall IS
    'The money that may come in within a window, from the window''s start to its end, in the reporting currency: of open deals that are expected to close before the window ends, or of which no one said when. closing = opening + created + reopened + amount_up - amount_down + pulled_in - pushed_out - won - lost - removed.';
COMMENT ON COLUMN weir.pipeline_waterfall.opening IS 'Open when the window began.';
COMMENT ON COLUMN weir.pipeline_waterfall.created IS 'Created in the window, or come from another pipeline.';
COMMENT ON COLUMN weir.pipeline_waterfall.reopened IS 'Open again after it had been won, lost or deleted.';
COMMENT ON COLUMN weir.pipeline_waterfall.amount_up IS 'What amounts rose by, by a change of amount, currency or rate.';
COMMENT ON COLUMN weir.pipeline_waterfall.amount_down IS 'What amounts fell by, as a positive number.';
COMMENT ON COLUMN weir.pipeline_waterfall.pulled_in IS 'Was expected after the window, and then within it or closed within it.';
COMMENT ON COLUMN weir.pipeline_waterfall.pushed_out IS 'Was expected before the window''s end, and then after it.';
COMMENT ON COLUMN weir.pipeline_waterfall.won IS 'Won in the window.';
COMMENT ON COLUMN weir.pipeline_waterfall.lost IS 'Lost in the window.';
COMMENT ON COLUMN weir.pipeline_waterfall.removed IS 'Deleted, merged away or moved to another pipeline.';
COMMENT ON COLUMN weir.pipeline_waterfall.closing IS 'Open when the window ended (at as_of while the window is open).';
COMMENT ON COLUMN weir.pipeline_waterfall.target IS
    'What the playbook''s targets ask of the quarter, that of all or else those of the teams together; empty without one, and for other grains.';

CREATE VIEW bi.deal_history AS
SELECT deal_id, valid_from, valid_to, pipeline, stage, status, deal_type, amount, currency, amount_reporting, owner_id, account_id,
       created_at, closed_at, expected_close, push_count, stalled_since, definition, as_of
FROM weir.deal_history
WHERE NOT deleted;
COMMENT ON VIEW bi.deal_history IS
    'How every deal stood over time. As it stood at an instant: valid_from <= instant AND (valid_to IS NULL OR valid_to > instant).';

CREATE VIEW bi.pipeline_waterfall AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete,
       opening, created, reopened, amount_up, amount_down, pulled_in, pushed_out, won, lost, removed, closing, target,
       definition, as_of
FROM weir.pipeline_waterfall
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.pipeline_waterfall IS
    'What became of the money that could come in within a window. A change of expected_close moves a deal between windows, so the closing of one is the opening of the next only where no one says when deals close.';

CREATE OR REPLACE VIEW bi.deal_current AS
SELECT d.deal_id, d.pipeline, d.stage, d.status, d.deal_type, d.amount, d.currency, d.amount_reporting,
       d.owner_id, d.account_id, d.created_at, d.closed_at, d.expected_close, d.push_count, d.stalled_since,
       v.entered_at AS stage_entered_at,
       extract(epoch FROM t.as_of - v.entered_at)::double precision / 86400 AS days_in_stage,
       d.definition,
       t.as_of,
       d.last_activity_at
FROM weir.deal d
CROSS JOIN (SELECT max(as_of) AS as_of FROM weir.deal) t
LEFT JOIN LATERAL (
    SELECT s.entered_at
    FROM weir.stage_visit s
    WHERE s.deal_id = d.deal_id AND s.definition = d.definition AND NOT s.deleted AND s.exited_at IS NULL
    ORDER BY s.visit_no DESC
    LIMIT 1) v ON d.status = 'open'
WHERE NOT d.deleted AND d.status NOT IN ('deleted', 'merged');

CREATE OR REPLACE VIEW bi.stalled AS
SELECT deal_id, pipeline, stage, amount, currency, amount_reporting, owner_id, account_id, created_at, expected_close, push_count,
       stalled_since, stage_entered_at, days_in_stage, definition, as_of, last_activity_at
FROM bi.deal_current
WHERE status = 'open' AND stalled_since IS NOT NULL;
COMMENT ON VIEW bi.stalled IS
    'Open deals that have neither moved nor had a meeting, reply or call for longer than their stage allows.';

COMMENT ON COLUMN weir.alert.kind IS
    'What was found: stalled, bottleneck, conversion drop; digest for what stands still of one owner, once a working morning.';
COMMENT ON COLUMN weir.alert.evidence IS
    'The figures that it rests on; "delivery": "digest" when it reaches people in a digest and not by itself.';
COMMENT ON COLUMN bi.alert.kind IS
    'What was found: stalled, bottleneck, conversion drop; digest for what stands still of one owner, once a working morning.';
COMMENT ON COLUMN bi.alert.evidence IS
    'The figures that it rests on; "delivery": "digest" when it reaches people in a digest and not by itself.';

-- Words for the rest: those that other tables have for a column of that name, then for views those of their table.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT c.oid::regclass AS relation, a.attname, t.words
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        CROSS JOIN LATERAL (
            SELECT col_description(o.oid, b.attnum) AS words
            FROM pg_class o
            JOIN pg_attribute b ON b.attrelid = o.oid AND b.attname = a.attname
            WHERE o.relnamespace = 'weir'::regnamespace AND o.relkind = 'r' AND col_description(o.oid, b.attnum) IS NOT NULL
            ORDER BY o.relname <> c.relname, o.relname <> 'deal', o.relname
            LIMIT 1) t
        WHERE c.relname IN ('deal_history', 'pipeline_waterfall', 'deal_current', 'stalled')
          AND c.relnamespace IN ('weir'::regnamespace, 'bi'::regnamespace)
          AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', said.relation, said.attname, said.words);
    END LOOP;
END
$$;

REVOKE ALL ON weir.deal_history, weir.pipeline_waterfall, bi.deal_history, bi.pipeline_waterfall FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON weir.deal_history, weir.pipeline_waterfall TO weir_writer;
GRANT SELECT ON bi.deal_history, bi.pipeline_waterfall TO weir_reader;
