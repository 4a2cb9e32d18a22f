-- What waits for a second officer is negative for a reduction; a budget may be taken away whole.
ALTER TABLE funds
    DROP CONSTRAINT ck_funds_proposed,
    DROP CONSTRAINT ck_funds_approved,
    ADD CONSTRAINT ck_funds_proposed CHECK (proposed_fen <> 0),
    ADD CONSTRAINT ck_funds_approved CHECK (approved_fen >= 0);
ALTER TABLE ledger_transactions
    DROP CONSTRAINT ck_ledger_transactions_kind,
    DROP CONSTRAINT ck_ledger_transactions_payout,
    ADD CONSTRAINT ck_ledger_transactions_kind CHECK (kind IN (
        'budget', 'reduction', 'reserve', 'free', 'spend', 'return', 'recall', 'recover', 'write_off')),
    ADD CONSTRAINT ck_ledger_transactions_payout CHECK ((kind IN ('budget', 'reduction')) = (payout_id IS NULL));
