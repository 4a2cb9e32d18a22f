-- A transaction is two postings along the route of its kind that sum to zero; for a payout, of its amount in its fund.
CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about ledger_transactions;
    source text;
    target text;
    owed_fen bigint;
    owed_fund uuid;
BEGIN
    IF TG_TABLE_NAME = 'ledger_transactions' THEN
        about := NEW;
    ELSE
        SELECT * INTO about FROM ledger_transactions WHERE id = NEW.transaction_id;
    END IF;
    source := CASE about.kind
        WHEN 'budget' THEN 'appropriation' WHEN 'reserve' THEN 'available' ELSE 'reserved' END;
    target := CASE about.kind
        WHEN 'reserve' THEN 'reserved' WHEN 'spend' THEN 'spent' ELSE 'available' END;
    IF about.payout_id IS NOT NULL THEN
        SELECT amount_fen, fund_id INTO owed_fen, owed_fund FROM payouts WHERE id = about.payout_id;
    END IF;
    IF (
        SELECT count(*) = 2 AND sum(amount_fen) = 0
            AND bool_and(CASE account WHEN source THEN amount_fen < 0 WHEN target THEN amount_fen > 0 ELSE false END)
            AND (about.payout_id IS NULL OR max(amount_fen) = owed_fen AND about.fund_id = owed_fund)
        FROM ledger_postings WHERE transaction_id = about.id
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'a ledger transaction does not balance'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bl_ledger_transactions';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balanced();

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balanced();
