"""Funds, and payees' accounts in versions."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_02"
down_revision = "20261123_01"
branch_labels = None
depends_on = None

SERVICE = "payout"

TABLES = """
CREATE TABLE funds (
    fund_source text NOT NULL,
    area text NOT NULL,
    year smallint NOT NULL,
    budget_fen bigint NOT NULL DEFAULT 0,
    reserved_fen bigint NOT NULL DEFAULT 0,
    spent_fen bigint NOT NULL DEFAULT 0,
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_funds PRIMARY KEY (id),
    CONSTRAINT uq_funds_key UNIQUE (fund_source, area, year),
    CONSTRAINT ck_funds_not_negative CHECK (budget_fen >= 0 AND reserved_fen >= 0 AND spent_fen >= 0),
    CONSTRAINT ck_funds_within_budget CHECK (reserved_fen + spent_fen <= budget_fen),
    CONSTRAINT ck_funds_year CHECK (year BETWEEN 2021 AND 2099)
);
CREATE TABLE accounts (
    owner_kind text NOT NULL,
    owner_id text NOT NULL,
    revision integer NOT NULL,
    bank_code text NOT NULL,
    account_number bytea NOT NULL,
    account_name bytea NOT NULL,
    number_index bytea NOT NULL,
    name_index bytea NOT NULL,
    proposed_by uuid,
    endorsed_by uuid,
    endorsed_name_index bytea,
    confirmed_by uuid,
    confirmed_name_index bytea,
    usable_from timestamptz,
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT uq_accounts_revision UNIQUE (owner_kind, owner_id, revision),
    CONSTRAINT uq_accounts_owner UNIQUE (id, owner_kind, owner_id),
    CONSTRAINT ex_accounts_one_owner
        EXCLUDE USING gist (number_index WITH =, owner_id WITH <>) WHERE (status <> 'retired'),
    CONSTRAINT ck_accounts_owner_kind CHECK (owner_kind IN ('institution', 'enterprise', 'worker')),
    CONSTRAINT ck_accounts_endorsed CHECK (status IN ('proposed', 'retired') OR endorsed_by IS NOT NULL),
    CONSTRAINT ck_accounts_confirmed
        CHECK (status <> 'confirmed' OR confirmed_by IS NOT NULL AND usable_from IS NOT NULL),
    CONSTRAINT ck_accounts_distinct_persons
        CHECK (proposed_by <> endorsed_by AND proposed_by <> confirmed_by AND endorsed_by <> confirmed_by AND
            endorsed_by::text <> owner_id AND confirmed_by::text <> owner_id),
    CONSTRAINT ck_accounts_endorsed_name CHECK (endorsed_by IS NULL OR endorsed_name_index = name_index),
    CONSTRAINT ck_accounts_confirmed_name CHECK (confirmed_by IS NULL OR confirmed_name_index = name_index)
);
CREATE UNIQUE INDEX uq_accounts_pending ON accounts (owner_kind, owner_id) WHERE status IN ('proposed', 'endorsed');
"""

COOLING_OFF = """
CREATE FUNCTION accounts_cooling_off() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := (SELECT now() + "offset" FROM business_clock);
BEGIN
    IF NEW.status = 'confirmed' AND OLD.status <> 'confirmed' AND NEW.usable_from >= moment + (
        SELECT make_interval(hours => value::integer) FROM dated_rules
        WHERE name = 'account_cooling_off_hours'
            AND (moment AT TIME ZONE 'Asia/Shanghai')::date BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    ) IS NOT TRUE
        OR OLD.status = 'confirmed' AND NEW.usable_from <> OLD.usable_from
    THEN
        RAISE EXCEPTION 'an account is usable after its cool-off and not before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'co_accounts';
    END IF;
    RETURN NEW;
END $$
"""

FUND_COLUMNS = "id, fund_source, area, year, status, version, open_holds, created_at"
ACCOUNT_CHANGES = "status, version, endorsed_by, endorsed_name_index, confirmed_by, confirmed_name_index, usable_from"


def upgrade() -> None:
    """Create them. No role may write a fund's figures: ledger postings move them."""
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    plumbing_v1.guard_lifecycle("funds", births=["open"], transitions=[])
    plumbing_v1.immutable("funds", ["fund_source", "area", "year"])
    plumbing_v1.grant(
        SERVICE,
        "funds",
        api=f"SELECT, INSERT ({FUND_COLUMNS}), UPDATE (status, version)",
        worker="SELECT, UPDATE (status, version)",
    )
    plumbing_v1.guard_lifecycle(
        "accounts",
        births=["proposed"],
        transitions=[
            ("proposed", "endorsed"),
            ("endorsed", "confirmed"),
            ("proposed", "retired"),
            ("endorsed", "retired"),
            ("confirmed", "retired"),
        ],
    )
    plumbing_v1.immutable(
        "accounts",
        ["owner_kind", "owner_id", "revision", "bank_code", "number_index", "name_index", "proposed_by"],
    )
    op.execute(COOLING_OFF)
    op.execute(
        "CREATE TRIGGER cooling_off AFTER UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION accounts_cooling_off()"
    )
    plumbing_v1.grant(
        SERVICE,
        "accounts",
        api=f"SELECT, INSERT, UPDATE ({ACCOUNT_CHANGES})",
        worker="SELECT, UPDATE (status, version)",
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("accounts", "funds"):
        op.execute(f"DROP TABLE {table}")
        op.execute(f"DROP FUNCTION IF EXISTS {table}_cooling_off()")
        op.execute(f"DROP FUNCTION {table}_lifecycle()")
        op.execute(f"DROP FUNCTION {table}_immutable()")
