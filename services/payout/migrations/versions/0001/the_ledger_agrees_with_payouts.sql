-- At every commit the ledger says what the payout says: nothing is reserved for what is opened, what was paid is spent,
-- what ended is free, and everything between is reserved.
CREATE FUNCTION payouts_money() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about uuid;
    now_status text;
    reserved boolean;
    ended text;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        about := NEW.payout_id;
    END IF;
    SELECT status INTO now_status FROM payouts WHERE id = about;
    SELECT coalesce(bool_or(kind = 'reserve'), false), max(kind) FILTER (WHERE kind <> 'reserve')
        INTO reserved, ended FROM ledger_transactions WHERE payout_id = about;
    IF NOT (CASE
        WHEN now_status = 'opened' THEN NOT reserved AND ended IS NULL
        WHEN now_status IN ('paid', 'reversed') THEN reserved AND ended IS NOT DISTINCT FROM 'spend'
        WHEN now_status IN ('rejected', 'withdrawn') THEN
            NOT reserved AND ended IS NULL OR reserved AND ended IS NOT DISTINCT FROM 'free'
        ELSE reserved AND ended IS NULL
    END) THEN
        RAISE EXCEPTION 'the ledger does not say what the payout says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mn_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER money AFTER INSERT OR UPDATE OF status, fund_id ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_money();

CREATE CONSTRAINT TRIGGER money AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.payout_id IS NOT NULL) EXECUTE FUNCTION payouts_money();
