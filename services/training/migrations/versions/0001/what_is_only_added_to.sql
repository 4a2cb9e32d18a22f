-- Filed content, returns, check-ins, attendance, tests: INSERT and SELECT only, for the owner too (DOMAIN §4, 11).
CREATE FUNCTION guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ao_' || TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON class_contents
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON class_returns
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON check_ins
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON completion_tests
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON parked_discards
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
