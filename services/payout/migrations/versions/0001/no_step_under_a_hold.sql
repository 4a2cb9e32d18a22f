-- No step up to the bank is taken under a hold.
CREATE FUNCTION payouts_steps_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no step up to the bank is taken under a hold'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'hl_payouts';
END $$;

CREATE TRIGGER steps_free_of_holds BEFORE UPDATE ON payouts
    FOR EACH ROW
    WHEN (NEW.status <> OLD.status AND NEW.open_holds > 0 AND NEW.status IN (
        'checked', 'reviewed', 'approved', 'published', 'cleared', 'batched', 'sent'
    ))
    EXECUTE FUNCTION payouts_steps_free();
