-- The tables that the jobs fill. Written only through the outbox: one upsert per key, newest revision wins.
-- Their columns are the Table constants of the code; a test holds the two together.
CREATE SCHEMA IF NOT EXISTS weir;
COMMENT ON SCHEMA weir IS 'What the jobs write. Read the views of schema bi instead.';

CREATE SEQUENCE weir.submission_epoch AS bigint MAXVALUE 4194303;
COMMENT ON SEQUENCE weir.submission_epoch IS
    'Drawn once per submission of a job; the high bits of revision, so that an older submission can never overwrite a newer one.';

CREATE TABLE weir.deal (
    deal_id          text NOT NULL,
    pipeline         text,
    stage            text,
    status           text,
    deal_type        text,
    amount           numeric(20, 4),
    currency         text,
    amount_reporting numeric(20, 4),
    owner_id         text,
    account_id       text,
    created_at       timestamptz,
    closed_at        timestamptz,
    expected_close   date,
    push_count       bigint,
    stalled_since    timestamptz
);
COMMENT ON TABLE weir.deal IS 'Every deal as it stands now, one row each.';
COMMENT ON COLUMN weir.deal.deal_id IS 'The deal, as the source names it.';
COMMENT ON COLUMN weir.deal.pipeline IS 'The pipeline it is in.';
COMMENT ON COLUMN weir.deal.stage IS 'The stage it is in, or the outcome stage it ended in.';
COMMENT ON COLUMN weir.deal.status IS 'open, won, lost, deleted or merged.';
COMMENT ON COLUMN weir.deal.deal_type IS 'New business, expansion or renewal, as the source says it.';
COMMENT ON COLUMN weir.deal.amount IS 'What the deal is worth, in its own currency.';
COMMENT ON COLUMN weir.deal.currency IS 'Currency of amount, ISO 4217.';
COMMENT ON COLUMN weir.deal.created_at IS 'When the deal was created.';
COMMENT ON COLUMN weir.deal.closed_at IS 'When it was won or lost; empty while it is open.';
COMMENT ON COLUMN weir.deal.expected_close IS 'The day on which the owner expects it to close.';
COMMENT ON COLUMN weir.deal.push_count IS 'How many times the expected close moved to a later calendar month.';
COMMENT ON COLUMN weir.deal.stalled_since IS 'When it passed its stage''s stalled_after without moving; empty when it is not stalled.';

CREATE TABLE weir.stage_visit (
    deal_id          text NOT NULL,
    visit_no         bigint NOT NULL,
    pipeline         text,
    stage            text,
    entered_at       timestamptz,
    exited_at        timestamptz,
    exit             text,
    seconds          double precision,
    business_seconds double precision,
    owner_id         text,
    account_id       text,
    amount_reporting numeric(20, 4),
    breakdowns       jsonb
);
COMMENT ON TABLE weir.stage_visit IS 'Every stay of a deal in a stage. The visits of a deal tile its open life without gap or overlap.';
COMMENT ON COLUMN weir.stage_visit.deal_id IS 'The deal.';
COMMENT ON COLUMN weir.stage_visit.visit_no IS 'Number of the visit in the life of the deal, from 1.';
COMMENT ON COLUMN weir.stage_visit.pipeline IS 'Pipeline of the stage.';
COMMENT ON COLUMN weir.stage_visit.stage IS 'The stage; (before history) before the first known one, (unknown: id) until the playbook maps it.';
COMMENT ON COLUMN weir.stage_visit.entered_at IS 'When the deal entered the stage.';
COMMENT ON COLUMN weir.stage_visit.exited_at IS 'When it left the stage; empty while it is there.';
COMMENT ON COLUMN weir.stage_visit.exit IS 'How it left: advanced, returned, won, lost, merged, moved_pipeline or deleted; empty while it is there.';
COMMENT ON COLUMN weir.stage_visit.seconds IS 'Length of the visit in seconds; empty while it lasts.';
COMMENT ON COLUMN weir.stage_visit.business_seconds IS 'Length of the visit in seconds of working time by the playbook''s calendar.';
COMMENT ON COLUMN weir.stage_visit.breakdowns IS 'The values by which this visit is broken down, those at entry.';

CREATE TABLE weir.stage_flow (
    pipeline          text NOT NULL,
    grain             text NOT NULL,
    window_start      timestamptz NOT NULL,
    breakdown         text NOT NULL,
    value             text NOT NULL,
    stage             text NOT NULL,
    window_end        timestamptz,
    window_date       date,
    timezone          text,
    is_complete       boolean,
    entered           bigint,
    exited            bigint,
    advanced          bigint,
    returned          bigint,
    won               bigint,
    lost              bigint,
    removed           bigint,
    wip_end           bigint,
    at_risk_seconds   double precision,
    dwell_seconds_sum double precision,
    dwell_p50_seconds double precision,
    dwell_p90_seconds double precision
);
COMMENT ON TABLE weir.stage_flow IS 'What went through each stage in a window, counted when it happened.';
COMMENT ON COLUMN weir.stage_flow.entered IS 'Visits that began in the window.';
COMMENT ON COLUMN weir.stage_flow.exited IS 'Visits that ended in the window, in whatever way.';
COMMENT ON COLUMN weir.stage_flow.advanced IS 'Of those, left for a later stage.';
COMMENT ON COLUMN weir.stage_flow.returned IS 'Of those, left for an earlier stage.';
COMMENT ON COLUMN weir.stage_flow.won IS 'Of those, ended won.';
COMMENT ON COLUMN weir.stage_flow.lost IS 'Of those, ended lost.';
COMMENT ON COLUMN weir.stage_flow.removed IS 'Of those, merged away, moved to another pipeline or deleted.';
COMMENT ON COLUMN weir.stage_flow.wip_end IS 'Deals in the stage at the end of the window (as_of while the window is open).';
COMMENT ON COLUMN weir.stage_flow.at_risk_seconds IS 'Time that all deals together spent in the stage within the window, in seconds.';
COMMENT ON COLUMN weir.stage_flow.dwell_seconds_sum IS 'Sum of the lengths of the visits that ended in the window, in seconds.';
COMMENT ON COLUMN weir.stage_flow.dwell_p50_seconds IS 'Median length of the visits that ended in the window, in seconds; empty below 6 visits.';
COMMENT ON COLUMN weir.stage_flow.dwell_p90_seconds IS 'The length that 9 in 10 of those visits stay under, in seconds; empty below 36 visits.';

CREATE TABLE weir.stage_cohort (
    pipeline        text NOT NULL,
    grain           text NOT NULL,
    window_start    timestamptz NOT NULL,
    breakdown       text NOT NULL,
    value           text NOT NULL,
    stage           text NOT NULL,
    window_end      timestamptz,
    window_date     date,
    timezone        text,
    is_complete     boolean,
    entered         bigint,
    mature_entered  bigint,
    mature_advanced bigint,
    mature_won      bigint,
    mature_lost     bigint,
    km_p50_seconds  double precision
);
COMMENT ON TABLE weir.stage_cohort IS 'What became of the visits that began in a window, whenever it happened.';
COMMENT ON COLUMN weir.stage_cohort.entered IS 'Visits that began in the window.';
COMMENT ON COLUMN weir.stage_cohort.mature_entered IS 'Of those, old enough (matures_after) to be judged.';
COMMENT ON COLUMN weir.stage_cohort.mature_advanced IS 'Of the mature, left for a later stage.';
COMMENT ON COLUMN weir.stage_cohort.mature_won IS 'Of the mature, won straight from this stage.';
COMMENT ON COLUMN weir.stage_cohort.mature_lost IS 'Of the mature, lost straight from this stage.';
COMMENT ON COLUMN weir.stage_cohort.km_p50_seconds IS 'Median stay in seconds, the visits that still last counted as such (Kaplan-Meier); empty while over half still last.';

CREATE TABLE weir.bottleneck (
    pipeline           text NOT NULL,
    grain              text NOT NULL,
    window_start       timestamptz NOT NULL,
    breakdown          text NOT NULL,
    value              text NOT NULL,
    stage              text NOT NULL,
    window_end         timestamptz,
    window_date        date,
    timezone           text,
    is_complete        boolean,
    load_rank          bigint,
    change_rank        bigint,
    load_share         double precision,
    extra_wip          double precision,
    wip                double precision,
    arrival_rate       double precision,
    exit_rate          double precision,
    days_lost_per_deal double precision
);
COMMENT ON TABLE weir.bottleneck IS 'Each stage as a queue over a window: where the time goes, and what changed.';
COMMENT ON COLUMN weir.bottleneck.load_rank IS '1 for the stage that holds most of the time of all deals in the window.';
COMMENT ON COLUMN weir.bottleneck.change_rank IS '1 for the stage whose extra_wip grew most; empty without a baseline.';
COMMENT ON COLUMN weir.bottleneck.load_share IS 'Share of the time of all deals in the window that passed in this stage, 0 to 1.';
COMMENT ON COLUMN weir.bottleneck.extra_wip IS 'Deals in the stage beyond what its own baseline would hold at this arrival rate.';
COMMENT ON COLUMN weir.bottleneck.wip IS 'Deals in the stage on average over the window.';
COMMENT ON COLUMN weir.bottleneck.arrival_rate IS 'Deals that entered, a day.';
COMMENT ON COLUMN weir.bottleneck.exit_rate IS 'Deals that left, a day.';
COMMENT ON COLUMN weir.bottleneck.days_lost_per_deal IS 'Days that a deal stays longer than in the baseline.';

CREATE TABLE weir.funnel_attempt (
    funnel       text NOT NULL,
    entity_id    text NOT NULL,
    attempt_no   bigint NOT NULL,
    started_at   timestamptz,
    account_id   text,
    channel      text,
    campaign     text,
    breakdowns   jsonb,
    reached_step bigint,
    step_times   timestamptz[],
    completed_at timestamptz,
    matures_at   timestamptz
);
COMMENT ON TABLE weir.funnel_attempt IS 'Every attempt of a person or account at a funnel.';
COMMENT ON COLUMN weir.funnel_attempt.entity_id IS 'The person or account.';
COMMENT ON COLUMN weir.funnel_attempt.attempt_no IS 'Number of the attempt of this person or account, from 1.';
COMMENT ON COLUMN weir.funnel_attempt.started_at IS 'When the first step was reached.';
COMMENT ON COLUMN weir.funnel_attempt.channel IS 'Channel of the event that opened the attempt.';
COMMENT ON COLUMN weir.funnel_attempt.campaign IS 'Campaign of the event that opened the attempt.';
COMMENT ON COLUMN weir.funnel_attempt.breakdowns IS 'The values by which this attempt is broken down.';
COMMENT ON COLUMN weir.funnel_attempt.reached_step IS 'Number of the last step reached, from 1.';
COMMENT ON COLUMN weir.funnel_attempt.step_times IS 'When each step was reached, in step order; empty where it was not.';
COMMENT ON COLUMN weir.funnel_attempt.completed_at IS 'When the last step was reached; empty when it was not.';
COMMENT ON COLUMN weir.funnel_attempt.matures_at IS 'From when the attempt can no longer get further, by the funnel''s time limit.';

CREATE TABLE weir.funnel_window (
    funnel         text NOT NULL,
    grain          text NOT NULL,
    window_start   timestamptz NOT NULL,
    breakdown      text NOT NULL,
    value          text NOT NULL,
    step_no        bigint NOT NULL,
    step           text NOT NULL,
    window_end     timestamptz,
    window_date    date,
    timezone       text,
    is_complete    boolean,
    entered        bigint,
    reached        bigint,
    mature_entered bigint,
    mature_reached bigint,
    seconds_p50    double precision,
    seconds_p90    double precision
);
COMMENT ON TABLE weir.funnel_window IS 'How far the attempts that began in a window got, one row per step.';
COMMENT ON COLUMN weir.funnel_window.step_no IS 'Number of the step, from 1.';
COMMENT ON COLUMN weir.funnel_window.step IS 'Name of the step.';
COMMENT ON COLUMN weir.funnel_window.entered IS 'Attempts that began in the window.';
COMMENT ON COLUMN weir.funnel_window.reached IS 'Of those, reached this step.';
COMMENT ON COLUMN weir.funnel_window.mature_entered IS 'Attempts of the window old enough that they can no longer get further.';
COMMENT ON COLUMN weir.funnel_window.mature_reached IS 'Of the mature, reached this step.';
COMMENT ON COLUMN weir.funnel_window.seconds_p50 IS 'Median time from the first step to this one, in seconds; empty below 6 attempts.';
COMMENT ON COLUMN weir.funnel_window.seconds_p90 IS 'The time that 9 in 10 stay under, in seconds; empty below 36 attempts.';

CREATE TABLE weir.metric_point (
    metric       text NOT NULL,
    breakdown    text NOT NULL,
    value        text NOT NULL,
    grain        text NOT NULL,
    window_start timestamptz NOT NULL,
    kind         text,
    numerator    double precision,
    denominator  double precision,
    observed     double precision,
    expected     double precision,
    lower        double precision,
    upper        double precision,
    score        double precision,
    evidence     text
);
COMMENT ON TABLE weir.metric_point IS 'The series that are watched: what was seen in each closed window, and what was expected.';
COMMENT ON COLUMN weir.metric_point.metric IS 'Name of the series.';
COMMENT ON COLUMN weir.metric_point.kind IS 'What kind of number it is: rate, count, duration or other.';
COMMENT ON COLUMN weir.metric_point.numerator IS 'For a rate, the successes; else the number itself.';
COMMENT ON COLUMN weir.metric_point.denominator IS 'For a rate, the trials; for a duration, the exposure.';
COMMENT ON COLUMN weir.metric_point.observed IS 'The number seen.';
COMMENT ON COLUMN weir.metric_point.expected IS 'The number expected from the windows before; empty while there are too few.';
COMMENT ON COLUMN weir.metric_point.lower IS 'Lower end of what is usual.';
COMMENT ON COLUMN weir.metric_point.upper IS 'Upper end of what is usual.';
COMMENT ON COLUMN weir.metric_point.score IS 'How strongly this and the windows before speak against no change; an alarm when it passes its threshold.';
COMMENT ON COLUMN weir.metric_point.evidence IS 'enough, thin or none: whether the counts carry a judgement.';

CREATE TABLE weir.alert (
    alert_id   text NOT NULL,
    kind       text,
    severity   text,
    status     text,
    metric     text,
    breakdown  text,
    value      text,
    subject    text,
    team       text,
    owner_id   text,
    summary    text,
    started_at timestamptz,
    ended_at   timestamptz,
    evidence   jsonb,
    verdict    text
);
COMMENT ON TABLE weir.alert IS 'Every alert as it stands now. The truth to reconcile the alert topic with.';
COMMENT ON COLUMN weir.alert.alert_id IS 'The alert; the same id wherever and however often it is computed.';
COMMENT ON COLUMN weir.alert.kind IS 'What was found: stalled, bottleneck, conversion drop.';
COMMENT ON COLUMN weir.alert.severity IS 'How urgent it is.';
COMMENT ON COLUMN weir.alert.status IS 'firing, acknowledged, resolved, or retracted when later facts took its ground away.';
COMMENT ON COLUMN weir.alert.metric IS 'The series behind it, if there is one.';
COMMENT ON COLUMN weir.alert.subject IS 'What it is about: a step, a stage, a deal.';
COMMENT ON COLUMN weir.alert.team IS 'The team that it goes to.';
COMMENT ON COLUMN weir.alert.summary IS 'The alert in one sentence.';
COMMENT ON COLUMN weir.alert.started_at IS 'When what it reports began.';
COMMENT ON COLUMN weir.alert.ended_at IS 'When that ended; empty while it goes on.';
COMMENT ON COLUMN weir.alert.evidence IS 'The figures that it rests on.';
COMMENT ON COLUMN weir.alert.verdict IS 'What a reader answered: useful, known or wrong.';

CREATE TABLE weir.dead_letter (
    job       text NOT NULL,
    topic     text NOT NULL,
    partition bigint NOT NULL,
    "offset"  bigint NOT NULL,
    reason    text,
    detail    text,
    length    bigint,
    sha256    text,
    payload   bytea
);
COMMENT ON TABLE weir.dead_letter IS 'Every record that a job could not take, and why, with its bytes for a replay.';
COMMENT ON COLUMN weir.dead_letter.topic IS 'Topic it was read from; (warehouse) and a table for a row that the warehouse itself refused.';
COMMENT ON COLUMN weir.dead_letter.partition IS 'Partition it was read from.';
COMMENT ON COLUMN weir.dead_letter."offset" IS 'Offset it was read at; for a refused row a hash of its key.';
COMMENT ON COLUMN weir.dead_letter.reason IS 'Why, as one word of a fixed list.';
COMMENT ON COLUMN weir.dead_letter.detail IS 'Why, for a person.';
COMMENT ON COLUMN weir.dead_letter.length IS 'Length of the whole record in bytes.';
COMMENT ON COLUMN weir.dead_letter.sha256 IS 'SHA-256 of the whole record, in hexadecimal.';
COMMENT ON COLUMN weir.dead_letter.payload IS 'The first 64 KiB of the record.';

CREATE TABLE weir.ledger (
    job           text NOT NULL,
    topic         text NOT NULL,
    partition     bigint NOT NULL,
    bucket        bigint NOT NULL,
    read          bigint,
    accepted      bigint,
    duplicate     bigint,
    filtered      bigint,
    dead_lettered bigint,
    expired       bigint,
    control       bigint,
    checksum      bigint
);
COMMENT ON TABLE weir.ledger IS
    'The account of every record read: read = accepted + duplicate + filtered + dead_lettered + expired + control.';
COMMENT ON COLUMN weir.ledger.topic IS 'Topic that was read.';
COMMENT ON COLUMN weir.ledger.partition IS 'Partition that was read.';
COMMENT ON COLUMN weir.ledger.bucket IS 'A thousand offsets: offset / 1,000.';
COMMENT ON COLUMN weir.ledger.read IS 'Records read.';
COMMENT ON COLUMN weir.ledger.accepted IS 'Records that became facts.';
COMMENT ON COLUMN weir.ledger.duplicate IS 'Records whose event was known already.';
COMMENT ON COLUMN weir.ledger.filtered IS 'Records that no condition of the playbook asks for.';
COMMENT ON COLUMN weir.ledger.dead_lettered IS 'Records that could not be taken; see dead_letter.';
COMMENT ON COLUMN weir.ledger.expired IS 'Records older than the job keeps facts.';
COMMENT ON COLUMN weir.ledger.control IS 'Records that say something about time, not about the business.';
COMMENT ON COLUMN weir.ledger.checksum IS 'Sum of the hashes of all positions with their class: equal runs give equal sums.';

-- What every table has.
DO $$
DECLARE
    name text;
    key  text;
BEGIN
    FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'weir'::regnamespace AND c.relkind = 'r'
                AND c.relname <> 'flyway_schema_history' LOOP
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO key
        FROM pg_attribute a
        WHERE a.attrelid = format('weir.%I', name)::regclass AND a.attnum > 0 AND a.attnotnull;
        EXECUTE format(
            'ALTER TABLE weir.%1$I
                 ADD COLUMN definition text NOT NULL DEFAULT '''',
                 ADD COLUMN deleted boolean NOT NULL DEFAULT false,
                 ADD COLUMN as_of timestamptz,
                 ADD COLUMN revision bigint NOT NULL,
                 ADD COLUMN loaded_at timestamptz NOT NULL DEFAULT now(),
                 ADD PRIMARY KEY (%2$s, definition)', name, key);
    END LOOP;
END
$$;

-- Words for the columns that several tables share.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT c.relname, a.attname, w.words
        FROM (VALUES
            ('definition', 'Hash of the funnel or pipeline by which the row was computed; empty where none stands behind it. Part of the key.'),
            ('deleted', 'True when a recount no longer has this row.'),
            ('as_of', 'Event time up to which the job had seen everything when it computed the row; empty when it could not say.'),
            ('revision', 'Grows with every new version of the row: submission * 2^40 + checkpoint. The greatest wins.'),
            ('loaded_at', 'When this version was written, by the clock of the database.'),
            ('grain', 'Length of the window: day, week, month, quarter, or all for the whole history.'),
            ('window_start', 'First instant of the window.'),
            ('window_end', 'First instant after the window.'),
            ('window_date', 'Day on which the window starts, in timezone.'),
            ('timezone', 'Time zone by which windows are cut.'),
            ('is_complete', 'False while as_of lies before the end of the window.'),
            ('breakdown', 'By what the number is broken down; (total) when it is not.'),
            ('value', 'The value of the breakdown; (total), or (unknown) where it is missing.'),
            ('pipeline', 'The pipeline.'),
            ('stage', 'The stage.'),
            ('funnel', 'The funnel.'),
            ('owner_id', 'Who owns the deal.'),
            ('account_id', 'The account it belongs to.'),
            ('amount_reporting', 'The amount in the playbook''s reporting currency at the dated rate; empty without a rate.'),
            ('job', 'The job that wrote the row.')) AS w (name, words)
        JOIN pg_attribute a ON a.attname = w.name AND a.attnum > 0
        JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'weir'::regnamespace AND c.relkind = 'r'
        WHERE col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN weir.%I.%I IS %L', said.relname, said.attname, said.words);
    END LOOP;
END
$$;
