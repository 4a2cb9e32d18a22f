"""A failed training gives the voucher back (R5)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0002"


def upgrade() -> None:
    """The voucher of a failed training may be presented again."""
    run_sql(FOLDER, "a_failed_training_gives_the_voucher_back")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
