-- What the console shows beside the rest: the watched series with the band of what is usual, and whether there is news.
CREATE VIEW bi.metric_point AS
SELECT metric, breakdown, value, grain, window_start, kind, numerator, denominator, observed, expected, lower, upper, score,
       evidence, definition, as_of
FROM weir.metric_point
WHERE NOT deleted;
COMMENT ON VIEW bi.metric_point IS
    'The series that are watched: what was seen in each closed window, and what was expected. Choose one metric, grain and breakdown.';

DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT a.attname, col_description('weir.metric_point'::regclass, b.attnum) AS words
        FROM pg_attribute a
        JOIN pg_attribute b ON b.attrelid = 'weir.metric_point'::regclass AND b.attname = a.attname
        WHERE a.attrelid = 'bi.metric_point'::regclass AND a.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN bi.metric_point.%I IS %L', said.attname, said.words);
    END LOOP;
END
$$;

CREATE VIEW bi.news AS
SELECT relname::text AS table_name, n_tup_ins + n_tup_upd AS writes
FROM pg_stat_all_tables
WHERE schemaname = 'weir';
COMMENT ON VIEW bi.news IS
    'How often rows of each table were written, by the database''s own statistics: a sum that grows when there is something new to see, at no cost. The statistics are a second late and begin anew when the database crashes.';
COMMENT ON COLUMN bi.news.table_name IS 'The table.';
COMMENT ON COLUMN bi.news.writes IS 'Rows inserted and updated since the statistics began.';

REVOKE ALL ON bi.metric_point, bi.news FROM PUBLIC;
GRANT SELECT ON bi.metric_point, bi.news TO weir_reader;
