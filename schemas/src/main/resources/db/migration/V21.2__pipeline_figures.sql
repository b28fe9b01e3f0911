-- What a pipeline brings: velocity, win rate, sales cycle, pushes, slips, changes of amount, coverage of targets.
CREATE TABLE weir.pipeline_figures (
    pipeline               text NOT NULL,
    grain                  text NOT NULL,
    window_start           timestamptz NOT NULL,
    breakdown              text NOT NULL,
    value                  text NOT NULL,
    window_end             timestamptz,
    window_date            date,
    timezone               text,
    is_complete            boolean,
    created                bigint,
    open_end               bigint,
    won                    bigint,
    lost                   bigint,
    won_priced             bigint,
    won_amount_reporting   numeric(20, 4),
    won_amount             numeric(20, 4),
    mature_created         bigint,
    mature_won             bigint,
    mature_lost            bigint,
    cycle_mean_days        double precision,
    won_cycle_p50_days     double precision,
    lost_cycle_p50_days    double precision,
    closed_cycle_mean_days double precision,
    pushes                 bigint,
    slip_days              bigint,
    amount_up_reporting    numeric(20, 4),
    amount_down_reporting  numeric(20, 4),
    velocity_per_day       double precision,
    definition             text NOT NULL DEFAULT '',
    deleted                boolean NOT NULL DEFAULT false,
    as_of                  timestamptz,
    revision               bigint NOT NULL,
    loaded_at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pipeline, grain, window_start, breakdown, value, definition)
);
COMMENT ON TABLE weir.pipeline_figures IS
    'What each pipeline brought in a window. Deals count with their present outcome, in their present pipeline; those deleted or merged away do not. Broken down by the pipeline''s fields, by deal_type and by currency.';
COMMENT ON COLUMN weir.pipeline_figures.created IS 'Deals created in the window.';
COMMENT ON COLUMN weir.pipeline_figures.open_end IS 'Deals open at the end of the window (as_of while the window is open).';
COMMENT ON COLUMN weir.pipeline_figures.won IS 'Deals won in the window.';
COMMENT ON COLUMN weir.pipeline_figures.lost IS 'Deals lost in the window.';
COMMENT ON COLUMN weir.pipeline_figures.won_priced IS 'Of the won, those with an amount in the reporting currency; the others are missing in won_amount_reporting.';
COMMENT ON COLUMN weir.pipeline_figures.won_amount_reporting IS 'What the won deals are worth, in the reporting currency at the rate of the day they closed.';
COMMENT ON COLUMN weir.pipeline_figures.won_amount IS 'The same in the currency of the deals; only where the breakdown is currency, which is its value.';
COMMENT ON COLUMN weir.pipeline_figures.mature_created IS 'Deals created in the window that are old enough (the longest matures_after of the stages) to be judged.';
COMMENT ON COLUMN weir.pipeline_figures.mature_won IS 'Of the mature, won by now.';
COMMENT ON COLUMN weir.pipeline_figures.mature_lost IS 'Of the mature, lost by now.';
COMMENT ON COLUMN weir.pipeline_figures.cycle_mean_days IS
    'Days from creation to close with the open deals counted: time that all deals were open in the window by those that closed in it.';
COMMENT ON COLUMN weir.pipeline_figures.won_cycle_p50_days IS 'Median days from creation to close of the deals won in the window alone; empty below 6.';
COMMENT ON COLUMN weir.pipeline_figures.lost_cycle_p50_days IS 'Median days from creation to close of the deals lost in the window alone; empty below 6.';
COMMENT ON COLUMN weir.pipeline_figures.closed_cycle_mean_days IS 'Mean days from creation to close of the deals closed in the window alone: too short while deals wait.';
COMMENT ON COLUMN weir.pipeline_figures.pushes IS 'How many times in the window an expected close moved to a later calendar month.';
COMMENT ON COLUMN weir.pipeline_figures.slip_days IS 'Days by which expected closes moved in the window, all together; those that moved earlier count against it.';
COMMENT ON COLUMN weir.pipeline_figures.amount_up_reporting IS 'What amounts of open deals rose by in the window, in the reporting currency.';
COMMENT ON COLUMN weir.pipeline_figures.amount_down_reporting IS 'What amounts of open deals fell by, as a positive number.';
COMMENT ON COLUMN weir.pipeline_figures.velocity_per_day IS
    'Open deals at the window''s end x win rate x mean amount won / cycle_mean_days: reporting currency a day.';

CREATE VIEW bi.pipeline_figures_by AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value,
       created, open_end, won, lost,
       won::double precision / nullif(won + lost, 0) AS win_rate,
       bi.jeffreys(won, won + lost, 0.025) AS win_rate_low,
       bi.jeffreys(won, won + lost, 0.975) AS win_rate_high,
       bi.evidence(won + lost) AS evidence,
       mature_created, mature_won, mature_lost,
       mature_won::double precision / nullif(mature_created, 0) AS cohort_win_rate,
       bi.jeffreys(mature_won, mature_created, 0.025) AS cohort_win_rate_low,
       bi.jeffreys(mature_won, mature_created, 0.975) AS cohort_win_rate_high,
       mature_created::double precision / nullif(created, 0) AS share_matured,
       won_amount_reporting, won_amount_reporting / nullif(won_priced, 0) AS mean_won_amount_reporting, won_amount, won - won_priced AS won_unpriced,
       cycle_mean_days, closed_cycle_mean_days, won_cycle_p50_days, lost_cycle_p50_days,
       velocity_per_day, pushes, slip_days, amount_up_reporting, amount_down_reporting, definition, as_of
FROM weir.pipeline_figures
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.pipeline_figures_by IS
    'What each pipeline brought in a window, broken down: by deal_type new business, expansion and renewal apart. The breakdowns stand side by side: choose one.';

CREATE VIEW bi.pipeline_figures AS
SELECT f.pipeline, f.grain, f.window_start, f.window_end, f.window_date, f.timezone, f.is_complete,
       f.created, f.open_end, f.won, f.lost,
       f.won::double precision / nullif(f.won + f.lost, 0) AS win_rate,
       bi.jeffreys(f.won, f.won + f.lost, 0.025) AS win_rate_low,
       bi.jeffreys(f.won, f.won + f.lost, 0.975) AS win_rate_high,
       bi.evidence(f.won + f.lost) AS evidence,
       f.mature_created, f.mature_won, f.mature_lost,
       f.mature_won::double precision / nullif(f.mature_created, 0) AS cohort_win_rate,
       bi.jeffreys(f.mature_won, f.mature_created, 0.025) AS cohort_win_rate_low,
       bi.jeffreys(f.mature_won, f.mature_created, 0.975) AS cohort_win_rate_high,
       f.mature_created::double precision / nullif(f.created, 0) AS share_matured,
       f.won_amount_reporting, f.won_amount_reporting / nullif(f.won_priced, 0) AS mean_won_amount_reporting,
       f.won - f.won_priced AS won_unpriced,
       f.cycle_mean_days, f.closed_cycle_mean_days, f.won_cycle_p50_days, f.lost_cycle_p50_days,
       f.velocity_per_day, f.pushes, f.slip_days, f.amount_up_reporting, f.amount_down_reporting,
       w.target, w.closing AS open_amount_reporting,
       (w.closing / nullif(greatest(w.target - w.won, 0), 0))::double precision AS coverage,
       f.definition, f.as_of
FROM weir.pipeline_figures f
LEFT JOIN weir.pipeline_waterfall w
       ON w.pipeline = f.pipeline AND w.grain = f.grain AND w.window_start = f.window_start AND w.definition = f.definition
      AND w.breakdown = f.breakdown AND w.value = f.value AND NOT w.deleted
WHERE NOT f.deleted AND f.breakdown = '(total)';
COMMENT ON VIEW bi.pipeline_figures IS 'What each pipeline brought in a window, over all deals.';

DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT c.oid::regclass AS relation, a.attname, coalesce(w.words, t.words) AS words
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        LEFT JOIN (VALUES
            ('win_rate', 'Share won of the deals that closed in the window, 0 to 1; empty without any.'),
            ('win_rate_low', 'Lower end of the 95 % interval of win_rate.'),
            ('win_rate_high', 'Upper end of the 95 % interval of win_rate.'),
            ('evidence', 'Whether the closed deals carry a judgement: none without any, thin below 10, else enough.'),
            ('cohort_win_rate', 'Share won by now of the mature deals that were created in the window, 0 to 1; empty without any.'),
            ('cohort_win_rate_low', 'Lower end of the 95 % interval of cohort_win_rate.'),
            ('cohort_win_rate_high', 'Upper end of the 95 % interval of cohort_win_rate.'),
            ('share_matured', 'Share of the deals created in the window that can be judged already, 0 to 1.'),
            ('mean_won_amount_reporting', 'Mean amount of a won deal in the reporting currency.'),
            ('won_unpriced', 'Won deals without an amount or a rate: missing in the money figures.'),
            ('target', 'What the targets ask of the quarter; empty without one, and for other grains.'),
            ('open_amount_reporting', 'Money that may still come in within the window: closing of pipeline_waterfall.'),
            ('coverage', 'open_amount_reporting for each unit of the target that is not won yet; empty without a target, or when it is reached.'))
            AS w (name, words) ON w.name = a.attname AND c.relname <> 'pipeline_waterfall'
        LEFT JOIN LATERAL (
            SELECT col_description(o.oid, b.attnum) AS words
            FROM pg_class o
            JOIN pg_attribute b ON b.attrelid = o.oid AND b.attname = a.attname
            WHERE o.relnamespace = 'weir'::regnamespace AND o.relkind = 'r' AND col_description(o.oid, b.attnum) IS NOT NULL
            ORDER BY o.relname <> 'pipeline_figures', o.relname
            LIMIT 1) t ON true
        WHERE c.relname IN ('pipeline_figures', 'pipeline_figures_by')
          AND c.relnamespace IN ('weir'::regnamespace, 'bi'::regnamespace)
          AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', said.relation, said.attname, said.words);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON weir.pipeline_figures TO weir_writer;
GRANT SELECT ON bi.pipeline_figures, bi.pipeline_figures_by TO weir_reader;
