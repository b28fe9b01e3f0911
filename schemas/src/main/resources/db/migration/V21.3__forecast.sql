-- What each month and quarter was expected to bring, and what came.
CREATE TABLE weir.forecast (
    pipeline         text NOT NULL,
    grain            text NOT NULL,
    window_start     timestamptz NOT NULL,
    breakdown        text NOT NULL,
    value            text NOT NULL,
    made_at          timestamptz NOT NULL,
    window_end       timestamptz,
    window_date      date,
    timezone         text,
    is_complete      boolean,
    open_deals       bigint,
    periods_learned  bigint,
    open_amount      numeric(20, 4),
    won_before       numeric(20, 4),
    expected_of_open numeric(20, 4),
    expected_of_new  numeric(20, 4),
    expected         numeric(20, 4),
    low              numeric(20, 4),
    high             numeric(20, 4),
    came             numeric(20, 4),
    deals_won_before double precision,
    deals_of_open    double precision,
    deals_of_new     double precision,
    deals            double precision,
    deals_low        double precision,
    deals_high       double precision,
    deals_came       double precision,
    is_within        boolean,
    evidence         text,
    definition       text NOT NULL DEFAULT '',
    deleted          boolean NOT NULL DEFAULT false,
    as_of            timestamptz,
    revision         bigint NOT NULL,
    loaded_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pipeline, grain, window_start, breakdown, value, made_at, definition)
);
COMMENT ON TABLE weir.forecast IS
    'What the wins of each month and quarter were expected to be, as seen on the first of each of its months, and what they were. In the reporting currency. Each row is made from what happened before made_at alone.';
COMMENT ON COLUMN weir.forecast.made_at IS 'The day as of which the forecast was made: the first of the period, or of a later month in it.';
COMMENT ON COLUMN weir.forecast.open_deals IS 'Deals open at made_at.';
COMMENT ON COLUMN weir.forecast.periods_learned IS 'Earlier periods from which the forecast was made, 12 at most.';
COMMENT ON COLUMN weir.forecast.open_amount IS 'What the open deals were said to be worth at made_at.';
COMMENT ON COLUMN weir.forecast.won_before IS 'Won in the period before made_at: certain.';
COMMENT ON COLUMN weir.forecast.expected_of_open IS
    'Expected of the open deals: amount x share that is won by the end of the period, of deals in that stage, of that age and size; empty without an earlier period.';
COMMENT ON COLUMN weir.forecast.expected_of_new IS 'Expected of deals that are not there yet at made_at; empty without an earlier period.';
COMMENT ON COLUMN weir.forecast.expected IS 'won_before + expected_of_open + expected_of_new.';
COMMENT ON COLUMN weir.forecast.low IS 'In one of ten cases less will come.';
COMMENT ON COLUMN weir.forecast.high IS 'In one of ten cases more will come.';
COMMENT ON COLUMN weir.forecast.came IS 'What was won in the period; empty until it is over.';
COMMENT ON COLUMN weir.forecast.deals_won_before IS 'Deals won in the period before made_at.';
COMMENT ON COLUMN weir.forecast.deals_of_open IS 'Wins expected of the open deals.';
COMMENT ON COLUMN weir.forecast.deals_of_new IS 'Wins expected of deals that are not there yet.';
COMMENT ON COLUMN weir.forecast.deals IS 'All wins expected.';
COMMENT ON COLUMN weir.forecast.deals_low IS 'In one of ten cases fewer will be won.';
COMMENT ON COLUMN weir.forecast.deals_high IS 'In one of ten cases more will be won.';
COMMENT ON COLUMN weir.forecast.deals_came IS 'Deals won in the period; empty until it is over.';
COMMENT ON COLUMN weir.forecast.is_within IS 'Whether what came lies from low to high: so it should eight times in ten; empty until the period is over.';
COMMENT ON COLUMN weir.forecast.evidence IS 'none without an earlier period, thin below 4, else enough.';

CREATE VIEW bi.forecast_by AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, breakdown, value, made_at,
       won_before, expected_of_open, expected_of_new, expected, low, high, came, is_within, open_deals, open_amount,
       deals_won_before, deals_of_open, deals_of_new, deals, deals_low, deals_high, deals_came, periods_learned, evidence,
       definition, as_of
FROM weir.forecast
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.forecast_by IS 'What each period was expected to bring, and what came, by the type of the deals.';

CREATE VIEW bi.forecast AS
SELECT pipeline, grain, window_start, window_end, window_date, timezone, is_complete, made_at,
       won_before, expected_of_open, expected_of_new, expected, low, high, came, is_within, open_deals, open_amount,
       deals_won_before, deals_of_open, deals_of_new, deals, deals_low, deals_high, deals_came, periods_learned, evidence,
       definition, as_of
FROM weir.forecast
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.forecast IS 'What each period was expected to bring, and what came. The newest made_at of a period knows most.';

CREATE VIEW bi.forecast_calibration AS
SELECT pipeline, grain, count(*) AS n,
       avg(is_within::int)::double precision AS share_within,
       bi.jeffreys(count(*) FILTER (WHERE is_within), count(*), 0.025) AS share_within_low,
       bi.jeffreys(count(*) FILTER (WHERE is_within), count(*), 0.975) AS share_within_high,
       (sum(came) / nullif(sum(expected), 0))::double precision AS came_by_expected,
       bi.evidence(count(*)) AS evidence, definition, max(as_of) AS as_of
FROM weir.forecast
WHERE NOT deleted AND breakdown = '(total)' AND is_within IS NOT NULL AND made_at = window_start
GROUP BY pipeline, grain, definition;
COMMENT ON VIEW bi.forecast_calibration IS 'How good the forecasts were that were made on the first day of a period that is over.';
COMMENT ON COLUMN bi.forecast_calibration.n IS 'Periods that are over and had a forecast.';
COMMENT ON COLUMN bi.forecast_calibration.share_within IS 'Share of them in which what came lay within the interval; 0.8 is right.';
COMMENT ON COLUMN bi.forecast_calibration.share_within_low IS 'Lower end of the 95 % interval of share_within.';
COMMENT ON COLUMN bi.forecast_calibration.share_within_high IS 'Upper end of the 95 % interval of share_within.';
COMMENT ON COLUMN bi.forecast_calibration.came_by_expected IS 'All that came by all that was expected; 1 is right.';
COMMENT ON COLUMN bi.forecast_calibration.evidence IS 'none without a period, thin below 10, else enough.';

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
            ORDER BY o.relname <> 'forecast', o.relname
            LIMIT 1) t
        WHERE c.relname IN ('forecast', 'forecast_by', 'forecast_calibration')
          AND c.relnamespace IN ('weir'::regnamespace, 'bi'::regnamespace)
          AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', said.relation, said.attname, said.words);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON weir.forecast TO weir_writer;
GRANT SELECT ON bi.forecast, bi.forecast_by, bi.forecast_calibration TO weir_reader;
