-- A verdict at the claim is `eligible` by its own check, so nobody else gets in (A2).
CREATE FUNCTION vouchers_needs_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM eligibility_verdicts AS given
        WHERE given.voucher_id = NEW.id AND given.occasion = 'claim' AND given.batch_id = NEW.batch_id
            AND given.skill_code = NEW.skill_code AND given.level = NEW.level
    ) THEN
        RAISE EXCEPTION 'no voucher is claimed without a verdict on its skill and level'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_verdict';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER needs_verdict AFTER INSERT OR UPDATE OF claimed_at ON vouchers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.claimed_at IS NOT NULL)
    EXECUTE FUNCTION vouchers_needs_verdict();
