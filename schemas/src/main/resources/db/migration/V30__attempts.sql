-- Attempts are said from now on.
ALTER TABLE weir.funnel_attempt ADD COLUMN truncated boolean;
COMMENT ON COLUMN weir.funnel_attempt.entity_id IS 'The person or account; (anonymous: id) for a visitor whom nobody has identified.';
COMMENT ON COLUMN weir.funnel_attempt.account_id IS 'Account of the event that opened the attempt; of an account''s funnel, the account.';
COMMENT ON COLUMN weir.funnel_attempt.breakdowns IS 'The value of each field that the funnel is broken down by.';
COMMENT ON COLUMN weir.funnel_attempt.reached_step IS 'Number of the last step reached, from 1; where the steps may come in any order, how many were.';
COMMENT ON COLUMN weir.funnel_attempt.step_times IS
    'When each step was reached, in step order; empty where it was not. Where the steps may come in any order, when one, two, three of them were.';
COMMENT ON COLUMN weir.funnel_attempt.truncated IS 'True when the person or account has more events than are kept: the latest may be missing here.';
