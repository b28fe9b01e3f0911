-- What is wrong with the data although every record could be read, and how often one event came with two contents.
CREATE TABLE weir.data_issue (
    job        text NOT NULL,
    issue      text NOT NULL,
    subject    text NOT NULL,
    detail     text,
    definition text NOT NULL DEFAULT '',
    deleted    boolean NOT NULL DEFAULT false,
    as_of      timestamptz,
    revision   bigint NOT NULL,
    loaded_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job, issue, subject, definition)
);
COMMENT ON TABLE weir.data_issue IS 'What is wrong with the data although every record could be read.';
COMMENT ON COLUMN weir.data_issue.job IS 'The job that wrote the row.';
COMMENT ON COLUMN weir.data_issue.issue IS
    'merge_refused: a merge that does not count; truncated: a key with more facts than its limit, whose rows lack the others.';
COMMENT ON COLUMN weir.data_issue.subject IS 'What has it: of a merge the event''s id, of what is truncated the machine and its key.';
COMMENT ON COLUMN weir.data_issue.detail IS 'What is wrong, and how to mend it, for a person.';
COMMENT ON COLUMN weir.data_issue.definition IS
    'Hash of the funnel or pipeline by which the row was computed; empty where none stands behind it. Part of the key.';
COMMENT ON COLUMN weir.data_issue.deleted IS 'True when a recount no longer has this row.';
COMMENT ON COLUMN weir.data_issue.as_of IS
    'Event time up to which the job had seen everything when it computed the row; empty when it could not say.';
COMMENT ON COLUMN weir.data_issue.revision IS
    'Grows with every new version of the row: submission * 2^40 + checkpoint. The greatest wins.';
COMMENT ON COLUMN weir.data_issue.loaded_at IS 'When this version was written, by the clock of the database.';

ALTER TABLE weir.ledger ADD COLUMN conflict bigint;
COMMENT ON COLUMN weir.ledger.conflict IS
    'How many of the duplicates had another content than the event that was known. Which content counts does not depend on their order.';

CREATE VIEW bi.data_issue AS
SELECT job, issue, subject, detail, as_of
FROM weir.data_issue
WHERE NOT deleted;
COMMENT ON VIEW bi.data_issue IS 'What is wrong with the data although every record could be read: merges that do not count, keys with too many facts.';
COMMENT ON COLUMN bi.data_issue.job IS 'The job that noticed it.';
COMMENT ON COLUMN bi.data_issue.issue IS 'merge_refused, truncated.';
COMMENT ON COLUMN bi.data_issue.subject IS 'What has it: of a merge the event''s id, of what is truncated the machine and its key.';
COMMENT ON COLUMN bi.data_issue.detail IS 'What is wrong, and how to mend it.';
COMMENT ON COLUMN bi.data_issue.as_of IS 'Event time up to which the job had seen everything.';

CREATE OR REPLACE VIEW bi.data_health AS
SELECT l.job, l.topic, m.measure, NULL::text AS reason, m.amount, l.as_of, (m.measure <> 'unaccounted' OR m.amount = 0) AS is_healthy
FROM (SELECT job, topic, max(as_of) AS as_of,
             sum(read)::bigint AS read, sum(accepted)::bigint AS accepted, sum(duplicate)::bigint AS duplicate,
             sum(filtered)::bigint AS filtered, sum(dead_lettered)::bigint AS dead_lettered,
             sum(expired)::bigint AS expired, sum(control)::bigint AS control,
             coalesce(sum(conflict), 0)::bigint AS conflict
      FROM weir.ledger
      WHERE NOT deleted
      GROUP BY job, topic) l
CROSS JOIN LATERAL (VALUES
    ('read', l.read),
    ('accepted', l.accepted),
    ('duplicate', l.duplicate),
    ('filtered', l.filtered),
    ('dead_lettered', l.dead_lettered),
    ('expired', l.expired),
    ('control', l.control),
    ('unaccounted', l.read - l.accepted - l.duplicate - l.filtered - l.dead_lettered - l.expired - l.control),
    ('conflict', l.conflict)) AS m (measure, amount)
UNION ALL
SELECT job, topic, 'dead_letters', reason, count(*), max(as_of), reason <> 'REFUSED_BY_WAREHOUSE'
FROM weir.dead_letter
WHERE NOT deleted
GROUP BY job, topic, reason
UNION ALL
SELECT job, NULL, 'issues', issue, count(*), max(as_of), true
FROM weir.data_issue
WHERE NOT deleted
GROUP BY job, issue;
COMMENT ON VIEW bi.data_health IS 'Whether every record read is accounted for, what was refused and why, what is wrong with the rest, and how far each job has come.';
COMMENT ON COLUMN bi.data_health.topic IS 'Topic that was read; empty with issues.';
COMMENT ON COLUMN bi.data_health.measure IS
    'read, then what became of it: accepted, duplicate, filtered, dead_lettered, expired, control; unaccounted must be 0; conflict, duplicates with another content; dead_letters per reason; issues per kind, see bi.data_issue.';
COMMENT ON COLUMN bi.data_health.reason IS 'Why records were refused, with dead_letters; what is wrong, with issues.';

REVOKE ALL ON weir.data_issue, bi.data_issue FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON weir.data_issue TO weir_writer;
GRANT SELECT ON bi.data_issue TO weir_reader;
