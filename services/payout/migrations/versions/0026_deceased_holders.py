"""A dead holder's payout goes on by two officers, and to an account of the heirs where the worker was paid (R10)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0026"


def upgrade() -> None:
    """Make the rule anew under its name."""
    run_sql(FOLDER, "tables", "a_lifted_hold_stays_lifted", "a_dead_workers_account")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
