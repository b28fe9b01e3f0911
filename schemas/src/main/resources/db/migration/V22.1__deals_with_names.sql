-- Open deals with the names of owner and account, and how deals that stood so ended.
CREATE OR REPLACE VIEW bi.deal_current AS
WITH open_now AS (
    SELECT max(as_of) AS as_of FROM weir.deal),
-- How long closed deals were in each stage and how they ended, and how long open deals have been in theirs.
stood AS (
    SELECT v.definition, v.pipeline, v.stage, v.seconds, d.status, NULL::text AS deal_id
    FROM weir.stage_visit v
    JOIN weir.deal d ON d.deal_id = v.deal_id AND d.definition = v.definition AND NOT d.deleted
    WHERE NOT v.deleted AND v.seconds IS NOT NULL AND d.status IN ('won', 'lost')
    UNION ALL
    SELECT v.definition, v.pipeline, v.stage, extract(epoch FROM t.as_of - v.entered_at)::double precision, d.status, d.deal_id
    FROM weir.stage_visit v
    JOIN weir.deal d ON d.deal_id = v.deal_id AND d.definition = v.definition AND NOT d.deleted
    CROSS JOIN open_now t
    WHERE NOT v.deleted AND v.exited_at IS NULL AND d.status = 'open'),
as_long AS (
    SELECT definition, deal_id,
           count(*) FILTER (WHERE status = 'won') OVER longer AS won,
           count(*) FILTER (WHERE status IN ('won', 'lost')) OVER longer AS closed
    FROM stood
    WINDOW longer AS (PARTITION BY definition, pipeline, stage ORDER BY seconds DESC)),
ended AS (
    SELECT definition, deal_id, max(won) AS won, max(closed) AS closed
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
COMMENT ON COLUMN bi.deal_current.owner IS 'Name of the owner; the id where no name is known.';
COMMENT ON COLUMN bi.deal_current.owner_is_active IS 'Whether the owner still works on deals; true where nothing is known.';
COMMENT ON COLUMN bi.deal_current.account IS 'Name of the account; the id where no name is known.';
COMMENT ON COLUMN bi.deal_current.win_probability IS
    'Of the deals that are closed and had been in this stage for at least as long, the share that was won; empty where there are fewer than 10, and once closed. Deals that are still open are not in it.';
COMMENT ON COLUMN bi.deal_current.win_n IS 'How many stays of closed deals that is of.';
