-- A transaction is two postings along the route of its kind that sum to zero; for a payout, in its fund. How much is in
-- the sums, which `the_ledger_agrees_with_payouts` compares.
CREATE OR REPLACE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about ledger_transactions;
    source text;
    target text;
    owed_fund uuid;
BEGIN
    IF TG_TABLE_NAME = 'ledger_transactions' THEN
        about := NEW;
    ELSE
        SELECT * INTO about FROM ledger_transactions WHERE id = NEW.transaction_id;
    END IF;
    source := CASE about.kind
        WHEN 'budget' THEN 'appropriation' WHEN 'reserve' THEN 'available' WHEN 'reduction' THEN 'available'
        WHEN 'return' THEN 'spent' WHEN 'recall' THEN 'spent'
        WHEN 'recover' THEN 'receivable' WHEN 'write_off' THEN 'receivable' ELSE 'reserved' END;
    target := CASE about.kind
        WHEN 'reduction' THEN 'appropriation' WHEN 'reserve' THEN 'reserved' WHEN 'return' THEN 'reserved'
        WHEN 'spend' THEN 'spent' WHEN 'recall' THEN 'receivable'
        WHEN 'write_off' THEN 'written_off' ELSE 'available' END;
    IF about.payout_id IS NOT NULL THEN
        SELECT fund_id INTO owed_fund FROM payouts WHERE id = about.payout_id;
    END IF;
    IF (
        SELECT count(*) = 2 AND sum(amount_fen) = 0
            AND bool_and(CASE account WHEN source THEN amount_fen < 0 WHEN target THEN amount_fen > 0 ELSE false END)
            AND (about.payout_id IS NULL OR about.fund_id = owed_fund)
        FROM ledger_postings WHERE transaction_id = about.id
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'a ledger transaction does not balance'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bl_ledger_transactions';
    END IF;
    RETURN NULL;
END $$;
