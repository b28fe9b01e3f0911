-- Which dead letters were sent again. Written by `weir deadletters replay` and not by a job: a job's upsert of the dead letter
-- itself leaves it alone, and one record that two jobs could not take is sent once.
CREATE TABLE weir.dead_letter_replay (
    topic       text NOT NULL,
    partition   bigint NOT NULL,
    "offset"    bigint NOT NULL,
    into_topic  text NOT NULL,
    replayed_at timestamptz NOT NULL DEFAULT now(),
    replayed_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (topic, partition, "offset")
);
COMMENT ON TABLE weir.dead_letter_replay IS 'Records that were dead letters and have been sent again after a mend.';
COMMENT ON COLUMN weir.dead_letter_replay.topic IS 'Topic of the record that could not be taken.';
COMMENT ON COLUMN weir.dead_letter_replay.partition IS 'Its partition.';
COMMENT ON COLUMN weir.dead_letter_replay."offset" IS 'Its offset.';
COMMENT ON COLUMN weir.dead_letter_replay.into_topic IS 'Topic to which its event was sent: the one it belongs to.';
COMMENT ON COLUMN weir.dead_letter_replay.replayed_at IS 'When, by the clock of the database.';
COMMENT ON COLUMN weir.dead_letter_replay.replayed_by IS 'The login that did it.';

CREATE VIEW bi.dead_letter AS
SELECT d.job, d.topic, d.partition, d."offset", d.reason, d.detail, d.length, d.sha256, d.as_of AS taken_at, r.replayed_at
FROM weir.dead_letter d
LEFT JOIN weir.dead_letter_replay r USING (topic, partition, "offset")
WHERE NOT d.deleted;
COMMENT ON VIEW bi.dead_letter IS 'What could not be taken and why, without its bytes, and whether it was sent again.';
COMMENT ON COLUMN bi.dead_letter.job IS 'The job that could not take it.';
COMMENT ON COLUMN bi.dead_letter.topic IS 'Topic it was read from; (warehouse) and a table for a row that the warehouse itself refused.';
COMMENT ON COLUMN bi.dead_letter.partition IS 'Partition it was read from.';
COMMENT ON COLUMN bi.dead_letter."offset" IS 'Offset it was read at; for a refused row a hash of its key.';
COMMENT ON COLUMN bi.dead_letter.reason IS 'Why, as one word of a fixed list.';
COMMENT ON COLUMN bi.dead_letter.detail IS 'Why, for a person.';
COMMENT ON COLUMN bi.dead_letter.length IS 'Length of the whole record in bytes.';
COMMENT ON COLUMN bi.dead_letter.sha256 IS 'SHA-256 of the whole record, in hexadecimal.';
COMMENT ON COLUMN bi.dead_letter.taken_at IS 'When the broker took the record.';
COMMENT ON COLUMN bi.dead_letter.replayed_at IS 'When it was sent again; empty when it was not.';

GRANT SELECT, INSERT, UPDATE ON weir.dead_letter_replay TO weir_writer;
GRANT SELECT ON bi.dead_letter TO weir_reader;
