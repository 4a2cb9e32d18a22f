-- Money that came back, and what the bank is instructed to pay.
ALTER TABLE payouts
    ADD COLUMN offset_fen bigint NOT NULL DEFAULT '0',
    ADD CONSTRAINT ck_payouts_offset CHECK (offset_fen BETWEEN 0 AND amount_fen),
    DROP CONSTRAINT ck_payouts_batched,
    ADD CONSTRAINT ck_payouts_batched
        CHECK (status NOT IN ('batched', 'sent', 'paid', 'failed', 'returned', 'unknown', 'reversed')
            OR batched_by IS NOT NULL),
    DROP CONSTRAINT ck_payouts_released,
    ADD CONSTRAINT ck_payouts_released
        CHECK (status NOT IN ('sent', 'paid', 'failed', 'returned', 'unknown', 'reversed') OR released_by IS NOT NULL);

ALTER TABLE deliveries
    ADD COLUMN amount_fen bigint,
    ADD COLUMN returned_at timestamptz;
ALTER TABLE deliveries DISABLE TRIGGER final;
UPDATE deliveries SET amount_fen = instructions.amount_fen
    FROM instructions WHERE instructions.id = deliveries.instruction_id;
ALTER TABLE deliveries ENABLE TRIGGER final;
ALTER TABLE deliveries
    ALTER COLUMN amount_fen SET NOT NULL,
    ADD CONSTRAINT ck_deliveries_amount CHECK (amount_fen >= 0),
    ADD CONSTRAINT ck_deliveries_returned
        CHECK ((returned_at IS NOT NULL) = (outcome IS NOT DISTINCT FROM 'returned')),
    DROP CONSTRAINT ck_deliveries_outcome,
    ADD CONSTRAINT ck_deliveries_outcome CHECK (outcome IN ('paid', 'failed', 'returned'));

ALTER TABLE ledger_transactions
    DROP CONSTRAINT ck_ledger_transactions_kind,
    ADD CONSTRAINT ck_ledger_transactions_kind CHECK (kind IN ('budget', 'reserve', 'free', 'spend', 'return'));
DROP INDEX uq_ledger_transactions_end;
DROP INDEX uq_ledger_transactions_reserve;
CREATE INDEX ix_ledger_transactions_payout ON ledger_transactions (payout_id);

CREATE TABLE money_returns (
    id uuid NOT NULL,
    reference text NOT NULL,
    instruction_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    code text NOT NULL,
    taken boolean NOT NULL,
    reported_at timestamptz NOT NULL,
    proposed_by uuid,
    dismissed_by uuid,
    dismissed_at timestamptz,
    CONSTRAINT pk_money_returns PRIMARY KEY (id),
    CONSTRAINT fk_money_returns_instruction
        FOREIGN KEY (instruction_id, payout_id) REFERENCES instructions (id, payout_id),
    CONSTRAINT ck_money_returns_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_money_returns_distinct_persons CHECK (proposed_by <> dismissed_by),
    CONSTRAINT ck_money_returns_taken CHECK (NOT taken OR proposed_by IS NULL),
    CONSTRAINT ck_money_returns_dismissed CHECK ((dismissed_by IS NULL) = (dismissed_at IS NULL)),
    CONSTRAINT ck_money_returns_proposed CHECK (dismissed_by IS NULL OR proposed_by IS NOT NULL),
    CONSTRAINT fk_money_returns_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons (id),
    CONSTRAINT fk_money_returns_dismissed_by FOREIGN KEY (dismissed_by) REFERENCES persons (id)
);
CREATE UNIQUE INDEX uq_money_returns_reference ON money_returns (reference);
CREATE UNIQUE INDEX uq_money_returns_taken ON money_returns (instruction_id) WHERE taken;
