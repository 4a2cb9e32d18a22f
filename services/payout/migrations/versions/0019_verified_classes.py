"""A payout waits for its class to be verified (验收, R20)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0019"


def upgrade() -> None:
    """Add to what is there."""
    run_sql(FOLDER, "tables", "no_check_before_the_class_is_verified", "rights")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
