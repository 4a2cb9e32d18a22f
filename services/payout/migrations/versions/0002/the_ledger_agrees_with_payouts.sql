-- At every commit the sums of a payout's postings say what its state says: what is opened or has ended reserves nothing,
-- what was paid is spent, and everything between is reserved. What was set off against a debt stays spent.
CREATE OR REPLACE FUNCTION payouts_money() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about uuid;
    owed payouts;
    reserved_fen bigint;
    spent_fen bigint;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        about := NEW.payout_id;
    END IF;
    SELECT * INTO owed FROM payouts WHERE id = about;
    SELECT coalesce(sum(amount_fen) FILTER (WHERE account = 'reserved'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0)
        INTO reserved_fen, spent_fen
        FROM ledger_transactions JOIN ledger_postings ON transaction_id = ledger_transactions.id
        WHERE payout_id = about;
    IF reserved_fen <> (CASE
            WHEN owed.status IN ('opened', 'paid', 'reversed', 'rejected', 'withdrawn') THEN 0
            ELSE owed.amount_fen - owed.offset_fen END)
        OR spent_fen <> (CASE
            WHEN owed.status IN ('paid', 'reversed') THEN owed.amount_fen ELSE owed.offset_fen END)
    THEN
        RAISE EXCEPTION 'the ledger does not say what the payout says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mn_payouts';
    END IF;
    RETURN NULL;
END $$;
