-- The watched series for readers: what was seen in each closed window, and the band in which it was expected.
CREATE VIEW bi.metric_point AS
SELECT metric, grain, window_start, kind, numerator, denominator, observed, expected, lower, upper, score, evidence, definition, as_of
FROM weir.metric_point
WHERE NOT deleted AND breakdown = '(total)';
COMMENT ON VIEW bi.metric_point IS
    'The series that are watched, over all: what was seen in each closed window, and between which bounds it was expected.';

CREATE VIEW bi.metric_point_by AS
SELECT metric, breakdown, value, grain, window_start, kind, numerator, denominator, observed, expected, lower, upper, score, evidence,
       definition, as_of
FROM weir.metric_point
WHERE NOT deleted AND breakdown <> '(total)';
COMMENT ON VIEW bi.metric_point_by IS
    'The series that are watched, broken down. The breakdowns stand side by side: choose one.';

-- Days as the business has them. One row, from the playbook; without it Monday to Friday and a year that begins in January.
CREATE TABLE weir.business_calendar (
    only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    fiscal_year_start bigint NOT NULL CHECK (fiscal_year_start BETWEEN 1 AND 12),
    workdays          bigint[] NOT NULL,
    holidays          date[] NOT NULL
);
COMMENT ON TABLE weir.business_calendar IS 'The calendar of the playbook that was given to `weir migrate` last.';
COMMENT ON COLUMN weir.business_calendar.only_row IS 'True: there is one calendar.';
COMMENT ON COLUMN weir.business_calendar.fiscal_year_start IS 'Month in which the fiscal year begins, 1 to 12.';
COMMENT ON COLUMN weir.business_calendar.workdays IS 'Days of the week that are worked, 1 for Monday to 7.';
COMMENT ON COLUMN weir.business_calendar.holidays IS 'Days that are not worked.';

CREATE OR REPLACE VIEW bi.calendar AS
SELECT day::date AS date,
       to_char(day, 'IYYY-"W"IW') AS iso_week,
       to_char(day, 'YYYY-MM') AS month,
       to_char(day + make_interval(months => (13 - c.fiscal_year_start::int) % 12), 'YYYY-"Q"Q') AS fiscal_quarter,
       extract(isodow FROM day)::bigint = ANY (c.workdays) AND day::date <> ALL (c.holidays) AS is_workday
FROM (SELECT coalesce(min(b.fiscal_year_start), 1) AS fiscal_year_start,
             coalesce(min(b.workdays), '{1,2,3,4,5}') AS workdays,
             coalesce(min(b.holidays), '{}') AS holidays
      FROM weir.business_calendar b) c
CROSS JOIN generate_series(timestamp '2000-01-01', timestamp '2049-12-31', interval '1 day') AS day;
COMMENT ON COLUMN bi.calendar.fiscal_quarter IS
    'Its quarter of the fiscal year, as 2026-Q1; a fiscal year has the number of the calendar year in which it ends.';
COMMENT ON COLUMN bi.calendar.is_workday IS 'Whether it is worked, by the calendar of the playbook: `weir migrate --playbook`.';

-- Words for the rest: those of the table.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT v.relname, a.attname, col_description('weir.metric_point'::regclass, b.attnum) AS words
        FROM pg_class v
        JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0
        JOIN pg_attribute b ON b.attrelid = 'weir.metric_point'::regclass AND b.attname = a.attname
        WHERE v.relname IN ('metric_point', 'metric_point_by') AND v.relnamespace = 'bi'::regnamespace
    LOOP
        EXECUTE format('COMMENT ON COLUMN bi.%I.%I IS %L', said.relname, said.attname, said.words);
    END LOOP;
END
$$;
CREATE POLICY team ON weir.business_calendar FOR SELECT TO weir_team USING (true);
