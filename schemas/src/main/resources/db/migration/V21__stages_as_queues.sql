-- How long deals stay with those counted that stay still, and each stage as a queue.
ALTER TABLE weir.stage_cohort
    ADD COLUMN closed bigint,
    ADD COLUMN open bigint,
    ADD COLUMN closed_won bigint,
    ADD COLUMN closed_lost bigint,
    ADD COLUMN closed_p50_seconds double precision,
    ADD COLUMN closed_mean_seconds double precision,
    ADD COLUMN exposure_mean_seconds double precision,
    ADD COLUMN cif_won double precision,
    ADD COLUMN cif_lost double precision;
COMMENT ON COLUMN weir.stage_cohort.closed IS 'Of the visits that began in the window, ended by leaving the stage: advanced, returned, won or lost.';
COMMENT ON COLUMN weir.stage_cohort.open IS 'Of them, last still or were cut short (merged, moved to another pipeline, deleted).';
COMMENT ON COLUMN weir.stage_cohort.closed_won IS 'Of the closed, won straight from this stage.';
COMMENT ON COLUMN weir.stage_cohort.closed_lost IS 'Of the closed, lost straight from this stage.';
COMMENT ON COLUMN weir.stage_cohort.closed_p50_seconds IS
    'Median stay in seconds of the closed alone: too short while visits last still, see km_p50_seconds; empty below 6.';
COMMENT ON COLUMN weir.stage_cohort.closed_mean_seconds IS 'Mean stay in seconds of the closed alone: too short while visits last still.';
COMMENT ON COLUMN weir.stage_cohort.exposure_mean_seconds IS
    'Mean stay in seconds with the visits that last still: all time spent in the stage for each visit that closed; empty without one.';
COMMENT ON COLUMN weir.stage_cohort.cif_won IS
    'Share of the visits won straight from this stage by the greatest age seen, those that last still counted (Aalen-Johansen).';
COMMENT ON COLUMN weir.stage_cohort.cif_lost IS
    'Share of the visits lost straight from this stage by the greatest age seen, those that last still counted (Aalen-Johansen).';

CREATE TABLE weir.stage_hazard (
    pipeline          text NOT NULL,
    grain             text NOT NULL,
    window_start      timestamptz NOT NULL,
    breakdown         text NOT NULL,
    value             text NOT NULL,
    stage             text NOT NULL,
    age_from_seconds  bigint NOT NULL,
    window_end        timestamptz,
    window_date       date,
    timezone          text,
    is_complete       boolean,
    age_to_seconds    bigint,
    at_risk           bigint,
    advanced          bigint,
    returned          bigint,
    won               bigint,
    lost              bigint,
    at_risk_seconds   double precision,
    survival          double precision,
    survival_closed   double precision,
    cif_won           double precision,
    cif_lost          double precision,
    closed_won_share  double precision,
    closed_lost_share double precision
);
COMMENT ON TABLE weir.stage_hazard IS
    'How visits to a stage end as they grow older: time at risk and exits by age, and the curves. Visits that last still count with their age at the last full hour.';
COMMENT ON COLUMN weir.stage_hazard.age_from_seconds IS 'The youngest age of the row, in seconds since entry.';
COMMENT ON COLUMN weir.stage_hazard.age_to_seconds IS 'The first age beyond the row, in seconds since entry; empty for the last.';
COMMENT ON COLUMN weir.stage_hazard.at_risk IS 'Visits seen at the youngest age of the row or older.';
COMMENT ON COLUMN weir.stage_hazard.advanced IS 'Visits that ended at these ages for a later stage.';
COMMENT ON COLUMN weir.stage_hazard.returned IS 'Visits that ended at these ages for an earlier stage.';
COMMENT ON COLUMN weir.stage_hazard.won IS 'Visits that ended at these ages won.';
COMMENT ON COLUMN weir.stage_hazard.lost IS 'Visits that ended at these ages lost.';
COMMENT ON COLUMN weir.stage_hazard.at_risk_seconds IS 'Time that all visits together spent at these ages, in seconds. Exits by it are the hazard.';
COMMENT ON COLUMN weir.stage_hazard.survival IS 'Share of the visits that last beyond these ages (Kaplan-Meier).';
COMMENT ON COLUMN weir.stage_hazard.survival_closed IS 'The same of the closed visits alone: too small while visits last still.';
COMMENT ON COLUMN weir.stage_hazard.cif_won IS 'Share of the visits won straight from this stage by the end of these ages (Aalen-Johansen).';
COMMENT ON COLUMN weir.stage_hazard.cif_lost IS 'Share of the visits lost straight from this stage by the end of these ages (Aalen-Johansen).';
COMMENT ON COLUMN weir.stage_hazard.closed_won_share IS 'Of the closed visits alone, the share won by the end of these ages.';
COMMENT ON COLUMN weir.stage_hazard.closed_lost_share IS 'Of the closed visits alone, the share lost by the end of these ages.';

CREATE TABLE weir.stage_queue (
    pipeline          text NOT NULL,
    grain             text NOT NULL,
    window_start      timestamptz NOT NULL,
    breakdown         text NOT NULL,
    value             text NOT NULL,
    stage             text NOT NULL,
    window_end        timestamptz,
    window_date       date,
    timezone          text,
    is_complete       boolean,
    arrivals          bigint,
    exits             bigint,
    wip_start         bigint,
    wip_end           bigint,
    wip_mean          double precision,
    arrival_rate      double precision,
    exit_rate         double precision,
    wait_days         double precision,
    stationary_p      double precision,
    is_stationary     boolean,
    clearing_days     double precision,
    fifo_breaches     bigint,
    exits_in_one_hour bigint,
    is_batched        boolean
);
COMMENT ON TABLE weir.stage_queue IS 'Each stage as a queue over a window: what came, what left, who waits, and in what order they are served.';
COMMENT ON COLUMN weir.stage_queue.arrivals IS 'Visits that began in the window.';
COMMENT ON COLUMN weir.stage_queue.exits IS 'Visits that ended in the window, in whatever way.';
COMMENT ON COLUMN weir.stage_queue.wip_start IS 'Deals in the stage as the window began.';
COMMENT ON COLUMN weir.stage_queue.wip_end IS 'Deals in the stage at the end of the window (as_of while the window is open).';
COMMENT ON COLUMN weir.stage_queue.wip_mean IS 'Deals in the stage on average over the window; empty for the whole history.';
COMMENT ON COLUMN weir.stage_queue.arrival_rate IS 'Deals that entered, a day; empty for the whole history.';
COMMENT ON COLUMN weir.stage_queue.exit_rate IS 'Deals that left, a day; empty for the whole history.';
COMMENT ON COLUMN weir.stage_queue.wait_days IS 'Time at risk per exit, in days: how long a deal waits, those that wait still counted; empty without exits.';
COMMENT ON COLUMN weir.stage_queue.stationary_p IS
    'Exact two-sided binomial test of exits against arrivals: how often chance alone makes them differ as much.';
COMMENT ON COLUMN weir.stage_queue.is_stationary IS 'False when stationary_p is below 0.01: the queue grows or shrinks by more than chance.';
COMMENT ON COLUMN weir.stage_queue.clearing_days IS 'Days to serve all that wait at the end of the window at its exit rate, if nothing came; empty without exits.';
COMMENT ON COLUMN weir.stage_queue.fifo_breaches IS
    'Exits that overtook: they began in a later window than the oldest that waits on. Overtaking among those of one window, or of one that left within this window, is not seen: the least there were.';
COMMENT ON COLUMN weir.stage_queue.exits_in_one_hour IS 'Most exits within one hour of the clock; weeks only.';
COMMENT ON COLUMN weir.stage_queue.is_batched IS 'Whether more than half of a week''s exits fell within one hour of the clock; empty below 6 exits.';

-- What every table has.
DO $$
DECLARE
    name text;
    key  text;
BEGIN
    FOREACH name IN ARRAY ARRAY ['stage_hazard', 'stage_queue'] LOOP
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO key
        FROM pg_attribute a
        WHERE a.attrelid = format('weir.%I', name)::regclass AND a.attnum > 0 AND a.attnotnull;
        EXECUTE format(
            'ALTER TABLE weir.%1$I
                 ADD COLUMN definition text NOT NULL DEFAULT '''',
                 ADD COLUMN deleted boolean NOT NULL DEFAULT false,
                 ADD COLUMN as_of timestamptz,
                 ADD COLUMN revision bigint NOT NULL,
                 ADD COLUMN loaded_at timestamptz NOT NULL DEFAULT now(),
                 ADD PRIMARY KEY (%2$s, definition)', name, key);
    END LOOP;
END
$$;

CREATE VIEW bi.stage_dwell_by AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, stage,
       closed, open, closed_p50_seconds, km_p50_seconds, closed_mean_seconds, exposure_mean_seconds,
       closed_won::double precision / nullif(closed, 0) AS closed_won_share, cif_won,
       closed_lost::double precision / nullif(closed, 0) AS closed_lost_share, cif_lost,
       CASE WHEN closed = 0 THEN 'none' WHEN closed < 6 THEN 'thin' ELSE 'enough' END AS evidence,
       definition, as_of
FROM weir.stage_cohort
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.stage_dwell_by IS
    'How long visits that began in a window last, the closed ones alone beside the figure that counts those that last still, broken down. The breakdowns stand side by side: choose one.';

CREATE VIEW bi.stage_dwell AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, stage,
       closed, open, closed_p50_seconds, km_p50_seconds, closed_mean_seconds, exposure_mean_seconds,
       closed_won::double precision / nullif(closed, 0) AS closed_won_share, cif_won,
       closed_lost::double precision / nullif(closed, 0) AS closed_lost_share, cif_lost,
       CASE WHEN closed = 0 THEN 'none' WHEN closed < 6 THEN 'thin' ELSE 'enough' END AS evidence,
       definition, as_of
FROM weir.stage_cohort
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.stage_dwell IS
    'How long visits that began in a window last, over all deals: the closed ones alone beside the figure that counts those that last still.';

CREATE VIEW bi.stage_hazard_by AS
SELECT pipeline, breakdown, value, stage, age_from_seconds, age_to_seconds, at_risk, at_risk_seconds, advanced, returned, won, lost,
       (advanced + returned + won + lost) * 86400 / nullif(at_risk_seconds, 0) AS exits_a_day,
       survival, survival_closed, cif_won, closed_won_share, cif_lost, closed_lost_share,
       bi.evidence(at_risk) AS evidence, definition, as_of
FROM weir.stage_hazard
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.stage_hazard_by IS
    'How visits to a stage end as they grow older, over the whole history, broken down. The breakdowns stand side by side: choose one.';

CREATE VIEW bi.stage_hazard AS
SELECT pipeline, stage, age_from_seconds, age_to_seconds, at_risk, at_risk_seconds, advanced, returned, won, lost,
       (advanced + returned + won + lost) * 86400 / nullif(at_risk_seconds, 0) AS exits_a_day,
       survival, survival_closed, cif_won, closed_won_share, cif_lost, closed_lost_share,
       bi.evidence(at_risk) AS evidence, definition, as_of
FROM weir.stage_hazard
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.stage_hazard IS 'How visits to a stage end as they grow older, over the whole history and all deals.';

CREATE VIEW bi.stage_queue_by AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, stage,
       arrivals, exits, wip_start, wip_end, wip_mean, arrival_rate, exit_rate, wait_days, stationary_p, is_stationary,
       clearing_days, fifo_breaches, fifo_breaches::double precision / nullif(exits, 0) AS fifo_breach_share,
       exits_in_one_hour, is_batched, definition, as_of
FROM weir.stage_queue
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.stage_queue_by IS 'Each stage as a queue over a window, broken down. The breakdowns stand side by side: choose one.';

CREATE VIEW bi.stage_queue AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, stage,
       arrivals, exits, wip_start, wip_end, wip_mean, arrival_rate, exit_rate, wait_days, stationary_p, is_stationary,
       clearing_days, fifo_breaches, fifo_breaches::double precision / nullif(exits, 0) AS fifo_breach_share,
       exits_in_one_hour, is_batched, definition, as_of
FROM weir.stage_queue
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.stage_queue IS 'Each stage as a queue over a window, over all deals.';

-- Words for the columns that several tables and views share, as their tables have them.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT c.oid::regclass AS relation, a.attname, coalesce(w.words, own.words, t.words) AS words
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN (VALUES
            ('evidence', 'enough, thin or none: whether the counts carry a judgement.'),
            ('exits_a_day', 'Exits at these ages for each day that a visit spends at them: the hazard.'),
            ('fifo_breach_share', 'Share of the exits that overtook one that waits on; at least so much.')) AS w (name, words)
            ON w.name = a.attname
        LEFT JOIN LATERAL (
            SELECT col_description(o.oid, b.attnum) AS words
            FROM pg_class o
            JOIN pg_attribute b ON b.attrelid = o.oid AND b.attname = a.attname
            WHERE o.relnamespace = 'weir'::regnamespace
              AND o.relname = replace(regexp_replace(c.relname, '_by$', ''), 'stage_dwell', 'stage_cohort')) own ON true
        LEFT JOIN LATERAL (
            SELECT col_description(o.oid, b.attnum) AS words
            FROM pg_class o
            JOIN pg_attribute b ON b.attrelid = o.oid AND b.attname = a.attname
            WHERE o.relnamespace = 'weir'::regnamespace AND o.relkind = 'r' AND col_description(o.oid, b.attnum) IS NOT NULL
            ORDER BY o.relname <> 'stage_hazard', o.relname
            LIMIT 1) t ON true
        WHERE c.relnamespace IN ('weir'::regnamespace, 'bi'::regnamespace) AND c.relkind IN ('r', 'v')
          AND c.relname ~ '^stage_(hazard|queue|dwell)' AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', said.relation, said.attname, said.words);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON weir.stage_hazard, weir.stage_queue TO weir_writer;
GRANT SELECT ON bi.stage_dwell, bi.stage_dwell_by, bi.stage_hazard, bi.stage_hazard_by, bi.stage_queue, bi.stage_queue_by
    TO weir_reader;
