"""Certificates that vouchers were certified by, and what is heard from payout and evaluation."""

import re

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_03"
down_revision = "20261123_02"
branch_labels = None
depends_on = None

SERVICE = "voucher"

TABLES = """
CREATE TABLE voucher_certificates (
    certificate_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    assessed_on date NOT NULL,
    completed_on date NOT NULL,
    issued_on date NOT NULL,
    CONSTRAINT pk_voucher_certificates PRIMARY KEY (certificate_id),
    CONSTRAINT uq_voucher_certificates_voucher_id UNIQUE (voucher_id),
    CONSTRAINT fk_voucher_certificates_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id),
    CONSTRAINT ck_voucher_certificates_level CHECK (level BETWEEN 0 AND 5)
);
CREATE TABLE payout_facts (
    version integer NOT NULL,
    payout_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    stage text NOT NULL,
    code text,
    CONSTRAINT pk_payout_facts PRIMARY KEY (payout_id),
    CONSTRAINT fk_payout_facts_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id),
    CONSTRAINT ck_payout_facts_stage CHECK (stage IN ('opened', 'returned', 'paid', 'reversed', 'debt_settled')),
    CONSTRAINT ck_payout_facts_returned_says_why CHECK (stage <> 'returned' OR code IS NOT NULL)
);
CREATE INDEX ix_payout_facts_voucher_id ON payout_facts (voucher_id);
CREATE TABLE certificate_facts (
    certificate_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    revoked boolean NOT NULL,
    CONSTRAINT pk_certificate_facts PRIMARY KEY (certificate_id),
    CONSTRAINT ck_certificate_facts_level CHECK (level BETWEEN 0 AND 5)
);
CREATE INDEX ix_certificate_facts_person_id ON certificate_facts (person_id);
"""

CERTIFICATE_MATCHES = """
CREATE FUNCTION voucher_certificates_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM vouchers
        WHERE id = NEW.voucher_id AND person_id = NEW.person_id AND skill_code = NEW.skill_code AND level = NEW.level
    ) THEN
        RAISE EXCEPTION 'a certificate serves the voucher of the same person, skill and level'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_voucher_certificates_match';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER match BEFORE INSERT ON voucher_certificates
    FOR EACH ROW EXECUTE FUNCTION voucher_certificates_match();
"""

NEEDS_CERTIFICATE = """
CREATE FUNCTION vouchers_needs_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM voucher_certificates WHERE voucher_id = NEW.id)
        OR NOT EXISTS (
            SELECT FROM eligibility_verdicts WHERE voucher_id = NEW.id AND occasion = 'certification'
        )
    THEN
        RAISE EXCEPTION 'no voucher is certified without its certificate and a fresh verdict'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_certificate';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER needs_certificate AFTER INSERT OR UPDATE OF status ON vouchers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status IN ('certified', 'settling', 'redeemed', 'clawed_back'))
    EXECUTE FUNCTION vouchers_needs_certificate();
"""
"""以证换券: the pair exists together or not at all (A5)."""


def _execute(statements: str) -> None:
    """One by one: the driver takes a single statement at a time."""
    for statement in re.split(r";\n(?=CREATE|INSERT)", statements):
        op.execute(statement)


def upgrade() -> None:
    """Create the tables; only the worker's role hears, so only it writes them."""
    for statements in (TABLES, CERTIFICATE_MATCHES, NEEDS_CERTIFICATE):
        _execute(statements)
    plumbing_v1.append_only("voucher_certificates")
    plumbing_v1.grant(SERVICE, "voucher_certificates", api="SELECT", worker="SELECT, INSERT")
    plumbing_v1.grant(SERVICE, "payout_facts", api="SELECT", worker="SELECT, INSERT, UPDATE")
    plumbing_v1.grant(SERVICE, "certificate_facts", api="SELECT", worker="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    """Drop everything."""
    op.execute("DROP TABLE certificate_facts, payout_facts, voucher_certificates CASCADE")
    op.execute(
        "DROP FUNCTION voucher_certificates_match, voucher_certificates_append_only, vouchers_needs_certificate CASCADE"
    )
