-- The status of a certificate follows the versions of its source, and a revocation is final.
CREATE FUNCTION certificate_statuses_monotonic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version < OLD.version OR NEW.status <> OLD.status AND (NEW.version = OLD.version OR OLD.status = 'revoked')
    THEN
        RAISE EXCEPTION 'the status of a certificate never goes back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mo_certificate_statuses';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER monotonic BEFORE UPDATE ON certificate_statuses
    FOR EACH ROW EXECUTE FUNCTION certificate_statuses_monotonic();
