"""Batches and vouchers: quota, holder, skill and verdict are held by the database itself."""

import re

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_02"
down_revision = "20261123_01"
branch_labels = None
depends_on = None

SERVICE = "voucher"

BATCHES = """
CREATE TABLE fund_rules (
    fund_source text NOT NULL,
    programme text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    CONSTRAINT pk_fund_rules PRIMARY KEY (fund_source, programme, valid_from),
    CONSTRAINT ck_fund_rules_dates CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE TABLE batches (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    kind text NOT NULL,
    programme text NOT NULL,
    title text NOT NULL,
    fund_source text NOT NULL,
    rules_version text NOT NULL,
    quantity integer NOT NULL,
    claimed integer NOT NULL DEFAULT 0,
    areas text[] NOT NULL,
    audience_groups text[] NOT NULL,
    claim_from timestamptz NOT NULL,
    claim_until timestamptz NOT NULL,
    validity_days integer NOT NULL,
    proposed_by uuid NOT NULL,
    decided_by uuid,
    reject_reason text,
    CONSTRAINT pk_batches PRIMARY KEY (id),
    CONSTRAINT uq_batches_terms UNIQUE (id, programme, fund_source, rules_version),
    CONSTRAINT ck_batches_kind CHECK (kind IN ('general', 'targeted')),
    CONSTRAINT ck_batches_quantity CHECK (quantity > 0),
    CONSTRAINT ck_batches_quota CHECK (claimed >= 0 AND claimed <= quantity),
    CONSTRAINT ck_batches_claim_window CHECK (claim_from < claim_until),
    CONSTRAINT ck_batches_validity CHECK (validity_days > 0),
    CONSTRAINT ck_batches_some_area CHECK (cardinality(areas) > 0),
    CONSTRAINT ck_batches_two_officers CHECK (decided_by <> proposed_by),
    CONSTRAINT ck_batches_decided CHECK ((status = 'proposed') = (decided_by IS NULL)),
    CONSTRAINT ck_batches_reject_reason CHECK ((status = 'rejected') = (reject_reason IS NOT NULL))
);
CREATE TABLE batch_skills (
    batch_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    CONSTRAINT pk_batch_skills PRIMARY KEY (batch_id, skill_code, level),
    CONSTRAINT fk_batch_skills_batch_id FOREIGN KEY (batch_id) REFERENCES batches (id),
    CONSTRAINT ck_batch_skills_level CHECK (level BETWEEN 0 AND 5)
);
CREATE TABLE batch_holders (
    batch_id uuid NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT pk_batch_holders PRIMARY KEY (batch_id, person_id),
    CONSTRAINT fk_batch_holders_batch_id FOREIGN KEY (batch_id) REFERENCES batches (id),
    CONSTRAINT fk_batch_holders_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
);
INSERT INTO fund_rules (fund_source, programme, valid_from, source) VALUES
    ('employment_subsidy_fund', 'training_voucher', '2021-12-31', '平办[2021]27号 三(三); 豫人社规〔2022〕2号'),
    ('skills_campaign_account', 'training_voucher', '2021-12-31', '豫人社规〔2022〕2号'),
    ('unemployment_insurance_extraction', 'training_voucher', '2021-12-31',
        '平办[2021]27号 三(三); 豫人社规〔2022〕2号'),
    ('finance', 'training_voucher', '2021-12-31', '平办[2021]27号 三(三)'),
    ('department_training', 'training_voucher', '2021-12-31', '平办[2021]27号 三(三)'),
    ('local_talent', 'training_voucher', '2021-12-31', '平办[2021]27号 三(三)'),
    ('industry_development', 'training_voucher', '2021-12-31', '平办[2021]27号 三(三)');
"""

VOUCHERS = """
CREATE SEQUENCE voucher_serials CACHE 1 MAXVALUE 99999999;
CREATE TABLE vouchers (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    number text NOT NULL,
    person_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    programme text NOT NULL,
    fund_source text NOT NULL,
    rules_version text NOT NULL,
    area text NOT NULL,
    valid_until timestamptz NOT NULL,
    skill_code text,
    level smallint,
    claimed_at timestamptz,
    eligibility_decided_on date,
    enrolment_id uuid,
    class_id uuid,
    class_area text,
    channel text,
    institution text,
    payee_kind text,
    payee_id text,
    mandate_id uuid,
    act text,
    starts_on date,
    ends_on date,
    payout_id uuid,
    cancel_proposed_by uuid,
    cancel_reason_code text,
    cancelled_by uuid,
    CONSTRAINT pk_vouchers PRIMARY KEY (id),
    CONSTRAINT uq_vouchers_number UNIQUE (number),
    CONSTRAINT fk_vouchers_batch_terms FOREIGN KEY (batch_id, programme, fund_source, rules_version)
        REFERENCES batches (id, programme, fund_source, rules_version),
    CONSTRAINT fk_vouchers_person_id FOREIGN KEY (person_id) REFERENCES workers (id),
    CONSTRAINT ck_vouchers_open_holds CHECK (open_holds >= 0),
    CONSTRAINT ck_vouchers_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_vouchers_claim
        CHECK (num_nonnulls(skill_code, level, claimed_at, eligibility_decided_on) IN (0, 4)),
    CONSTRAINT ck_vouchers_claimed CHECK (status IN ('offered', 'expired', 'cancelled') OR claimed_at IS NOT NULL),
    CONSTRAINT ck_vouchers_offered CHECK (status <> 'offered' OR claimed_at IS NULL),
    CONSTRAINT ck_vouchers_binding
        CHECK (num_nonnulls(enrolment_id, class_id, class_area, channel, institution, payee_kind, payee_id, act,
            starts_on, ends_on) IN (0, 10)),
    CONSTRAINT ck_vouchers_mandate CHECK (mandate_id IS NULL OR enrolment_id IS NOT NULL),
    CONSTRAINT ck_vouchers_bound
        CHECK (status = 'cancelled' OR (status IN ('offered', 'claimed', 'expired')) = (enrolment_id IS NULL)),
    CONSTRAINT ck_vouchers_payout
        CHECK ((status IN ('settling', 'redeemed', 'clawed_back')) = (payout_id IS NOT NULL)),
    CONSTRAINT ck_vouchers_cancel_proposal CHECK (num_nonnulls(cancel_proposed_by, cancel_reason_code) IN (0, 2)),
    CONSTRAINT ck_vouchers_cancelled CHECK ((status = 'cancelled') = (cancelled_by IS NOT NULL)
        AND (cancelled_by IS NULL OR cancel_proposed_by IS NOT NULL)),
    CONSTRAINT ck_vouchers_two_officers CHECK (cancelled_by <> cancel_proposed_by)
);
CREATE INDEX ix_vouchers_area_id ON vouchers (area, id);
CREATE INDEX ix_vouchers_ends_on ON vouchers (ends_on) WHERE status = 'in_use';
CREATE INDEX ix_vouchers_institution_id ON vouchers (institution, id) WHERE institution IS NOT NULL;
CREATE INDEX ix_vouchers_person_id_id ON vouchers (person_id, id);
CREATE INDEX ix_vouchers_valid_until ON vouchers (valid_until) WHERE status IN ('claimed', 'offered');
CREATE UNIQUE INDEX uq_vouchers_live ON vouchers (person_id, programme)
    WHERE status IN ('certified', 'claimed', 'in_use', 'offered', 'settling');
CREATE TABLE eligibility_verdicts (
    voucher_id uuid NOT NULL,
    occasion text NOT NULL,
    batch_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    verdict text NOT NULL,
    reasons text[] NOT NULL,
    inputs jsonb NOT NULL,
    rules_version text NOT NULL,
    decided_on date NOT NULL,
    CONSTRAINT pk_eligibility_verdicts PRIMARY KEY (voucher_id, occasion),
    CONSTRAINT fk_eligibility_verdicts_batch_skill FOREIGN KEY (batch_id, skill_code, level)
        REFERENCES batch_skills (batch_id, skill_code, level),
    CONSTRAINT fk_eligibility_verdicts_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id),
    CONSTRAINT ck_eligibility_verdicts_occasion CHECK (occasion IN ('claim', 'certification')),
    CONSTRAINT ck_eligibility_verdicts_verdict CHECK (verdict IN ('eligible', 'ineligible', 'unknown')),
    CONSTRAINT ck_eligibility_verdicts_unknown_never_passes CHECK (occasion <> 'claim' OR verdict = 'eligible'),
    CONSTRAINT ck_eligibility_verdicts_reasons_given CHECK ((verdict = 'eligible') = (cardinality(reasons) = 0))
);
CREATE TABLE counter_claims (
    voucher_id uuid NOT NULL,
    officer_id uuid NOT NULL,
    second_officer_id uuid NOT NULL,
    card_read_at timestamptz NOT NULL,
    photo_digest text NOT NULL,
    site text NOT NULL,
    area text NOT NULL,
    sampled boolean NOT NULL,
    claimed_at timestamptz NOT NULL,
    CONSTRAINT pk_counter_claims PRIMARY KEY (voucher_id),
    CONSTRAINT fk_counter_claims_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id),
    CONSTRAINT fk_counter_claims_officer_id FOREIGN KEY (officer_id) REFERENCES workers (id),
    CONSTRAINT fk_counter_claims_second_officer_id FOREIGN KEY (second_officer_id) REFERENCES workers (id),
    CONSTRAINT ck_counter_claims_two_officers CHECK (officer_id <> second_officer_id),
    CONSTRAINT ck_counter_claims_photo_is_sha256 CHECK (photo_digest ~ '^[0-9a-f]{64}$')
);
CREATE INDEX ix_counter_claims_area_voucher_id ON counter_claims (area, voucher_id);
CREATE TABLE voucher_holds (
    id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    reason_code text NOT NULL,
    placed_by uuid NOT NULL,
    placed_at timestamptz NOT NULL,
    lifted_by uuid,
    lifted_at timestamptz,
    CONSTRAINT pk_voucher_holds PRIMARY KEY (id),
    CONSTRAINT fk_voucher_holds_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id),
    CONSTRAINT ck_voucher_holds_lifted CHECK (num_nonnulls(lifted_by, lifted_at) IN (0, 2))
);
CREATE INDEX ix_voucher_holds_voucher_id ON voucher_holds (voucher_id);
"""

COUNT_CLAIMS = """
CREATE FUNCTION vouchers_count_born() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE batches SET claimed = claimed + added.vouchers
    FROM (SELECT batch_id, count(*) AS vouchers FROM born WHERE claimed_at IS NOT NULL GROUP BY batch_id) AS added
    WHERE batches.id = added.batch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_born AFTER INSERT ON vouchers REFERENCING NEW TABLE AS born
    FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_born();
CREATE FUNCTION vouchers_count_taken_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE batches SET claimed = claimed + added.vouchers
    FROM (
        SELECT later.batch_id, count(*) AS vouchers
        FROM later JOIN earlier USING (id)
        WHERE earlier.claimed_at IS NULL AND later.claimed_at IS NOT NULL
        GROUP BY later.batch_id
    ) AS added
    WHERE batches.id = added.batch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_taken_up AFTER UPDATE ON vouchers REFERENCING OLD TABLE AS earlier NEW TABLE AS later
    FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_taken_up();
"""
"""Whoever writes a claim, the batch counts it, and `ck_batches_quota` stops the one too many."""

CHOSEN_ONCE = """
CREATE FUNCTION vouchers_chosen_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.claimed_at IS NOT NULL
        AND (NEW.skill_code, NEW.level, NEW.claimed_at) IS DISTINCT FROM (OLD.skill_code, OLD.level, OLD.claimed_at)
    THEN
        RAISE EXCEPTION 'skill, level and time of a claim never change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_vouchers_claim';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chosen_once BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION vouchers_chosen_once();
"""

NEEDS_VERDICT = """
CREATE FUNCTION vouchers_needs_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM eligibility_verdicts AS given
        WHERE given.voucher_id = NEW.id AND given.occasion = 'claim' AND given.batch_id = NEW.batch_id
            AND given.skill_code = NEW.skill_code AND given.level = NEW.level
    ) THEN
        RAISE EXCEPTION 'no voucher is claimed without a verdict on its skill and level'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_verdict';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER needs_verdict AFTER INSERT OR UPDATE OF claimed_at ON vouchers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.claimed_at IS NOT NULL)
    EXECUTE FUNCTION vouchers_needs_verdict();
"""
"""A verdict at the claim is `eligible` by its own check, so nobody else gets in (A2)."""

HOLDS_COUNTED = """
CREATE FUNCTION voucher_holds_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held uuid := CASE WHEN TG_TABLE_NAME = 'vouchers' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'voucher_id')::uuid END;
BEGIN
    IF (SELECT open_holds FROM vouchers WHERE id = held)
        <> (SELECT count(*) FROM voucher_holds WHERE voucher_id = held AND lifted_at IS NULL)
    THEN
        RAISE EXCEPTION 'open_holds does not count the open holds'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_holds_counted';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER holds_counted AFTER INSERT OR UPDATE ON voucher_holds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voucher_holds_counted();
CREATE CONSTRAINT TRIGGER holds_counted AFTER UPDATE OF open_holds ON vouchers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voucher_holds_counted();
"""

TRANSITIONS = [
    ("offered", "claimed"),
    ("offered", "expired"),
    ("offered", "cancelled"),
    ("claimed", "in_use"),
    ("claimed", "expired"),
    ("claimed", "cancelled"),
    ("expired", "in_use"),
    ("in_use", "claimed"),
    ("in_use", "certified"),
    ("in_use", "void_uncertified"),
    ("in_use", "cancelled"),
    ("void_uncertified", "certified"),
    ("certified", "settling"),
    ("settling", "certified"),
    ("settling", "redeemed"),
    ("redeemed", "clawed_back"),
]

TERMS = ["id", "kind", "programme", "fund_source", "rules_version", "quantity", "areas", "audience_groups",
         "claim_from", "claim_until", "validity_days", "proposed_by", "created_at"]  # fmt: skip
"""What a second officer approved is what is given out."""
HOLDING = ["id", "number", "person_id", "batch_id", "programme", "fund_source", "rules_version", "area", "created_at"]
"""不得转让: above all the holder (A4)."""


def _execute(statements: str) -> None:
    """One by one: the driver takes a single statement at a time."""
    for statement in re.split(r";\n(?=CREATE|INSERT)", statements):
        op.execute(statement)


def upgrade() -> None:
    """Create the tables with everything that the database forbids."""
    for statements in (BATCHES, VOUCHERS, COUNT_CLAIMS, CHOSEN_ONCE, NEEDS_VERDICT, HOLDS_COUNTED):
        _execute(statements)
    plumbing_v1.guard_lifecycle(
        "batches",
        births=["proposed"],
        transitions=[("proposed", "active"), ("proposed", "rejected"), ("active", "closed")],
    )
    plumbing_v1.immutable("batches", TERMS)
    plumbing_v1.guard_lifecycle("vouchers", births=["offered", "claimed"], transitions=TRANSITIONS)
    plumbing_v1.immutable("vouchers", HOLDING)
    for table in ("batch_skills", "batch_holders", "eligibility_verdicts", "counter_claims"):
        plumbing_v1.append_only(table)
    _grant()


def _grant() -> None:
    plumbing_v1.grant(SERVICE, "fund_rules", api="SELECT", worker="SELECT")
    plumbing_v1.grant(
        SERVICE,
        "batches",
        api="SELECT, INSERT, UPDATE (status, version, decided_by, reject_reason)",
        worker="SELECT",
    )
    for table in ("batch_skills", "batch_holders", "counter_claims"):
        plumbing_v1.grant(SERVICE, table, api="SELECT, INSERT", worker="SELECT")
    plumbing_v1.grant(SERVICE, "eligibility_verdicts", api="SELECT, INSERT", worker="SELECT, INSERT")
    plumbing_v1.grant(SERVICE, "vouchers", api="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE")
    plumbing_v1.grant(SERVICE, "voucher_holds", api="SELECT, INSERT, UPDATE (lifted_by, lifted_at)", worker="SELECT")
    plumbing_v1.grant(
        SERVICE, "idempotency_keys", api="SELECT, INSERT, UPDATE, DELETE", worker="SELECT, DELETE"
    )  # claims are batched: the key of a refused one is released
    op.execute("GRANT USAGE ON SEQUENCE voucher_serials TO voucher_api")


def downgrade() -> None:
    """Drop everything."""
    op.execute("DROP TABLE voucher_holds, counter_claims, eligibility_verdicts, vouchers CASCADE")
    op.execute("DROP TABLE batch_holders, batch_skills, batches, fund_rules CASCADE")
    op.execute("DROP SEQUENCE voucher_serials")
    op.execute(
        """
        DROP FUNCTION vouchers_count_born, vouchers_count_taken_up, vouchers_chosen_once, vouchers_needs_verdict,
            voucher_holds_counted, vouchers_lifecycle, vouchers_immutable, batches_lifecycle, batches_immutable,
            batch_skills_append_only, batch_holders_append_only, eligibility_verdicts_append_only,
            counter_claims_append_only
        """
    )
