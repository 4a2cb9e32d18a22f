"""Instructions, deliveries, payment batches; and the guards of a payout that compare it with other tables."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_06"
down_revision = "20261123_05"
branch_labels = None
depends_on = None

SERVICE = "payout"

TABLES = """
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
    CONSTRAINT fk_instructions_payout FOREIGN KEY (payout_id, amount_fen, payee_kind, payee_id)
        REFERENCES payouts (id, amount_fen, payee_kind, payee_id),
    CONSTRAINT fk_instructions_account FOREIGN KEY (account_id, payee_kind, payee_id)
        REFERENCES accounts (id, owner_kind, owner_id),
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
    CONSTRAINT fk_deliveries_instruction FOREIGN KEY (instruction_id, payout_id)
        REFERENCES instructions (id, payout_id),
    CONSTRAINT ck_deliveries_calls CHECK (calls >= 0),
    CONSTRAINT ck_deliveries_outcome CHECK (outcome IN ('paid', 'failed')),
    CONSTRAINT ck_deliveries_answered CHECK ((outcome IS NULL) = (answered_at IS NULL))
);
CREATE INDEX ix_deliveries_due ON deliveries (next_call_at) WHERE outcome IS NULL;
CREATE UNIQUE INDEX uq_deliveries_live ON deliveries (payout_id) WHERE outcome IS NULL OR outcome = 'paid';
CREATE TABLE payment_batches (
    fund_id uuid NOT NULL,
    area text NOT NULL,
    count integer NOT NULL,
    amount_fen bigint NOT NULL,
    built_by uuid NOT NULL,
    released_by uuid,
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_payment_batches PRIMARY KEY (id),
    CONSTRAINT uq_payment_batches_fund UNIQUE (id, fund_id),
    CONSTRAINT ck_payment_batches_count CHECK (count > 0),
    CONSTRAINT ck_payment_batches_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_payment_batches_distinct_persons CHECK (built_by <> released_by),
    CONSTRAINT ck_payment_batches_released CHECK (status = 'built' OR released_by IS NOT NULL),
    CONSTRAINT fk_payment_batches_fund_id FOREIGN KEY (fund_id) REFERENCES funds (id)
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
    CONSTRAINT fk_payment_batch_items_instruction FOREIGN KEY (payout_id, attempt)
        REFERENCES instructions (payout_id, attempt)
);
CREATE INDEX ix_payment_batch_items_batch ON payment_batch_items (batch_id);
"""

PRICED = """
CREATE FUNCTION payouts_priced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.rate_id IS NULL THEN
        IF NEW.amount_fen <> 0 THEN
            RAISE EXCEPTION 'an amount without a rate' USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM rates JOIN certificate_copies AS copy ON copy.certificate_id = NEW.certificate_id
        WHERE rates.id = NEW.rate_id AND rates.programme = NEW.programme AND rates.certificate_kind = copy.kind
            AND rates.level = NEW.level AND rates.act = copy.act AND rates.amount_fen = NEW.amount_fen
            AND copy.priced_on BETWEEN rates.valid_from AND coalesce(rates.valid_to, 'infinity')
    ) THEN
        RAISE EXCEPTION 'the amount is not that of the rate in force on the day of assessment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
    END IF;
    IF NOT EXISTS (
        SELECT FROM dated_rules
        WHERE name = 'second_approval_above_fen' AND value = NEW.second_approval_above_fen
            AND NEW.opened_on BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    ) THEN
        RAISE EXCEPTION 'not the limit of second approval in force on the day of opening'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
    END IF;
    RETURN NEW;
END $$
"""
OWED = """
CREATE FUNCTION payouts_owed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM voucher_facts AS said
        WHERE said.voucher_id = NEW.voucher_id AND said.certificate_id = NEW.certificate_id
            AND said.person_id = NEW.person_id AND said.skill_code = NEW.skill_code AND said.level = NEW.level
            AND said.programme = NEW.programme AND said.fund_source = NEW.fund_source
            AND said.class_area = NEW.area AND said.institution = NEW.institution
            AND said.mandate_id IS NOT DISTINCT FROM NEW.mandate_id
            AND CASE WHEN said.payee_kind <> 'worker' AND said.mandate_id IS NOT NULL
                THEN (NEW.payee_kind, NEW.payee_id) = (said.payee_kind, said.payee_id)
                ELSE (NEW.payee_kind, NEW.payee_id) = ('worker', said.person_id::text) END
            AND (NEW.status <> 'opened' OR said.eligibility <> 'ineligible' AND NOT said.cancelled)
    ) THEN
        RAISE EXCEPTION 'a payout says something else than its voucher'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_payouts';
    END IF;
    IF NEW.key_person_id <> coalesce(
        (SELECT survivor_id FROM persons WHERE id = NEW.person_id), NEW.person_id
    ) THEN
        RAISE EXCEPTION 'a benefit is counted under the surviving record of its person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_payouts';
    END IF;
    RETURN NEW;
END $$
"""
STEPS = """
CREATE FUNCTION payouts_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.fund_id IS NOT NULL AND NEW.fund_id IS DISTINCT FROM OLD.fund_id THEN
        RAISE EXCEPTION 'the fund of a payout never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_payouts';
    END IF;
    IF NEW.status = OLD.status THEN
        RETURN NEW;
    END IF;
    IF current_user = 'payout_api' AND NEW.status IN ('checked', 'cleared', 'sent', 'paid', 'failed', 'unknown') THEN
        RAISE EXCEPTION 'this step is the worker''s'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payouts';
    END IF;
    IF NEW.open_holds > 0
        AND NEW.status IN ('checked', 'reviewed', 'approved', 'published', 'cleared', 'batched', 'sent') THEN
        RAISE EXCEPTION 'no step up to the bank is taken under a hold'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hl_payouts';
    END IF;
    IF NEW.status IN ('approved', 'batched', 'sent') THEN
        -- against a certificate revoked between this look and the commit; the service has locked it before
        PERFORM FROM certificate_statuses WHERE certificate_id = NEW.certificate_id AND status = 'valid' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'nothing is approved or sent without a valid certificate'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'va_payouts';
        END IF;
    END IF;
    RETURN NEW;
END $$
"""
USABLE = """
CREATE FUNCTION instructions_usable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts, business_clock
        WHERE accounts.id = NEW.account_id AND accounts.status = 'confirmed'
            AND accounts.usable_from <= clock_timestamp() + business_clock."offset"
    ) THEN
        RAISE EXCEPTION 'only a confirmed account whose cool-off is over is paid to'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'us_instructions';
    END IF;
    RETURN NEW;
END $$
"""
DELIVERIES_FINAL = """
CREATE FUNCTION deliveries_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome IS NOT NULL OR NEW.payout_id <> OLD.payout_id OR NEW.calls < OLD.calls THEN
        RAISE EXCEPTION 'the bank''s final answer stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_deliveries';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = (
    "CREATE TRIGGER priced BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_priced()",
    "CREATE TRIGGER owed BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_owed()",
    "CREATE TRIGGER steps BEFORE UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_steps()",
    "CREATE TRIGGER usable AFTER INSERT ON instructions FOR EACH ROW EXECUTE FUNCTION instructions_usable()",
    "CREATE TRIGGER final BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION deliveries_final()",
)


def upgrade() -> None:
    """Create them. An instruction is pinned by the API's role and delivered by the worker's."""
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for statement in (PRICED, OWED, STEPS, USABLE, DELIVERIES_FINAL, *TRIGGERS):
        op.execute(statement)
    plumbing_v1.append_only("instructions")
    plumbing_v1.grant(SERVICE, "instructions", api="SELECT, INSERT", worker="SELECT")
    plumbing_v1.grant(SERVICE, "deliveries", api="SELECT", worker="SELECT, INSERT, UPDATE")
    plumbing_v1.guard_lifecycle(
        "payment_batches", births=["built"], transitions=[("built", "released"), ("released", "settled")]
    )
    plumbing_v1.immutable("payment_batches", ["fund_id", "area", "count", "amount_fen", "built_by"])
    plumbing_v1.grant(
        SERVICE,
        "payment_batches",
        api="SELECT, INSERT, UPDATE (status, version, released_by)",
        worker="SELECT, UPDATE (status, version)",
    )
    plumbing_v1.append_only("payment_batch_items")
    plumbing_v1.grant(SERVICE, "payment_batch_items", api="SELECT, INSERT", worker="SELECT")


def downgrade() -> None:
    """Drop them."""
    for table in ("payment_batch_items", "payment_batches", "deliveries", "instructions"):
        op.execute(f"DROP TABLE {table}")
    for function in (
        "payment_batch_items_append_only",
        "payment_batches_immutable",
        "payment_batches_lifecycle",
        "instructions_append_only",
        "instructions_usable",
        "deliveries_final",
        "payouts_priced",
        "payouts_owed",
        "payouts_steps",
    ):
        op.execute(f"DROP FUNCTION {function}() CASCADE")
