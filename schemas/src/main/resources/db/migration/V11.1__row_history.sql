-- What the warehouse said at any earlier moment, kept from the day on which `weir migrate --history` is run.
--
-- Triggers, because they are the only place that is exact: a version is kept in the transaction that writes the row, and an
-- upsert that an older revision loses writes nothing. Statement-level: one insert for each statement of the outbox.
CREATE TABLE weir.row_history (
    table_name text NOT NULL,
    key_hash   bytea NOT NULL,
    revision   bigint NOT NULL,
    known_at   timestamptz NOT NULL,
    contents   jsonb NOT NULL,
    PRIMARY KEY (table_name, key_hash, revision)
);
CREATE INDEX row_history_known_at ON weir.row_history (table_name, known_at);
COMMENT ON TABLE weir.row_history IS 'Every version of every row that said something new, where history is kept.';
COMMENT ON COLUMN weir.row_history.table_name IS 'The table of schema weir.';
COMMENT ON COLUMN weir.row_history.key_hash IS 'SHA-256 of the row''s primary key: a key may be too long to be indexed twice.';
COMMENT ON COLUMN weir.row_history.revision IS 'Revision of this version.';
COMMENT ON COLUMN weir.row_history.known_at IS 'When it was written, by the clock of the database.';
COMMENT ON COLUMN weir.row_history.contents IS 'The whole row.';

CREATE TABLE weir.history_kept (
    table_name text PRIMARY KEY,
    since      timestamptz NOT NULL
);
COMMENT ON TABLE weir.history_kept IS 'The tables whose history is kept now.';
COMMENT ON COLUMN weir.history_kept.table_name IS 'The table of schema weir.';
COMMENT ON COLUMN weir.history_kept.since IS 'Since when without a gap; what it said before is not known.';

CREATE FUNCTION weir.row_key(contents jsonb, columns text[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(convert_to(
    (SELECT jsonb_agg(contents -> c.name ORDER BY c.place)::text FROM unnest(columns) WITH ORDINALITY AS c (name, place)), 'UTF8'));
COMMENT ON FUNCTION weir.row_key(jsonb, text[]) IS 'The hash by which versions of one row belong together.';

-- Runs as the owner, so that who writes rows cannot write history.
CREATE FUNCTION weir.keep_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- A row that is said again with other values here says nothing new.
    house CONSTANT text[] := ARRAY ['revision', 'as_of', 'loaded_at'];
    key   CONSTANT text[] := TG_ARGV;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO weir.row_history
        SELECT TG_TABLE_NAME, weir.row_key(to_jsonb(n), key), n.revision, n.loaded_at, to_jsonb(n)
        FROM new_rows n;
    ELSE
        INSERT INTO weir.row_history
        SELECT TG_TABLE_NAME, weir.row_key(to_jsonb(n), key), n.revision, n.loaded_at, to_jsonb(n)
        FROM new_rows n
        WHERE NOT EXISTS (SELECT FROM old_rows o WHERE to_jsonb(o) - house = to_jsonb(n) - house);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION weir.keep_versions() IS 'Keeps what a statement wrote in weir.row_history, rows that say nothing new left out.';

CREATE FUNCTION weir.keep_history(keep boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    name    text;
    columns text[];
    changed bigint := 0;
BEGIN
    FOR name, columns IN
        SELECT c.relname, array_agg(a.attname::text ORDER BY k.place)
        FROM pg_class c
        JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE c.relnamespace = 'weir'::regnamespace AND c.relkind = 'r'
          AND EXISTS (SELECT FROM pg_attribute r WHERE r.attrelid = c.oid AND r.attname = 'loaded_at')
          -- Accounts and series: they grow without being revised, or speak of themselves.
          AND c.relname NOT IN ('ledger', 'dead_letter', 'metric_point')
        GROUP BY c.relname
        ORDER BY c.relname
    LOOP
        CONTINUE WHEN keep = EXISTS (SELECT FROM weir.history_kept h WHERE h.table_name = name);
        changed := changed + 1;
        IF keep THEN
            EXECUTE format('CREATE TRIGGER keep_inserted AFTER INSERT ON weir.%I REFERENCING NEW TABLE AS new_rows
                            FOR EACH STATEMENT EXECUTE FUNCTION weir.keep_versions(%s)', name,
                           (SELECT string_agg(quote_literal(c), ', ') FROM unnest(columns) AS c));
            EXECUTE format('CREATE TRIGGER keep_updated AFTER UPDATE ON weir.%I
                            REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                            FOR EACH STATEMENT EXECUTE FUNCTION weir.keep_versions(%s)', name,
                           (SELECT string_agg(quote_literal(c), ', ') FROM unnest(columns) AS c));
            EXECUTE format('INSERT INTO weir.row_history
                            SELECT %L, weir.row_key(to_jsonb(t), %L), t.revision, t.loaded_at, to_jsonb(t) FROM weir.%I t
                            ON CONFLICT DO NOTHING', name, columns, name);
            -- The triggers hold back writers until this commits, and a writer's now() may be older than that moment.
            INSERT INTO weir.history_kept VALUES (name, clock_timestamp());
        ELSE
            EXECUTE format('DROP TRIGGER keep_inserted ON weir.%I', name);
            EXECUTE format('DROP TRIGGER keep_updated ON weir.%I', name);
            DELETE FROM weir.history_kept h WHERE h.table_name = name;
        END IF;
    END LOOP;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION weir.keep_history(boolean) IS
    'Begins to keep the history of all tables that are revised, or ends it (what was kept stays). Gives how many tables that changed.';

CREATE FUNCTION weir.check_history(name text, moment timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept_since CONSTANT timestamptz := (SELECT h.since FROM weir.history_kept h WHERE h.table_name = name);
BEGIN
    IF kept_since IS NULL THEN
        RAISE EXCEPTION 'no history of % is kept', name
            USING HINT = 'Run weir migrate --history; it is kept from then on.', ERRCODE = 'object_not_in_prerequisite_state';
    ELSIF moment < kept_since THEN
        RAISE EXCEPTION 'what % said at % is not known: its history is kept since %', name, moment, kept_since
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
END
$$;
COMMENT ON FUNCTION weir.check_history(text, timestamptz) IS 'Refuses a table whose history is not kept, and a moment before it.';

CREATE FUNCTION weir.history_at(name text, moment timestamptz) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM weir.check_history(name, moment);
    RETURN QUERY
    SELECT v.contents
    FROM (SELECT DISTINCT ON (h.key_hash) h.contents
          FROM weir.row_history h
          WHERE h.table_name = name AND h.known_at <= moment
          ORDER BY h.key_hash, h.revision DESC) v
    WHERE NOT (v.contents ->> 'deleted')::boolean;
END
$$;
COMMENT ON FUNCTION weir.history_at(text, timestamptz) IS 'The rows of a table as they stood at a moment; refuses a moment before its history.';

CREATE FUNCTION bi.changed_between(table_name text, from_moment timestamptz, to_moment timestamptz)
RETURNS TABLE (was jsonb, became jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    house CONSTANT text[] := ARRAY ['revision', 'as_of', 'loaded_at'];
BEGIN
    PERFORM weir.check_history(changed_between.table_name, from_moment);
    RETURN QUERY
    SELECT b.contents, a.contents
    FROM (SELECT DISTINCT h.key_hash
          FROM weir.row_history h
          WHERE h.table_name = changed_between.table_name AND h.known_at > from_moment AND h.known_at <= to_moment) k
    LEFT JOIN LATERAL (
        SELECT h.contents FROM weir.row_history h
        WHERE h.table_name = changed_between.table_name AND h.key_hash = k.key_hash AND h.known_at <= from_moment
        ORDER BY h.revision DESC LIMIT 1) before ON true
    LEFT JOIN LATERAL (
        SELECT h.contents FROM weir.row_history h
        WHERE h.table_name = changed_between.table_name AND h.key_hash = k.key_hash AND h.known_at <= to_moment
        ORDER BY h.revision DESC LIMIT 1) after ON true
    CROSS JOIN LATERAL (SELECT CASE WHEN NOT (before.contents ->> 'deleted')::boolean THEN before.contents END) AS b (contents)
    CROSS JOIN LATERAL (SELECT CASE WHEN NOT (after.contents ->> 'deleted')::boolean THEN after.contents END) AS a (contents)
    WHERE b.contents - house IS DISTINCT FROM a.contents - house;
END
$$;
COMMENT ON FUNCTION bi.changed_between(text, timestamptz, timestamptz) IS
    'The rows of a table that said something else at the second moment than at the first: before and after, empty where there was none.';

CREATE FUNCTION bi.stage_moved_by(
    pipeline text, stage text, window_start timestamptz, window_end timestamptz, from_moment timestamptz, to_moment timestamptz)
RETURNS TABLE (deal_id text, visit_no bigint, was jsonb, became jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(c.became, c.was) ->> 'deal_id', (coalesce(c.became, c.was) ->> 'visit_no')::bigint, c.was, c.became
    FROM bi.changed_between('stage_visit', $5, $6) c
    WHERE EXISTS (
        SELECT FROM (VALUES (c.was), (c.became)) AS v (visit)
        WHERE v.visit ->> 'pipeline' = $1 AND v.visit ->> 'stage' = $2
          AND (v.visit ->> 'entered_at')::timestamptz < $4
          AND coalesce((v.visit ->> 'exited_at')::timestamptz, 'infinity') >= $3)
    ORDER BY 1, 2
$$;
COMMENT ON FUNCTION bi.stage_moved_by(text, text, timestamptz, timestamptz, timestamptz, timestamptz) IS
    'Why the row of a stage and window said something else at the second moment: the visits of deals that changed in between.';

CREATE FUNCTION bi.funnel_moved_by(
    funnel text, window_start timestamptz, window_end timestamptz, from_moment timestamptz, to_moment timestamptz)
RETURNS TABLE (entity_id text, attempt_no bigint, was jsonb, became jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(c.became, c.was) ->> 'entity_id', (coalesce(c.became, c.was) ->> 'attempt_no')::bigint, c.was, c.became
    FROM bi.changed_between('funnel_attempt', $4, $5) c
    WHERE EXISTS (
        SELECT FROM (VALUES (c.was), (c.became)) AS a (attempt)
        WHERE a.attempt ->> 'funnel' = $1
          AND (a.attempt ->> 'started_at')::timestamptz >= $2 AND (a.attempt ->> 'started_at')::timestamptz < $3)
    ORDER BY 1, 2
$$;
COMMENT ON FUNCTION bi.funnel_moved_by(text, timestamptz, timestamptz, timestamptz, timestamptz) IS
    'Why the rows of a funnel and window said something else at the second moment: the attempts that changed in between.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY ['funnel_window', 'stage_flow', 'stage_cohort', 'bottleneck', 'deal', 'alert'] LOOP
        EXECUTE format(
            'CREATE FUNCTION bi.%1$I(moment timestamptz) RETURNS SETOF weir.%2$I
             LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
             $f$ SELECT r.* FROM weir.history_at(%3$L, moment) v, jsonb_populate_record(NULL::weir.%2$I, v) r $f$',
            name || '_as_known_at', name, name);
        EXECUTE format('COMMENT ON FUNCTION bi.%I(timestamptz) IS %L', name || '_as_known_at',
            'The rows of ' || name || ' as the warehouse had them at a moment, by its clock; deleted rows left out.');
    END LOOP;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA weir, bi FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bi TO weir_reader;
