"""Mandates of workers; a voucher pays an organisation only under its own holder's."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_04"
down_revision = "20261123_03"
branch_labels = None
depends_on = None

SERVICE = "voucher"

MANDATES = """
    CREATE TABLE mandates (
        id uuid NOT NULL,
        voucher_id uuid NOT NULL,
        person_id uuid NOT NULL,
        institution text NOT NULL,
        payee_id text NOT NULL,
        account text NOT NULL,
        given_at timestamptz NOT NULL,
        CONSTRAINT pk_mandates PRIMARY KEY (id),
        CONSTRAINT uq_mandates_terms UNIQUE (id, voucher_id, person_id, payee_id),
        CONSTRAINT fk_mandates_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
    )
"""
NEEDED = """
    ALTER TABLE vouchers
        DROP CONSTRAINT ck_vouchers_mandate,
        ADD CONSTRAINT ck_vouchers_mandate CHECK (CASE WHEN enrolment_id IS NULL THEN mandate_id IS NULL
            ELSE (payee_kind = 'worker') = (mandate_id IS NULL) END),
        ADD CONSTRAINT ck_vouchers_worker_paid CHECK (payee_kind <> 'worker' OR payee_id = person_id::text),
        ADD CONSTRAINT fk_vouchers_mandate FOREIGN KEY (mandate_id, id, person_id, payee_id)
            REFERENCES mandates (id, voucher_id, person_id, payee_id)
"""
NOT_NEEDED = """
    ALTER TABLE vouchers
        DROP CONSTRAINT fk_vouchers_mandate,
        DROP CONSTRAINT ck_vouchers_worker_paid,
        DROP CONSTRAINT ck_vouchers_mandate,
        ADD CONSTRAINT ck_vouchers_mandate CHECK (mandate_id IS NULL OR enrolment_id IS NOT NULL)
"""


def upgrade() -> None:
    """Create them, and have vouchers refer to them."""
    op.execute(MANDATES)
    op.execute("CREATE INDEX ix_mandates_voucher_id ON mandates (voucher_id)")
    op.execute(NEEDED)
    plumbing_v1.append_only("mandates")
    plumbing_v1.grant(SERVICE, "mandates", api="SELECT, INSERT", worker="SELECT")


def downgrade() -> None:
    """Forget them."""
    op.execute(NOT_NEEDED)
    op.execute("DROP TABLE mandates")
    op.execute("DROP FUNCTION mandates_append_only()")
