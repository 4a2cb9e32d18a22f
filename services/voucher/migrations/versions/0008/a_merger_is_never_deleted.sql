-- Without its merger nobody would be asked before its records are parted.
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON mergers
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
