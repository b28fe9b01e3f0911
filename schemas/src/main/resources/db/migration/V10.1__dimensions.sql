-- Owners, accounts, persons and campaigns with their history, and views of them.
CREATE TABLE weir.owner (
    owner_id   text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to   timestamptz,
    name       text,
    team       text,
    manager_id text,
    territory  text,
    active     boolean,
    status     text,
    into_id    text,
    properties jsonb
);
COMMENT ON TABLE weir.owner IS 'Whoever owns deals: one row for each time it changed.';
COMMENT ON COLUMN weir.owner.team IS 'The team it belongs to.';
COMMENT ON COLUMN weir.owner.manager_id IS 'The owner it reports to.';
COMMENT ON COLUMN weir.owner.territory IS 'What it sells to.';
COMMENT ON COLUMN weir.owner.active IS 'False when it left, was deleted or merged.';

CREATE TABLE weir.account (
    account_id text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to   timestamptz,
    name       text,
    parent_id  text,
    segment    text,
    industry   text,
    country    text,
    status     text,
    into_id    text,
    properties jsonb
);
COMMENT ON TABLE weir.account IS 'A company: one row for each time it changed.';
COMMENT ON COLUMN weir.account.segment IS 'Its segment.';
COMMENT ON COLUMN weir.account.industry IS 'Its industry.';

CREATE TABLE weir.person (
    person_id  text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to   timestamptz,
    name       text,
    account_id text,
    title      text,
    country    text,
    status     text,
    into_id    text,
    properties jsonb
);
COMMENT ON TABLE weir.person IS 'A person who is or may become a customer: one row for each time it changed.';
COMMENT ON COLUMN weir.person.title IS 'What it does there.';

CREATE TABLE weir.campaign (
    campaign_id text NOT NULL,
    valid_from  timestamptz NOT NULL,
    valid_to    timestamptz,
    name        text,
    channel     text,
    parent_id   text,
    status      text,
    into_id     text,
    properties  jsonb
);
COMMENT ON TABLE weir.campaign IS 'A campaign: one row for each time it changed.';
COMMENT ON COLUMN weir.campaign.channel IS 'By which channel it reaches people.';

DO $$
DECLARE
    name text;
    said record;
BEGIN
    FOREACH name IN ARRAY ARRAY ['owner', 'account', 'person', 'campaign'] LOOP
        EXECUTE format(
            'ALTER TABLE weir.%1$I
                 ADD COLUMN definition text NOT NULL DEFAULT '''',
                 ADD COLUMN deleted boolean NOT NULL DEFAULT false,
                 ADD COLUMN as_of timestamptz,
                 ADD COLUMN revision bigint NOT NULL,
                 ADD COLUMN loaded_at timestamptz NOT NULL DEFAULT now(),
                 ADD PRIMARY KEY (%2$I, valid_from, definition)', name, name || '_id');
        EXECUTE format(
            'CREATE VIEW bi.%3$I AS SELECT %2$s, valid_to IS NULL AS is_current, as_of FROM weir.%1$I WHERE NOT deleted',
            name, (
                SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                FROM pg_attribute a
                WHERE a.attrelid = format('weir.%I', name)::regclass AND a.attnum > 0
                  AND a.attname NOT IN ('definition', 'deleted', 'as_of', 'revision', 'loaded_at')),
            name || '_history');
        EXECUTE format('CREATE VIEW bi.%1$I AS SELECT * FROM bi.%2$I WHERE is_current', name || '_current', name || '_history');
        EXECUTE format('COMMENT ON VIEW bi.%I IS %L', name || '_history',
            'Every ' || name || ' as it was: join on the id and on valid_from <= t AND (t < valid_to OR valid_to IS NULL).');
        EXECUTE format('COMMENT ON VIEW bi.%I IS %L', name || '_current',
            'Every ' || name || ' as it is now, one row each; the deleted and the merged too: see status.');
        EXECUTE format('REVOKE ALL ON weir.%1$I, bi.%2$I, bi.%3$I FROM PUBLIC', name, name || '_current', name || '_history');
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON weir.%I TO weir_writer', name);
        EXECUTE format('GRANT SELECT ON bi.%1$I, bi.%2$I TO weir_reader', name || '_current', name || '_history');
    END LOOP;

    FOR said IN
        SELECT n.nspname, c.relname, a.attname, coalesce(w.words, col_description(('weir.' || regexp_replace(c.relname, '_(current|history)$', ''))::regclass, b.attnum)) AS words
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('weir', 'bi')
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        LEFT JOIN pg_attribute b
            ON b.attrelid = ('weir.' || regexp_replace(c.relname, '_(current|history)$', ''))::regclass AND b.attname = a.attname
        LEFT JOIN (VALUES
            ('owner_id', 'The owner.'),
            ('account_id', 'The account.'),
            ('person_id', 'The person.'),
            ('campaign_id', 'The campaign.'),
            ('valid_from', 'From when on it was so.'),
            ('valid_to', 'Up to when, exclusive; empty while it still is.'),
            ('is_current', 'True while it still is so.'),
            ('name', 'What it is called.'),
            ('parent_id', 'The one above it.'),
            ('country', 'Its country.'),
            ('status', 'live, deleted, merged.'),
            ('into_id', 'Merged: into which, as the source says.'),
            ('properties', 'Everything else the source said.'),
            ('definition', 'Hash of the funnel or pipeline by which the row was computed; empty where none stands behind it. Part of the key.'),
            ('deleted', 'True when a recount no longer has this row.'),
            ('as_of', 'Event time up to which the job had seen everything when it computed the row; empty when it could not say.'),
            ('revision', 'Grows with every new version of the row: submission * 2^40 + checkpoint. The greatest wins.'),
            ('loaded_at', 'When this version was written, by the clock of the database.')) AS w (name, words) ON w.name = a.attname
        WHERE c.relname IN ('owner', 'account', 'person', 'campaign',
                            'owner_current', 'account_current', 'person_current', 'campaign_current',
                            'owner_history', 'account_history', 'person_history', 'campaign_history')
          AND c.relkind IN ('r', 'v') AND col_description(c.oid, a.attnum) IS NULL
        ORDER BY c.relkind
    LOOP
        EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', said.nspname, said.relname, said.attname, said.words);
    END LOOP;
END
$$;
