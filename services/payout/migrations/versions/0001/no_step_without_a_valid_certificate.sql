-- Nothing is approved, batched or sent without a valid certificate (无证无价, DOMAIN §4, 3).
CREATE FUNCTION payouts_steps_on_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- against a certificate revoked between this look and the commit; the service has locked it before
    PERFORM FROM certificate_statuses WHERE certificate_id = NEW.certificate_id AND status = 'valid' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is approved or sent without a valid certificate'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'va_payouts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER steps_on_certificate BEFORE UPDATE ON payouts
    FOR EACH ROW WHEN (NEW.status <> OLD.status AND NEW.status IN ('approved', 'batched', 'sent'))
    EXECUTE FUNCTION payouts_steps_on_certificate();
