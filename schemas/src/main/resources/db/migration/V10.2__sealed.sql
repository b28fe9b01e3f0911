-- Words for what a horizon brings.
COMMENT ON COLUMN weir.data_issue.issue IS
    'merge_refused: a merge that does not count; truncated: a key with more facts than its limit, whose rows lack the others; sealed: a key that something belongs to that came after its facts were forgotten.';
COMMENT ON COLUMN bi.data_issue.issue IS 'merge_refused, truncated, sealed.';
COMMENT ON COLUMN weir.ledger.expired IS 'Records of keys whose facts the job has forgotten; see dead_letter, reason EXPIRED.';
