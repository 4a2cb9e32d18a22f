-- What everybody read stays: INSERT and SELECT only, for the owner too.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notices
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
