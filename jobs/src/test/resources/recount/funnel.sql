-- The rules of METRICS.md once more, in another language and by another way: attempt after attempt, step after step, the
-- earliest event that will do is looked for among all events of the key. The test calls recount.attempts and recount.windows
-- for a funnel given as JSON, and compares what they say with what Weir wrote.
CREATE SCHEMA recount;

-- Each event once: its place among those of one instant (kind of event, then id), its kind, and what it may be split by.
CREATE TABLE recount.event (
    at bigint NOT NULL, place text COLLATE "C" NOT NULL, person text, account text, kind text NOT NULL, fields jsonb NOT NULL
);

-- What was said of persons and accounts, each once: a property it does not name stays, an empty text empties it.
CREATE TABLE recount.entity (
    entity text NOT NULL, id text NOT NULL, at bigint NOT NULL, place text COLLATE "C" NOT NULL, said jsonb NOT NULL
);

CREATE FUNCTION recount.known(of_entity text, of_id text, property text, upto bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif(e.said ->> property, '') FROM recount.entity e
    WHERE e.entity = of_entity AND e.id = of_id AND e.said ? property AND e.at <= upto
    ORDER BY e.at DESC, e.place DESC LIMIT 1
$$;

CREATE TABLE recount.attempt (
    entity text, number bigint, started bigint, times bigint[], completed bigint, deadline bigint, opener jsonb, source jsonb
);

CREATE FUNCTION recount.fill(f jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    steps   int := jsonb_array_length(f -> 'steps');
    anyhow  boolean := f ->> 'order' = 'any';
    who     text;
    spent   bigint;
    number  bigint;
    opener  record;
    best    record;
    latest  jsonb;
    times   bigint[];
    used    text[];
    last    int;
    upto    int;
    ends    bigint;
    done    boolean;
    broken  bigint;
BEGIN
    TRUNCATE recount.attempt;
    -- The events that the funnel knows, with the steps that each can be and whether it excludes.
    DROP TABLE IF EXISTS seen;
    CREATE TEMP TABLE seen AS
    SELECT * FROM (
        SELECT CASE f ->> 'entity' WHEN 'account' THEN e.account ELSE e.person END AS entity, e.at, e.place,
               -- The account is the one that the event names; for a person otherwise the person's at the time.
               e.fields || jsonb_strip_nulls(jsonb_build_object('account.segment', recount.known('account', coalesce(
                   e.account, CASE f ->> 'entity' WHEN 'person' THEN recount.known('person', e.person, 'account_id', e.at) END
               ), 'segment', e.at))) AS fields,
               ARRAY(SELECT s.no::int FROM jsonb_array_elements(f -> 'steps') WITH ORDINALITY AS s (step, no)
                     WHERE s.step -> 'kinds' ? e.kind ORDER BY s.no) AS can,
               EXISTS (SELECT FROM jsonb_array_elements(f -> 'exclude') AS x (kinds) WHERE x.kinds ? e.kind) AS excludes
        FROM recount.event e) known
    WHERE entity IS NOT NULL AND (excludes OR cardinality(can) > 0);
    CREATE INDEX ON seen (entity, at);

    FOR who IN SELECT DISTINCT entity FROM seen LOOP
        spent := -1;
        number := 0;
        LOOP
            SELECT * INTO opener FROM seen WHERE entity = who AND at > spent AND 1 = ANY (can) ORDER BY at, place LIMIT 1;
            EXIT WHEN NOT FOUND;
            times := array_fill(NULL::bigint, ARRAY[steps]);
            times[1] := opener.at;
            ends := opener.at + (f ->> 'within')::bigint;
            used := ARRAY[opener.place];
            latest := opener.fields;
            last := 1;
            LOOP
                -- Ordered: the next step, or one behind optional ones; any: whichever is missing.
                upto := steps;
                IF NOT anyhow THEN
                    SELECT coalesce(min(n), steps) INTO upto FROM generate_series(last + 1, steps) n
                    WHERE NOT (f -> 'steps' -> (n - 1) ->> 'optional')::boolean;
                END IF;
                SELECT e.at, e.place, e.fields, n INTO best
                FROM seen e, generate_series(CASE WHEN anyhow THEN 2 ELSE last + 1 END, upto) n
                WHERE e.entity = who AND n = ANY (e.can) AND times[n] IS NULL AND e.place <> ALL (used) AND e.at <= ends
                  AND e.at >= CASE WHEN anyhow THEN opener.at ELSE times[last] END
                  AND (anyhow OR e.at <= times[last] + coalesce((f -> 'steps' -> (n - 1) ->> 'within')::bigint, ends))
                ORDER BY e.at, n, e.place LIMIT 1;
                EXIT WHEN NOT FOUND;
                EXIT WHEN f ->> 'order' = 'strict' AND EXISTS (
                    SELECT FROM seen WHERE entity = who AND at >= opener.at AND at < best.at AND place <> ALL (used));
                times[best.n] := best.at;
                used := used || best.place;
                latest := best.fields;
                last := best.n;
            END LOOP;
            done := CASE WHEN anyhow THEN array_position(times, NULL) IS NULL ELSE times[steps] IS NOT NULL END;
            IF done THEN
                ends := (SELECT max(t) FROM unnest(times) t);
            END IF;
            SELECT min(at) INTO broken FROM seen
            WHERE entity = who AND excludes AND at > opener.at AND (at < ends OR at = ends AND NOT done);
            IF broken IS NOT NULL THEN
                spent := broken;
                CONTINUE;
            END IF;
            spent := ends;
            number := number + 1;
            IF anyhow THEN
                times := ARRAY(SELECT t FROM unnest(times) t ORDER BY t NULLS LAST);
            END IF;
            INSERT INTO recount.attempt VALUES (
                who, number, opener.at, times, CASE WHEN done THEN ends END, opener.at + (f ->> 'within')::bigint,
                opener.fields, CASE f ->> 'from' WHEN 'last' THEN latest ELSE opener.fields END);
        END LOOP;
    END LOOP;
END
$$;

CREATE FUNCTION recount.instant(millis bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
RETURN timestamptz 'epoch' + millis * interval '1 millisecond';

CREATE FUNCTION recount.value(fields jsonb, of jsonb) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE jsonb_array_length(of)
           WHEN 1 THEN coalesce(fields ->> (of ->> 0), '(unknown)')
           ELSE replace(coalesce(fields ->> (of ->> 0), '(unknown)'), '&', '&&') || ' & '
                || replace(coalesce(fields ->> (of ->> 1), '(unknown)'), '&', '&&')
       END;

-- funnel_attempt as it should be.
CREATE FUNCTION recount.attempts(f jsonb) RETURNS TABLE (
    entity_id text, attempt_no bigint, started_at timestamptz, account_id text, channel text, campaign text,
    breakdowns jsonb, reached_step bigint, step_times timestamptz[], completed_at timestamptz, matures_at timestamptz
) LANGUAGE sql AS $$
    SELECT a.entity, a.number, recount.instant(a.started),
           CASE f ->> 'entity' WHEN 'account' THEN a.entity ELSE a.opener ->> 'account_id' END,
           a.opener ->> 'channel', a.opener ->> 'campaign',
           (SELECT coalesce(jsonb_object_agg(x, coalesce(a.source ->> x, '(unknown)')), '{}')
            FROM jsonb_array_elements(f -> 'breakdowns') b (of), jsonb_array_elements_text(b.of) x),
           (SELECT max(n) FROM generate_subscripts(a.times, 1) n WHERE a.times[n] IS NOT NULL),
           ARRAY(SELECT recount.instant(t) FROM unnest(a.times) WITH ORDINALITY AS u (t, n) ORDER BY n),
           recount.instant(a.completed), recount.instant(a.deadline)
    FROM recount.attempt a
$$;

-- funnel_window as it should be as of a moment. Quantiles to within the buckets' width are compared apart.
CREATE FUNCTION recount.windows(f jsonb, as_of bigint) RETURNS TABLE (
    grain text, window_start timestamptz, breakdown text, value text, step_no bigint, step text,
    window_end timestamptz, window_date date, is_complete boolean,
    entered bigint, reached bigint, mature_entered bigint, mature_reached bigint, p50 float8, p90 float8
) LANGUAGE sql AS $$
    SELECT w.grain, w.start, b.name, b.value, s.no, s.step ->> 'name',
           w.ends, (w.start AT TIME ZONE (f ->> 'zone'))::date, coalesce(w.ends <= recount.instant(as_of), false),
           count(*), count(a.times[s.no]),
           count(*) FILTER (WHERE a.deadline <= as_of), count(a.times[s.no]) FILTER (WHERE a.deadline <= as_of),
           CASE WHEN s.no > 1 AND count(a.times[s.no]) >= 6
                THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY (a.times[s.no] - a.started) / 1000.0) END,
           CASE WHEN s.no > 1 AND count(a.times[s.no]) >= 36
                THEN percentile_cont(0.9) WITHIN GROUP (ORDER BY (a.times[s.no] - a.started) / 1000.0) END
    FROM recount.attempt a
    CROSS JOIN LATERAL (
        SELECT g.grain, start AT TIME ZONE (f ->> 'zone') AS start,
               (start + ('1 ' || replace(g.grain, 'quarter', 'month'))::interval
                      * CASE g.grain WHEN 'quarter' THEN 3 ELSE 1 END) AT TIME ZONE (f ->> 'zone') AS ends
        FROM jsonb_array_elements_text(f -> 'windows') g (grain),
             date_trunc(g.grain, recount.instant(a.started) AT TIME ZONE (f ->> 'zone')) start
        UNION ALL
        SELECT 'all', timestamptz 'epoch', NULL) w
    CROSS JOIN LATERAL (
        SELECT CASE jsonb_array_length(of)
                   WHEN 1 THEN of ->> 0
                   ELSE replace(of ->> 0, '&', '&&') || ' & ' || replace(of ->> 1, '&', '&&')
               END AS name,
               recount.value(a.source, of) AS value
        FROM jsonb_array_elements(f -> 'breakdowns') of
        UNION ALL
        SELECT '(total)', '(total)') b
    CROSS JOIN jsonb_array_elements(f -> 'steps') WITH ORDINALITY AS s (step, no)
    GROUP BY w.grain, w.start, w.ends, b.name, b.value, s.no, s.step ->> 'name'
$$;
