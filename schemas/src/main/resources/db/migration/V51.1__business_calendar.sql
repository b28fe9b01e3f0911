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

CREATE POLICY team ON weir.business_calendar FOR SELECT TO weir_team USING (true);
