-- 以证换券: certificate, fresh verdict and certified voucher exist together or not at all (A5).
CREATE FUNCTION vouchers_needs_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM voucher_certificates WHERE voucher_id = NEW.id)
        OR NOT EXISTS (
            SELECT FROM eligibility_verdicts WHERE voucher_id = NEW.id AND occasion = 'certification'
        )
    THEN
        RAISE EXCEPTION 'no voucher is certified without its certificate and a fresh verdict'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_certificate';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER needs_certificate AFTER INSERT OR UPDATE OF status ON vouchers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status IN ('certified', 'settling', 'redeemed', 'clawed_back'))
    EXECUTE FUNCTION vouchers_needs_certificate();
