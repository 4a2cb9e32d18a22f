-- What is sent has an instruction of this attempt under way, and what is paid or failed is what the bank answered for it.
CREATE FUNCTION payouts_delivered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM instructions JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE instructions.payout_id = NEW.id AND instructions.attempt = NEW.attempt AND CASE NEW.status
            WHEN 'sent' THEN outcome IS NULL ELSE outcome = NEW.status AND given_at IS NOT NULL END
    ) THEN
        RAISE EXCEPTION 'no instruction of this attempt says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dl_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER delivered AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status <> OLD.status AND NEW.status IN ('sent', 'paid', 'failed'))
    EXECUTE FUNCTION payouts_delivered();
