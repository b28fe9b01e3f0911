-- How long deals may stand still in a stage, as it was published: limits that were learned reach the jobs as facts.
CREATE TABLE weir.stage_limit (
    pipeline text NOT NULL,
    stage text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    stalled_after_seconds double precision,
    event_id text,
    definition text NOT NULL DEFAULT '',
    deleted boolean NOT NULL DEFAULT false,
    as_of timestamptz,
    revision bigint NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pipeline, stage, valid_from, definition)
);
COMMENT ON TABLE weir.stage_limit IS
    'How long deals may stand still in a stage, as published: one row for each limit that was not taken back. It counts where the playbook has the stage and sets no stalled_after for it; of one instant an item of the playbook''s list `learned` goes before it.';
COMMENT ON COLUMN weir.stage_limit.pipeline IS 'The pipeline.';
COMMENT ON COLUMN weir.stage_limit.stage IS 'The stage, as whoever published the limit names it: name, id or alias.';
COMMENT ON COLUMN weir.stage_limit.valid_from IS 'Deals that fall quiet from then on are held to it.';
COMMENT ON COLUMN weir.stage_limit.valid_to IS 'Deals that fall quiet from then on are held to the next one; empty while there is none.';
COMMENT ON COLUMN weir.stage_limit.stalled_after_seconds IS 'A deal that neither moved nor was active for longer is stalled.';
COMMENT ON COLUMN weir.stage_limit.event_id IS 'The entity event that published it.';
COMMENT ON COLUMN weir.stage_limit.definition IS 'Empty: no definition stands behind it. Part of the key.';
COMMENT ON COLUMN weir.stage_limit.deleted IS 'True when a recount no longer has this row.';
COMMENT ON COLUMN weir.stage_limit.as_of IS
    'Event time up to which the job had seen everything when it computed the row; empty when it could not say.';
COMMENT ON COLUMN weir.stage_limit.revision IS
    'Grows with every new version of the row: submission * 2^40 + checkpoint. The greatest wins.';
COMMENT ON COLUMN weir.stage_limit.loaded_at IS 'When this version was written, by the clock of the database.';

CREATE VIEW bi.stage_limit AS
SELECT pipeline, stage, valid_from, valid_to, stalled_after_seconds, valid_to IS NULL AS is_newest, event_id, as_of
FROM weir.stage_limit
WHERE NOT deleted;
COMMENT ON VIEW bi.stage_limit IS
    'How long deals may stand still in the stages for which limits were published. What may be published next stands in learned_limit.';
COMMENT ON COLUMN bi.stage_limit.pipeline IS 'The pipeline.';
COMMENT ON COLUMN bi.stage_limit.stage IS 'The stage, as whoever published the limit names it: name, id or alias.';
COMMENT ON COLUMN bi.stage_limit.valid_from IS 'Deals that fall quiet from then on are held to it.';
COMMENT ON COLUMN bi.stage_limit.valid_to IS 'Deals that fall quiet from then on are held to the next one; empty while there is none.';
COMMENT ON COLUMN bi.stage_limit.stalled_after_seconds IS 'A deal that neither moved nor was active for longer is stalled.';
COMMENT ON COLUMN bi.stage_limit.is_newest IS 'True while no later one was published.';
COMMENT ON COLUMN bi.stage_limit.event_id IS 'The entity event that published it.';
COMMENT ON COLUMN bi.stage_limit.as_of IS
    'Event time up to which the job had seen everything when it computed the row; empty when it could not say.';
-- Limits are no team's: a deal of any team is held to them, and they say nothing of any deal.
CREATE POLICY team ON weir.stage_limit FOR SELECT TO weir_team USING (true);

REVOKE ALL ON weir.stage_limit, bi.stage_limit FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON weir.stage_limit TO weir_writer;
GRANT SELECT ON bi.stage_limit TO weir_reader;
