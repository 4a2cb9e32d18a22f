-- Score sheets and the bases of certificates: INSERT and SELECT only, for the owner too (DOMAIN §4, 11).
CREATE FUNCTION guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ao_' || TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON score_sheets
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON assessed_certificates
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recognitions
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recognition_checks
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON parked_discards
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
