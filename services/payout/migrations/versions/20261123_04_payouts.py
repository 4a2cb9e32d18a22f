"""Payouts, who decided what about them, and their holds."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_04"
down_revision = "20261123_03"
branch_labels = None
depends_on = None

SERVICE = "payout"

TABLES = """
CREATE TABLE payouts (
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
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_payouts PRIMARY KEY (id),
    CONSTRAINT fk_payouts_certificate FOREIGN KEY (certificate_id, person_id, skill_code, level)
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
            AND reviewed_by <> released_by AND reviewed_by <> person_id AND reviewed_by <> key_person_id AND
            approved_by <> second_approved_by AND approved_by <> batched_by AND approved_by <> released_by AND
            approved_by <> person_id AND approved_by <> key_person_id AND second_approved_by <> batched_by AND
            second_approved_by <> released_by AND second_approved_by <> person_id AND second_approved_by <>
            key_person_id AND batched_by <> released_by AND batched_by <> person_id AND batched_by <>
            key_person_id AND released_by <> person_id AND released_by <> key_person_id),
    CONSTRAINT ck_payouts_reserved CHECK (status IN ('opened', 'rejected', 'withdrawn') OR fund_id IS NOT NULL),
    CONSTRAINT ck_payouts_reviewed
        CHECK (status IN ('opened', 'checked', 'rejected', 'withdrawn') OR reviewed_by IS NOT NULL),
    CONSTRAINT ck_payouts_approved
        CHECK (status IN ('opened', 'checked', 'reviewed', 'rejected', 'withdrawn') OR approved_by IS NOT NULL
            AND attempt > 0),
    CONSTRAINT ck_payouts_second_approved
        CHECK (status IN ('opened', 'checked', 'reviewed', 'approved', 'rejected', 'withdrawn') OR amount_fen <=
            second_approval_above_fen OR second_approved_by IS NOT NULL),
    CONSTRAINT ck_payouts_published
        CHECK (status IN ('opened', 'checked', 'reviewed', 'approved', 'rejected', 'withdrawn') OR published_at
            IS NOT NULL AND notice_ends_at > published_at),
    CONSTRAINT ck_payouts_batched
        CHECK (status NOT IN ('batched', 'sent', 'paid', 'failed', 'unknown', 'reversed') OR batched_by IS NOT NULL),
    CONSTRAINT ck_payouts_released
        CHECK (status NOT IN ('sent', 'paid', 'failed', 'unknown', 'reversed') OR released_by IS NOT NULL),
    CONSTRAINT ck_payouts_code CHECK (status NOT IN ('rejected', 'withdrawn', 'reversed') OR code IS NOT NULL),
    CONSTRAINT ck_payouts_debt_settled CHECK (debt_settled_at IS NULL OR status = 'reversed'),
    CONSTRAINT fk_payouts_rate_id FOREIGN KEY (rate_id) REFERENCES rates (id),
    CONSTRAINT fk_payouts_fund_id FOREIGN KEY (fund_id) REFERENCES funds (id)
);
CREATE INDEX ix_payouts_area ON payouts (area, id);
CREATE INDEX ix_payouts_institution ON payouts (institution, id);
CREATE INDEX ix_payouts_person ON payouts (person_id);
CREATE INDEX ix_payouts_status ON payouts (status, id);
CREATE INDEX ix_payouts_voucher ON payouts (voucher_id, id);
CREATE INDEX ix_payouts_waiting ON payouts (fund_source, area, id) WHERE status = 'opened' AND open_holds = 0;
CREATE UNIQUE INDEX uq_payouts_live_certificate ON payouts (certificate_id, benefit) WHERE status NOT IN
    ('rejected', 'withdrawn') AND (status <> 'reversed' OR debt_settled_at IS NULL);
CREATE UNIQUE INDEX uq_payouts_live_key ON payouts (key_person_id, skill_code, level, benefit) WHERE status NOT
    IN ('rejected', 'withdrawn') AND (status <> 'reversed' OR debt_settled_at IS NULL);
CREATE UNIQUE INDEX uq_payouts_live_voucher ON payouts (voucher_id) WHERE status NOT IN ('rejected',
    'withdrawn') AND (status <> 'reversed' OR debt_settled_at IS NULL);
CREATE TABLE payout_decisions (
    payout_id uuid NOT NULL,
    version integer NOT NULL,
    action text NOT NULL,
    account text NOT NULL,
    person_id uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    CONSTRAINT pk_payout_decisions PRIMARY KEY (payout_id, version),
    CONSTRAINT fk_payout_decisions_payout_id FOREIGN KEY (payout_id) REFERENCES payouts (id)
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
    CONSTRAINT fk_payout_holds_payout_id FOREIGN KEY (payout_id) REFERENCES payouts (id)
);
CREATE INDEX ix_payout_holds_source ON payout_holds (source, source_id) WHERE lifted_at IS NULL;
CREATE UNIQUE INDEX uq_payout_holds_open ON payout_holds (payout_id, source, source_id) WHERE lifted_at IS NULL;
"""

UNSENT = ("opened", "checked", "reviewed", "approved", "published", "cleared", "batched", "failed")
TRANSITIONS = [
    ("opened", "checked"),
    ("checked", "reviewed"),
    ("reviewed", "approved"),
    ("approved", "published"),
    ("published", "cleared"),
    ("approved", "cleared"),
    ("cleared", "batched"),
    ("batched", "sent"),
    ("unknown", "sent"),
    ("sent", "paid"),
    ("unknown", "paid"),
    ("sent", "failed"),
    ("unknown", "failed"),
    ("sent", "unknown"),
    ("failed", "reviewed"),
    ("paid", "reversed"),
    *((state, ended) for state in UNSENT for ended in ("rejected", "withdrawn")),
]
FIXED = [
    "voucher_id", "person_id", "certificate_id", "skill_code", "level", "benefit", "programme", "fund_source", "area",
    "institution", "payee_kind", "payee_id", "mandate_id", "rate_id", "amount_fen", "opened_on",
    "eligibility_decided_on", "second_approval_above_fen", "created_at",
]  # fmt: skip
DECIDED = (
    "status, version, open_holds, attempt, reviewed_by, approved_by, second_approved_by, batched_by, released_by,"
    " published_at, notice_ends_at, code"
)
"""What the API's role may change: who decided. Money, key and certificate it may not."""


def upgrade() -> None:
    """Create them; the triggers that hold what no CHECK can come with the ledger."""
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    plumbing_v1.guard_lifecycle("payouts", births=["opened", "rejected"], transitions=TRANSITIONS)
    plumbing_v1.immutable("payouts", FIXED)
    plumbing_v1.grant(SERVICE, "payouts", api=f"SELECT, INSERT, UPDATE ({DECIDED})", worker="SELECT, INSERT, UPDATE")
    plumbing_v1.append_only("payout_decisions")
    plumbing_v1.grant(SERVICE, "payout_decisions", api="SELECT, INSERT", worker="SELECT")
    plumbing_v1.immutable("payout_holds", ["payout_id", "source", "source_id", "reason_code", "placed_by", "placed_at"])
    hold_rights = "SELECT, INSERT, UPDATE (lifted_by, lifted_at)"
    plumbing_v1.grant(SERVICE, "payout_holds", api=hold_rights, worker=hold_rights)


def downgrade() -> None:
    """Drop them."""
    for table in ("payout_holds", "payout_decisions", "payouts"):
        op.execute(f"DROP TABLE {table}")
    for function in (
        "payout_holds_immutable",
        "payout_decisions_append_only",
        "payouts_immutable",
        "payouts_lifecycle",
    ):
        op.execute(f"DROP FUNCTION {function}()")
