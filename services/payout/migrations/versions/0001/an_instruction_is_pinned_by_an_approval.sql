-- An instruction is pinned by the transaction that approves its payout at this attempt, and at no other time.
CREATE FUNCTION instructions_of_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payouts
        WHERE id = NEW.payout_id AND attempt = NEW.attempt AND status = 'approved'
            AND payouts.xmin = pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'an instruction is pinned by an approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ap_instructions';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER with_approval AFTER INSERT ON instructions
    FOR EACH ROW EXECUTE FUNCTION instructions_of_approval();
