-- A table that a later version brings is kept too, where history is.
SELECT weir.keep_history(true) WHERE EXISTS (SELECT FROM weir.history_kept);
-- What a later version brings is guarded too.
SELECT weir.guard();
