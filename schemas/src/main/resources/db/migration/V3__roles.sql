-- Two group roles without login: grant them to users. Where the migrating user may not create roles, create them before.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY ['weir_writer', 'weir_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server was faster
            END;
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA weir, bi FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA weir, bi FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA bi FROM PUBLIC;

-- The jobs: read and upsert their tables, draw an epoch. Nothing is ever deleted, emptied or altered.
GRANT USAGE ON SCHEMA weir TO weir_writer;
GRANT SELECT, INSERT, UPDATE ON
    weir.deal, weir.stage_visit, weir.stage_flow, weir.stage_cohort, weir.bottleneck, weir.funnel_attempt, weir.funnel_window,
    weir.metric_point, weir.alert, weir.dead_letter, weir.ledger
TO weir_writer;
GRANT USAGE ON SEQUENCE weir.submission_epoch TO weir_writer;

-- Readers: the views and nothing beneath them.
GRANT USAGE ON SCHEMA bi TO weir_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA bi TO weir_reader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bi TO weir_reader;
