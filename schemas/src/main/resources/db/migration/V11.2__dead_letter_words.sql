COMMENT ON COLUMN bi.dead_letter.taken_at IS
    'When the broker took the record; of an expired one the moment up to which its facts were forgotten.';
