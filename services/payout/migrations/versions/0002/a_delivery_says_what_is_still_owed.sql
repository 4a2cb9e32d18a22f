-- What goes to the bank is what the instruction pinned, less what was set off before, and nobody's input.
CREATE FUNCTION deliveries_owed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM instructions JOIN payouts ON payouts.id = instructions.payout_id
        WHERE instructions.id = NEW.instruction_id AND NEW.amount_fen = payouts.amount_fen - payouts.offset_fen
    ) THEN
        RAISE EXCEPTION 'the bank is instructed to pay another amount than is owed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_deliveries';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER owed AFTER INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION deliveries_owed();
