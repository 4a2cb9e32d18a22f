-- The tree follows from the log, and like the log it is only added to; so are its signed heads.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tree_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
