-- What is owed, approved and paid.
CREATE TABLE dated_rules (
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value bigint NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_dated_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ck_dated_rules_value CHECK (value >= 0),
    CONSTRAINT ck_dated_rules_days CHECK (valid_to >= valid_from),
    CONSTRAINT ex_dated_rules_days EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

CREATE TABLE calendar_exceptions (
    day date NOT NULL,
    works boolean NOT NULL,
    CONSTRAINT pk_calendar_exceptions PRIMARY KEY (day)
);

CREATE TABLE rates (
    id integer NOT NULL,
    programme text NOT NULL,
    certificate_kind text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    amount_fen bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    payee text NOT NULL,
    confirm text NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_rates PRIMARY KEY (id),
    CONSTRAINT ck_rates_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_rates_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_rates_act CHECK (act IN ('first', 'review')),
    CONSTRAINT ex_rates_overlap
        EXCLUDE USING gist (programme WITH =, certificate_kind WITH =, level WITH =, act WITH =,
            daterange(valid_from, valid_to, '[]') WITH &&)
);

CREATE TABLE fund_rules (
    fund_source text NOT NULL,
    programme text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    audience text NOT NULL,
    confirm text NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_fund_rules PRIMARY KEY (fund_source, programme, valid_from),
    CONSTRAINT ex_fund_rules_overlap
        EXCLUDE USING gist (fund_source WITH =, programme WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

CREATE TABLE funds (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    fund_source text NOT NULL,
    area text NOT NULL,
    year smallint NOT NULL,
    budget_fen bigint NOT NULL DEFAULT '0',
    reserved_fen bigint NOT NULL DEFAULT '0',
    spent_fen bigint NOT NULL DEFAULT '0',
    approved_fen bigint NOT NULL DEFAULT '0',
    proposed_fen bigint,
    proposed_by uuid NOT NULL,
    approved_by uuid,
    CONSTRAINT pk_funds PRIMARY KEY (id),
    CONSTRAINT ck_funds_distinct_persons CHECK (proposed_by <> approved_by),
    CONSTRAINT ck_funds_proposed CHECK (proposed_fen > 0),
    CONSTRAINT ck_funds_approved CHECK (status <> 'open' OR approved_fen > 0),
    CONSTRAINT fk_funds_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons (id),
    CONSTRAINT fk_funds_approved_by FOREIGN KEY (approved_by) REFERENCES persons (id),
    CONSTRAINT ck_funds_not_negative CHECK (budget_fen >= 0 AND reserved_fen >= 0 AND spent_fen >= 0),
    CONSTRAINT ck_funds_within_budget CHECK (reserved_fen + spent_fen <= budget_fen),
    CONSTRAINT ck_funds_year CHECK (year BETWEEN 2021 AND 2099)
);
CREATE UNIQUE INDEX uq_funds_key ON funds (fund_source, area, year) WHERE status <> 'rejected';

CREATE TABLE accounts (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    owner_kind text NOT NULL,
    owner_id text NOT NULL,
    revision integer NOT NULL,
    bank_code text NOT NULL,
    account_number bytea NOT NULL,
    account_name bytea NOT NULL,
    number_index bytea NOT NULL,
    name_index bytea NOT NULL,
    proposed_by uuid NOT NULL,
    endorsed_by uuid,
    endorsed_name_index bytea,
    confirmed_by uuid,
    confirmed_name_index bytea,
    usable_from timestamptz,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT uq_accounts_revision UNIQUE (owner_kind, owner_id, revision),
    CONSTRAINT uq_accounts_owner UNIQUE (id, owner_kind, owner_id),
    CONSTRAINT ck_accounts_owner_kind CHECK (owner_kind IN ('institution', 'enterprise', 'worker')),
    CONSTRAINT ck_accounts_endorsed CHECK (status IN ('proposed', 'retired') OR endorsed_by IS NOT NULL),
    CONSTRAINT ck_accounts_confirmed
        CHECK (status NOT IN ('confirmed', 'closed') OR confirmed_by IS NOT NULL AND usable_from IS NOT NULL),
    CONSTRAINT ck_accounts_distinct_persons
        CHECK (proposed_by <> endorsed_by AND proposed_by <> confirmed_by AND endorsed_by <> confirmed_by
            AND endorsed_by::text <> owner_id AND confirmed_by::text <> owner_id),
    CONSTRAINT ck_accounts_endorsed_name CHECK (endorsed_by IS NULL OR endorsed_name_index = name_index),
    CONSTRAINT ck_accounts_confirmed_name CHECK (confirmed_by IS NULL OR confirmed_name_index = name_index),
    CONSTRAINT fk_accounts_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons (id),
    CONSTRAINT fk_accounts_endorsed_by FOREIGN KEY (endorsed_by) REFERENCES persons (id),
    CONSTRAINT fk_accounts_confirmed_by FOREIGN KEY (confirmed_by) REFERENCES persons (id)
);
CREATE INDEX ix_accounts_number_index ON accounts (number_index);
CREATE UNIQUE INDEX uq_accounts_pending ON accounts (owner_kind, owner_id) WHERE status IN ('proposed', 'endorsed');

CREATE TABLE payouts (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    key_person_id uuid NOT NULL,
    certificate_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    benefit text NOT NULL,
    programme text NOT NULL,
    fund_source text NOT NULL,
    area text NOT NULL,
    institution text NOT NULL,
    payee_kind text NOT NULL,
    payee_id text NOT NULL,
    mandate_id uuid,
    rate_id integer,
    amount_fen bigint NOT NULL,
    opened_on date NOT NULL,
    eligibility_decided_on date NOT NULL,
    second_approval_above_fen bigint NOT NULL,
    fund_id uuid,
    attempt integer NOT NULL DEFAULT 0,
    reviewed_by uuid,
    approved_by uuid,
    second_approved_by uuid,
    batched_by uuid,
    released_by uuid,
    published_at timestamptz,
    notice_ends_at timestamptz,
    code text,
    debt_settled_at timestamptz,
    CONSTRAINT pk_payouts PRIMARY KEY (id),
    CONSTRAINT fk_payouts_certificate
        FOREIGN KEY (certificate_id, person_id, skill_code, level)
            REFERENCES certificate_copies (certificate_id, person_id, skill_code, level),
    CONSTRAINT uq_payouts_owed UNIQUE (id, amount_fen, payee_kind, payee_id),
    CONSTRAINT uq_payouts_fund UNIQUE (id, fund_id),
    CONSTRAINT ck_payouts_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_payouts_payee_kind CHECK (payee_kind IN ('institution', 'enterprise', 'worker')),
    CONSTRAINT ck_payouts_mandate CHECK (payee_kind = 'worker' OR mandate_id IS NOT NULL),
    CONSTRAINT ck_payouts_rate
        CHECK (amount_fen > 0 AND rate_id IS NOT NULL OR status = 'rejected' AND amount_fen >= 0),
    CONSTRAINT ck_payouts_open_holds CHECK (open_holds >= 0),
    CONSTRAINT ck_payouts_attempt CHECK (attempt >= 0),
    CONSTRAINT ck_payouts_distinct_persons
        CHECK (reviewed_by <> approved_by AND reviewed_by <> second_approved_by AND reviewed_by <> batched_by
            AND reviewed_by <> released_by AND reviewed_by <> person_id AND reviewed_by <> key_person_id
            AND approved_by <> second_approved_by AND approved_by <> batched_by AND approved_by <> released_by
            AND approved_by <> person_id AND approved_by <> key_person_id AND second_approved_by <> batched_by
            AND second_approved_by <> released_by AND second_approved_by <> person_id
            AND second_approved_by <> key_person_id AND batched_by <> released_by AND batched_by <> person_id
            AND batched_by <> key_person_id AND released_by <> person_id AND released_by <> key_person_id),
    CONSTRAINT ck_payouts_reserved CHECK (status IN ('opened', 'rejected', 'withdrawn') OR fund_id IS NOT NULL),
    CONSTRAINT ck_payouts_reviewed
        CHECK (status IN ('opened', 'checked', 'rejected', 'withdrawn') OR reviewed_by IS NOT NULL),
    CONSTRAINT ck_payouts_approved
        CHECK (status IN ('opened', 'checked', 'reviewed', 'rejected', 'withdrawn') OR approved_by IS NOT NULL
            AND attempt > 0),
    CONSTRAINT ck_payouts_second_approved
        CHECK (status IN ('opened', 'checked', 'reviewed', 'approved', 'rejected', 'withdrawn')
            OR amount_fen <= second_approval_above_fen OR second_approved_by IS NOT NULL),
    CONSTRAINT ck_payouts_published
        CHECK (status IN ('opened', 'checked', 'reviewed', 'approved', 'rejected', 'withdrawn')
            OR published_at IS NOT NULL AND notice_ends_at > published_at),
    CONSTRAINT ck_payouts_batched
        CHECK (status NOT IN ('batched', 'sent', 'paid', 'failed', 'unknown', 'reversed') OR batched_by IS NOT NULL),
    CONSTRAINT ck_payouts_released
        CHECK (status NOT IN ('sent', 'paid', 'failed', 'unknown', 'reversed') OR released_by IS NOT NULL),
    CONSTRAINT ck_payouts_code CHECK (status NOT IN ('rejected', 'withdrawn', 'reversed') OR code IS NOT NULL),
    CONSTRAINT ck_payouts_debt_settled CHECK (debt_settled_at IS NULL OR status = 'reversed'),
    CONSTRAINT fk_payouts_rate_id FOREIGN KEY (rate_id) REFERENCES rates (id),
    CONSTRAINT fk_payouts_fund_id FOREIGN KEY (fund_id) REFERENCES funds (id),
    CONSTRAINT fk_payouts_reviewed_by FOREIGN KEY (reviewed_by) REFERENCES persons (id),
    CONSTRAINT fk_payouts_approved_by FOREIGN KEY (approved_by) REFERENCES persons (id),
    CONSTRAINT fk_payouts_second_approved_by FOREIGN KEY (second_approved_by) REFERENCES persons (id),
    CONSTRAINT fk_payouts_batched_by FOREIGN KEY (batched_by) REFERENCES persons (id),
    CONSTRAINT fk_payouts_released_by FOREIGN KEY (released_by) REFERENCES persons (id)
);
CREATE INDEX ix_payouts_area ON payouts (area, id);
CREATE INDEX ix_payouts_institution ON payouts (institution, id);
CREATE INDEX ix_payouts_person ON payouts (person_id);
CREATE INDEX ix_payouts_status ON payouts (status, id);
CREATE INDEX ix_payouts_voucher ON payouts (voucher_id, id);
CREATE INDEX ix_payouts_waiting ON payouts (fund_source, area, id) WHERE status = 'opened' AND open_holds = 0;
CREATE UNIQUE INDEX uq_payouts_live_certificate ON payouts (certificate_id, benefit)
    WHERE status NOT IN ('rejected', 'withdrawn') AND (status <> 'reversed' OR debt_settled_at IS NULL);
CREATE UNIQUE INDEX uq_payouts_live_key ON payouts (key_person_id, skill_code, level, benefit)
    WHERE status NOT IN ('rejected', 'withdrawn') AND (status <> 'reversed' OR debt_settled_at IS NULL);
CREATE UNIQUE INDEX uq_payouts_live_voucher ON payouts (voucher_id) WHERE status NOT IN ('rejected', 'withdrawn')
    AND (status <> 'reversed' OR debt_settled_at IS NULL);

CREATE TABLE payout_decisions (
    payout_id uuid NOT NULL,
    version integer NOT NULL,
    action text NOT NULL,
    account text NOT NULL,
    person_id uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    CONSTRAINT pk_payout_decisions PRIMARY KEY (payout_id, version),
    CONSTRAINT fk_payout_decisions_payout_id FOREIGN KEY (payout_id) REFERENCES payouts (id),
    CONSTRAINT fk_payout_decisions_person_id FOREIGN KEY (person_id) REFERENCES persons (id)
);

CREATE TABLE payout_holds (
    id uuid NOT NULL,
    payout_id uuid NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    reason_code text NOT NULL,
    placed_by uuid,
    placed_at timestamptz NOT NULL,
    lifted_by uuid,
    lifted_at timestamptz,
    CONSTRAINT pk_payout_holds PRIMARY KEY (id),
    CONSTRAINT ck_payout_holds_source
        CHECK (source IN ('officer', 'eligibility', 'voucher', 'institution', 'certificate', 'revocation',
            'signature', 'duplicate_person', 'bank', 'sending')),
    CONSTRAINT ck_payout_holds_lifted CHECK ((lifted_at IS NULL) OR lifted_at >= placed_at),
    CONSTRAINT ck_payout_holds_lifted_by CHECK (lifted_by IS NULL OR lifted_at IS NOT NULL),
    CONSTRAINT fk_payout_holds_payout_id FOREIGN KEY (payout_id) REFERENCES payouts (id),
    CONSTRAINT fk_payout_holds_placed_by FOREIGN KEY (placed_by) REFERENCES persons (id),
    CONSTRAINT fk_payout_holds_lifted_by FOREIGN KEY (lifted_by) REFERENCES persons (id)
);
CREATE INDEX ix_payout_holds_source ON payout_holds (source, source_id) WHERE lifted_at IS NULL;
CREATE UNIQUE INDEX uq_payout_holds_open ON payout_holds (payout_id, source, source_id) WHERE lifted_at IS NULL;

CREATE TABLE ledger_transactions (
    id uuid NOT NULL,
    kind text NOT NULL,
    fund_id uuid NOT NULL,
    payout_id uuid,
    business_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_ledger_transactions PRIMARY KEY (id),
    CONSTRAINT uq_ledger_transactions_fund UNIQUE (id, fund_id),
    CONSTRAINT ck_ledger_transactions_kind CHECK (kind IN ('budget', 'reserve', 'free', 'spend')),
    CONSTRAINT ck_ledger_transactions_payout CHECK ((kind = 'budget') = (payout_id IS NULL)),
    CONSTRAINT fk_ledger_transactions_fund_id FOREIGN KEY (fund_id) REFERENCES funds (id),
    CONSTRAINT fk_ledger_transactions_payout_id FOREIGN KEY (payout_id) REFERENCES payouts (id)
);
CREATE UNIQUE INDEX uq_ledger_transactions_end ON ledger_transactions (payout_id) WHERE kind IN ('free', 'spend');
CREATE UNIQUE INDEX uq_ledger_transactions_reserve ON ledger_transactions (payout_id) WHERE kind = 'reserve';

CREATE TABLE ledger_postings (
    transaction_id uuid NOT NULL,
    account text NOT NULL,
    fund_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    CONSTRAINT pk_ledger_postings PRIMARY KEY (transaction_id, account),
    CONSTRAINT fk_ledger_postings_transaction
        FOREIGN KEY (transaction_id, fund_id) REFERENCES ledger_transactions (id, fund_id),
    CONSTRAINT ck_ledger_postings_account CHECK (account IN ('appropriation', 'available', 'reserved', 'spent')),
    CONSTRAINT ck_ledger_postings_amount CHECK (amount_fen <> 0)
);
CREATE INDEX ix_ledger_postings_balance ON ledger_postings (fund_id, account) INCLUDE (amount_fen);

CREATE TABLE instructions (
    id uuid NOT NULL,
    payout_id uuid NOT NULL,
    attempt integer NOT NULL,
    account_id uuid NOT NULL,
    payee_kind text NOT NULL,
    payee_id text NOT NULL,
    amount_fen bigint NOT NULL,
    pinned_at timestamptz NOT NULL,
    CONSTRAINT pk_instructions PRIMARY KEY (id),
    CONSTRAINT fk_instructions_payout
        FOREIGN KEY (payout_id, amount_fen, payee_kind, payee_id)
            REFERENCES payouts (id, amount_fen, payee_kind, payee_id),
    CONSTRAINT fk_instructions_account
        FOREIGN KEY (account_id, payee_kind, payee_id) REFERENCES accounts (id, owner_kind, owner_id),
    CONSTRAINT uq_instructions_attempt UNIQUE (payout_id, attempt),
    CONSTRAINT uq_instructions_payout UNIQUE (id, payout_id),
    CONSTRAINT ck_instructions_attempt CHECK (attempt > 0),
    CONSTRAINT ck_instructions_own_id CHECK ((attempt = 1) = (id = payout_id))
);

CREATE TABLE deliveries (
    instruction_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    calls integer NOT NULL DEFAULT 0,
    next_call_at timestamptz NOT NULL,
    given_at timestamptz,
    outcome text,
    reason text,
    answered_at timestamptz,
    CONSTRAINT pk_deliveries PRIMARY KEY (instruction_id),
    CONSTRAINT fk_deliveries_instruction
        FOREIGN KEY (instruction_id, payout_id) REFERENCES instructions (id, payout_id),
    CONSTRAINT ck_deliveries_calls CHECK (calls >= 0),
    CONSTRAINT ck_deliveries_outcome CHECK (outcome IN ('paid', 'failed')),
    CONSTRAINT ck_deliveries_answered CHECK ((outcome IS NULL) = (answered_at IS NULL))
);
CREATE INDEX ix_deliveries_due ON deliveries (next_call_at) WHERE outcome IS NULL;
CREATE UNIQUE INDEX uq_deliveries_live ON deliveries (payout_id) WHERE outcome IS NULL OR outcome = 'paid';

CREATE TABLE payment_batches (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    fund_id uuid NOT NULL,
    area text NOT NULL,
    count integer NOT NULL,
    amount_fen bigint NOT NULL,
    built_by uuid NOT NULL,
    released_by uuid,
    CONSTRAINT pk_payment_batches PRIMARY KEY (id),
    CONSTRAINT uq_payment_batches_fund UNIQUE (id, fund_id),
    CONSTRAINT ck_payment_batches_count CHECK (count > 0),
    CONSTRAINT ck_payment_batches_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_payment_batches_distinct_persons CHECK (built_by <> released_by),
    CONSTRAINT ck_payment_batches_released CHECK (status = 'built' OR released_by IS NOT NULL),
    CONSTRAINT fk_payment_batches_fund_id FOREIGN KEY (fund_id) REFERENCES funds (id),
    CONSTRAINT fk_payment_batches_built_by FOREIGN KEY (built_by) REFERENCES persons (id),
    CONSTRAINT fk_payment_batches_released_by FOREIGN KEY (released_by) REFERENCES persons (id)
);
CREATE INDEX ix_payment_batches_status ON payment_batches (status, id);

CREATE TABLE payment_batch_items (
    payout_id uuid NOT NULL,
    attempt integer NOT NULL,
    batch_id uuid NOT NULL,
    fund_id uuid NOT NULL,
    CONSTRAINT pk_payment_batch_items PRIMARY KEY (payout_id, attempt),
    CONSTRAINT fk_payment_batch_items_batch FOREIGN KEY (batch_id, fund_id) REFERENCES payment_batches (id, fund_id),
    CONSTRAINT fk_payment_batch_items_payout FOREIGN KEY (payout_id, fund_id) REFERENCES payouts (id, fund_id),
    CONSTRAINT fk_payment_batch_items_instruction
        FOREIGN KEY (payout_id, attempt) REFERENCES instructions (payout_id, attempt)
);
CREATE INDEX ix_payment_batch_items_batch ON payment_batch_items (batch_id);
