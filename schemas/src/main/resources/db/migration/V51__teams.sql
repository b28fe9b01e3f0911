-- Who sees which rows. Readers see all; whoever is granted weir_team sees the rows of the teams that weir.team_access gives it.
--
-- The views run with the rights of whoever asks (security_invoker), so the policies of the tables hold through them too; FORCE
-- makes them hold for the owner as well, so a view that forgot security_invoker shows nothing instead of everything.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'weir_team') THEN
        CREATE ROLE weir_team NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server was faster
END
$$;

CREATE TABLE weir.team_access (
    role name NOT NULL,
    team text NOT NULL,
    PRIMARY KEY (role, team)
);
COMMENT ON TABLE weir.team_access IS
    'Which teams'' rows a role sees that was granted weir_team. Filled by hand; a member of the role sees them too.';
COMMENT ON COLUMN weir.team_access.role IS 'A login or group role of the database.';
COMMENT ON COLUMN weir.team_access.team IS 'A team as owners and alerts name it.';

-- Bodies that are bound when they are made: whoever asks needs no way into schema weir.
CREATE FUNCTION weir.my_teams() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT a.team), '{}')
    FROM weir.team_access a
    JOIN pg_roles r ON r.rolname = a.role
    WHERE pg_has_role(r.oid, 'USAGE');
END;
COMMENT ON FUNCTION weir.my_teams() IS 'The teams whose rows the one who asks may see.';

CREATE FUNCTION weir.my_owners() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(array_agg(o.owner_id), '{}')
    FROM weir.owner o
    WHERE o.valid_to IS NULL AND NOT o.deleted AND o.team = ANY ((SELECT weir.my_teams())::text[]);
END;
COMMENT ON FUNCTION weir.my_owners() IS 'The owners who now belong to those teams.';

REVOKE ALL ON weir.team_access FROM PUBLIC;
REVOKE ALL ON FUNCTION weir.my_teams(), weir.my_owners() FROM PUBLIC;
GRANT USAGE ON SCHEMA bi TO weir_team;
GRANT SELECT ON weir.team_access TO weir_team;
GRANT EXECUTE ON FUNCTION weir.my_teams(), weir.my_owners() TO weir_team;

CREATE FUNCTION weir.guard() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    at record;
BEGIN
    FOR at IN
        -- Every table that a view shows, with the columns that it shows.
        SELECT t.oid, t.relname AS name, t.relrowsecurity AND t.relforcerowsecurity AS is_guarded, columns
        FROM pg_class t
        CROSS JOIN LATERAL (
            SELECT string_agg(DISTINCT quote_ident(a.attname), ', ')
            FROM pg_depend d
            JOIN pg_rewrite r ON r.oid = d.objid
            JOIN pg_class v ON v.oid = r.ev_class AND v.relnamespace = 'bi'::regnamespace
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND a.attnum > 0
            WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid) c (columns)
        WHERE t.relnamespace = 'weir'::regnamespace AND t.relkind IN ('r', 'p') AND columns IS NOT NULL
        ORDER BY t.relname
    LOOP
        IF NOT at.is_guarded THEN
            EXECUTE format('ALTER TABLE weir.%1$I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', at.name);
            -- By expression and not by role: in a view with its owner's rights the current user is still the one who asks.
            EXECUTE format('CREATE POLICY owner ON weir.%I USING (
                                current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = %L::regclass))',
                           at.name, format('weir.%I', at.name));
            EXECUTE format('CREATE POLICY writer ON weir.%I TO weir_writer USING (true) WITH CHECK (true)', at.name);
            EXECUTE format('CREATE POLICY reader ON weir.%I FOR SELECT TO weir_reader USING (true)', at.name);
        END IF;
        EXECUTE format('GRANT SELECT (%s) ON weir.%I TO weir_reader, weir_team', at.columns, at.name);
    END LOOP;
    FOR at IN
        SELECT v.relname AS name, coalesce('security_invoker=true' = ANY (v.reloptions), false) AS is_guarded
        FROM pg_class v
        WHERE v.relnamespace = 'bi'::regnamespace AND v.relkind = 'v'
        ORDER BY v.relname
    LOOP
        IF NOT at.is_guarded THEN
            EXECUTE format('ALTER VIEW bi.%I SET (security_invoker = true)', at.name);
        END IF;
        EXECUTE format('GRANT SELECT ON bi.%I TO weir_reader, weir_team', at.name);
    END LOOP;
    -- Not those that run as the owner: what was known at a moment is known of all teams.
    FOR at IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = 'bi'::regnamespace AND NOT p.prosecdef
        ORDER BY p.oid
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO weir_reader, weir_team', at.name);
    END LOOP;
END
$$;
COMMENT ON FUNCTION weir.guard() IS
    'Puts every table that a view shows under row-level security, and every view under the rights of whoever asks. Runs after each migration, so that what it brings is guarded too; a table without a policy for teams is nobody''s.';
REVOKE ALL ON FUNCTION weir.guard() FROM PUBLIC;

-- Which rows are a team's. Of what is not named here (totals, campaigns, records and their accounts) no row is.
DO $$
DECLARE
    at record;
BEGIN
    FOR at IN
        SELECT * FROM (VALUES
            ('owner', 'team = ANY ((SELECT weir.my_teams())::text[])'),
            ('alert', 'team = ANY ((SELECT weir.my_teams())::text[]) OR owner_id = ANY ((SELECT weir.my_owners())::text[])'),
            ('deal', 'owner_id = ANY ((SELECT weir.my_owners())::text[])'),
            ('deal_history', 'owner_id = ANY ((SELECT weir.my_owners())::text[])'),
            ('stage_visit', 'owner_id = ANY ((SELECT weir.my_owners())::text[])'),
            -- Policies hold within policies: of weir.deal only the team's deals are found here.
            ('account', 'account_id IN (SELECT d.account_id FROM weir.deal d WHERE NOT d.deleted)'),
            ('person', 'account_id IN (SELECT d.account_id FROM weir.deal d WHERE NOT d.deleted)'),
            ('funnel_attempt', 'account_id IN (SELECT d.account_id FROM weir.deal d WHERE NOT d.deleted)'),
            ('conversion', 'deal_id IN (SELECT d.deal_id FROM weir.deal d WHERE NOT d.deleted)'),
            ('touch_credit', 'conversion_id IN (SELECT c.conversion_id FROM weir.conversion c WHERE NOT c.deleted)'))
            AS p (name, mine)
        UNION ALL
        SELECT c.relname, 'breakdown = ''owner_id'' AND value = ANY ((SELECT weir.my_owners())::text[])'
        FROM pg_class c
        WHERE c.relnamespace = 'weir'::regnamespace AND c.relkind = 'r'
          AND c.relname NOT IN ('alert', 'attribution_window', 'campaign_window')
          AND 2 = (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('breakdown', 'value'))
    LOOP
        EXECUTE format('CREATE POLICY team ON weir.%I FOR SELECT TO weir_team USING (%s)', at.name, at.mine);
    END LOOP;
END
$$;
