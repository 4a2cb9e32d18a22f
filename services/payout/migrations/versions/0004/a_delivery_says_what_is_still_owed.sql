-- What goes to the bank is what the instruction pinned, less what was and is set off, and nobody's input; where nothing is
-- left the bank is not asked, and the payment is made.
CREATE OR REPLACE FUNCTION deliveries_owed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.amount_fen = 0) <> (NEW.outcome IS NOT DISTINCT FROM 'paid') OR NOT EXISTS (
        SELECT FROM instructions JOIN payouts ON payouts.id = instructions.payout_id
        WHERE instructions.id = NEW.instruction_id AND NEW.amount_fen = payouts.amount_fen - payouts.offset_fen - (
            SELECT coalesce(sum(amount_fen), 0) FROM clawback_offsets WHERE instruction_id = NEW.instruction_id
        )
    ) THEN
        RAISE EXCEPTION 'the bank is instructed to pay another amount than is owed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_deliveries';
    END IF;
    RETURN NEW;
END $$;
