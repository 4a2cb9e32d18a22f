-- Only a confirmed account whose cool-off is over is pinned, and none that this payout's money came back from (R23).
CREATE OR REPLACE FUNCTION instructions_usable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts, business_clock
        WHERE accounts.id = NEW.account_id AND accounts.status = 'confirmed'
            AND accounts.usable_from <= clock_timestamp() + business_clock."offset"
    ) THEN
        RAISE EXCEPTION 'only a confirmed account whose cool-off is over is paid to'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'us_instructions';
    END IF;
    IF EXISTS (
        SELECT FROM instructions JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE instructions.payout_id = NEW.payout_id AND instructions.account_id = NEW.account_id
            AND deliveries.outcome = 'returned'
    ) THEN
        RAISE EXCEPTION 'the bank returned what was paid to this account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rt_instructions';
    END IF;
    RETURN NEW;
END $$;
