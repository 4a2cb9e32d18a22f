"""Ends and second chances (R2, R3, R5): a voucher lapses, a revoked certificate and a failed training are no end."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0002"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "life_cycles", "a_failed_training_is_counted")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
