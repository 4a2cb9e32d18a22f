-- A reversed payout frees its key when its case has ended: settled, or given up by officers (D22).
CREATE FUNCTION payouts_debt_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.debt_settled_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM clawbacks WHERE payout_id = NEW.id AND status IN ('settled', 'written_off')
    ) THEN
        RAISE EXCEPTION 'a key is free when its debt is settled'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ds_payouts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER debt_settled BEFORE UPDATE ON payouts
    FOR EACH ROW WHEN (NEW.debt_settled_at IS DISTINCT FROM OLD.debt_settled_at)
    EXECUTE FUNCTION payouts_debt_settled();
