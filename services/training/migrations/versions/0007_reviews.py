"""A class for the review of a permit is short, and for a permit only (R7)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0007"


def upgrade() -> None:
    """Add to the rules."""
    run_sql(FOLDER, "dated_rules")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
