-- At every commit the sums of a payout's postings say what its state says: what is opened or has ended reserves nothing,
-- what was paid is spent, and everything between is reserved. What was set off against a debt stays spent. What is reversed
-- is owed back: as much as its case says, and what was given up of it.
CREATE OR REPLACE FUNCTION payouts_money() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about uuid;
    owed payouts;
    reserved_fen bigint;
    spent_fen bigint;
    receivable_fen bigint;
    lost_fen bigint;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        about := NEW.payout_id;
    END IF;
    SELECT * INTO owed FROM payouts WHERE id = about;
    SELECT coalesce(sum(amount_fen) FILTER (WHERE account = 'reserved'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'receivable'), 0),
        coalesce(sum(amount_fen) FILTER (WHERE account = 'written_off'), 0)
        INTO reserved_fen, spent_fen, receivable_fen, lost_fen
        FROM ledger_transactions JOIN ledger_postings ON transaction_id = ledger_transactions.id
        WHERE payout_id = about;
    IF reserved_fen <> (CASE
            WHEN owed.status IN ('opened', 'paid', 'reversed', 'rejected', 'withdrawn') THEN 0
            ELSE owed.amount_fen - owed.offset_fen END)
        OR spent_fen <> (CASE owed.status
            WHEN 'paid' THEN owed.amount_fen WHEN 'reversed' THEN 0 ELSE owed.offset_fen END)
        OR receivable_fen <> (CASE owed.status WHEN 'reversed' THEN coalesce((
                SELECT outstanding_fen FROM clawbacks
                WHERE payout_id = about AND status NOT IN ('proposed', 'rejected')
            ), -1) ELSE 0 END)
        OR lost_fen <> (CASE owed.status WHEN 'reversed' THEN (
                SELECT coalesce(sum(clawback_movements.amount_fen), 0) FROM clawback_movements
                    JOIN clawbacks ON clawbacks.id = clawback_id
                WHERE clawbacks.payout_id = about AND kind = 'write_off'
            ) ELSE 0 END)
    THEN
        RAISE EXCEPTION 'the ledger does not say what the payout says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mn_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER money AFTER INSERT OR UPDATE OF outstanding_fen ON clawbacks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_money();
CREATE CONSTRAINT TRIGGER money AFTER INSERT ON clawback_movements
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_money();

-- What a payout says was set off is what the debts were counted for.
CREATE FUNCTION payouts_set_off() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about uuid;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        SELECT payout_id INTO about FROM instructions WHERE id = NEW.instruction_id;
    END IF;
    IF (SELECT offset_fen FROM payouts WHERE id = about) <> (
        SELECT coalesce(sum(clawback_movements.amount_fen), 0) FROM clawback_movements
            JOIN instructions ON instructions.id = clawback_movements.instruction_id
        WHERE instructions.payout_id = about AND kind = 'offset'
    ) THEN
        RAISE EXCEPTION 'what was set off is what the debts were counted for'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'of_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER set_off AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.offset_fen <> OLD.offset_fen)
    EXECUTE FUNCTION payouts_set_off();
CREATE CONSTRAINT TRIGGER set_off AFTER INSERT ON clawback_movements
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'offset') EXECUTE FUNCTION payouts_set_off();
