-- What is sent has an instruction of this attempt under way, and what is paid or failed is what the bank answered for it;
-- where all of it was set off, the bank is not asked.
CREATE OR REPLACE FUNCTION payouts_delivered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM instructions JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE instructions.payout_id = NEW.id AND instructions.attempt = NEW.attempt AND CASE NEW.status
            WHEN 'sent' THEN outcome IS NULL OR deliveries.amount_fen = 0 ELSE outcome = NEW.status AND given_at IS NOT NULL END
    ) THEN
        RAISE EXCEPTION 'no instruction of this attempt says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dl_payouts';
    END IF;
    RETURN NULL;
END $$;
