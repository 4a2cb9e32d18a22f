-- Who owes what back to which fund, every movement of it, and money that came in.
INSERT INTO dated_rules (name, value, valid_from, source) VALUES
    ('clawback_days', 30, '2021-12-31', 'D29 (confirm)'),
    ('write_off_by_two_most_fen', 10000, '2021-12-31', 'D29 (confirm)');

ALTER TABLE funds
    ADD COLUMN receivable_fen bigint NOT NULL DEFAULT '0',
    ADD COLUMN written_off_fen bigint NOT NULL DEFAULT '0',
    DROP CONSTRAINT ck_funds_not_negative,
    ADD CONSTRAINT ck_funds_not_negative
        CHECK (budget_fen >= 0 AND reserved_fen >= 0 AND spent_fen >= 0 AND receivable_fen >= 0
            AND written_off_fen >= 0),
    DROP CONSTRAINT ck_funds_within_budget,
    ADD CONSTRAINT ck_funds_within_budget
        CHECK (reserved_fen + spent_fen + receivable_fen + written_off_fen <= budget_fen);
ALTER TABLE ledger_transactions
    DROP CONSTRAINT ck_ledger_transactions_kind,
    ADD CONSTRAINT ck_ledger_transactions_kind
        CHECK (kind IN ('budget', 'reserve', 'free', 'spend', 'return', 'recall', 'recover', 'write_off'));
ALTER TABLE ledger_postings
    DROP CONSTRAINT ck_ledger_postings_account,
    ADD CONSTRAINT ck_ledger_postings_account
        CHECK (account IN ('appropriation', 'available', 'reserved', 'spent', 'receivable', 'written_off'));

CREATE TABLE incoming_payments (
    id uuid NOT NULL,
    reference text NOT NULL,
    amount_fen bigint NOT NULL,
    matched_fen bigint NOT NULL DEFAULT '0',
    received_on date NOT NULL,
    recorded_by uuid,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_incoming_payments PRIMARY KEY (id),
    CONSTRAINT uq_incoming_payments_reference UNIQUE (reference),
    CONSTRAINT ck_incoming_payments_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_incoming_payments_matched CHECK (matched_fen BETWEEN 0 AND amount_fen),
    CONSTRAINT fk_incoming_payments_recorded_by FOREIGN KEY (recorded_by) REFERENCES persons (id)
);
CREATE INDEX ix_incoming_payments_free ON incoming_payments (id) WHERE matched_fen < amount_fen;

CREATE TABLE clawbacks (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    payout_id uuid NOT NULL,
    fund_id uuid NOT NULL,
    area text NOT NULL,
    debtor_kind text NOT NULL,
    debtor_id text NOT NULL,
    amount_fen bigint NOT NULL,
    outstanding_fen bigint NOT NULL DEFAULT '0',
    reason_code text NOT NULL,
    due_on date,
    measure text,
    measure_by uuid,
    endorsed_by uuid,
    decided_by uuid,
    measure_parts smallint,
    measure_due_on date,
    plan_parts smallint,
    plan_due_on date,
    plan_fen bigint,
    CONSTRAINT pk_clawbacks PRIMARY KEY (id),
    CONSTRAINT uq_clawbacks_payout_id UNIQUE (id, payout_id),
    CONSTRAINT fk_clawbacks_fund FOREIGN KEY (payout_id, fund_id) REFERENCES payouts (id, fund_id),
    CONSTRAINT fk_clawbacks_payout
        FOREIGN KEY (payout_id, amount_fen, debtor_kind, debtor_id)
            REFERENCES payouts (id, amount_fen, payee_kind, payee_id),
    CONSTRAINT ck_clawbacks_outstanding CHECK (outstanding_fen BETWEEN 0 AND amount_fen),
    CONSTRAINT ck_clawbacks_ended CHECK (status NOT IN ('settled', 'written_off') OR outstanding_fen = 0),
    CONSTRAINT ck_clawbacks_due CHECK (status IN ('proposed', 'rejected') OR due_on IS NOT NULL),
    CONSTRAINT ck_clawbacks_measure CHECK (measure IN ('fraud', 'instalments', 'enforcement', 'write_off')),
    CONSTRAINT ck_clawbacks_proposed CHECK (measure IS NULL OR measure_by IS NOT NULL),
    CONSTRAINT ck_clawbacks_parts
        CHECK (measure <> 'instalments' OR measure_parts IS NOT NULL AND measure_due_on IS NOT NULL),
    CONSTRAINT ck_clawbacks_distinct_persons
        CHECK (measure_by <> endorsed_by AND measure_by <> decided_by AND endorsed_by <> decided_by),
    CONSTRAINT fk_clawbacks_measure_by FOREIGN KEY (measure_by) REFERENCES persons (id),
    CONSTRAINT fk_clawbacks_endorsed_by FOREIGN KEY (endorsed_by) REFERENCES persons (id),
    CONSTRAINT fk_clawbacks_decided_by FOREIGN KEY (decided_by) REFERENCES persons (id)
);
CREATE UNIQUE INDEX uq_clawbacks_payout ON clawbacks (payout_id) WHERE status <> 'rejected';
CREATE INDEX ix_clawbacks_debtor ON clawbacks (debtor_id, fund_id);
CREATE INDEX ix_clawbacks_status ON clawbacks (status, id);

CREATE TABLE clawback_offsets (
    instruction_id uuid NOT NULL,
    clawback_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    CONSTRAINT pk_clawback_offsets PRIMARY KEY (instruction_id, clawback_id),
    CONSTRAINT ck_clawback_offsets_amount CHECK (amount_fen > 0),
    CONSTRAINT fk_clawback_offsets_instruction_id FOREIGN KEY (instruction_id) REFERENCES instructions (id),
    CONSTRAINT fk_clawback_offsets_clawback_id FOREIGN KEY (clawback_id) REFERENCES clawbacks (id)
);
CREATE INDEX ix_clawback_offsets_clawback ON clawback_offsets (clawback_id);

CREATE TABLE clawback_movements (
    id uuid NOT NULL,
    clawback_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    kind text NOT NULL,
    amount_fen bigint NOT NULL,
    instruction_id uuid,
    incoming_id uuid,
    matched_by uuid,
    business_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_clawback_movements PRIMARY KEY (id),
    CONSTRAINT fk_clawback_movements_clawback
        FOREIGN KEY (clawback_id, payout_id) REFERENCES clawbacks (id, payout_id),
    CONSTRAINT fk_clawback_movements_offset
        FOREIGN KEY (instruction_id, clawback_id) REFERENCES clawback_offsets (instruction_id, clawback_id),
    CONSTRAINT ck_clawback_movements_kind CHECK (kind IN ('debt', 'offset', 'incoming', 'write_off')),
    CONSTRAINT ck_clawback_movements_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_clawback_movements_offset CHECK ((kind = 'offset') = (instruction_id IS NOT NULL)),
    CONSTRAINT ck_clawback_movements_incoming CHECK ((kind = 'incoming') = (incoming_id IS NOT NULL)),
    CONSTRAINT fk_clawback_movements_incoming_id FOREIGN KEY (incoming_id) REFERENCES incoming_payments (id),
    CONSTRAINT fk_clawback_movements_matched_by FOREIGN KEY (matched_by) REFERENCES persons (id)
);
CREATE UNIQUE INDEX uq_clawback_movements_debt ON clawback_movements (clawback_id) WHERE kind = 'debt';
CREATE UNIQUE INDEX uq_clawback_movements_offset ON clawback_movements (instruction_id, clawback_id)
    WHERE kind = 'offset';
CREATE INDEX ix_clawback_movements_clawback ON clawback_movements (clawback_id, id);
