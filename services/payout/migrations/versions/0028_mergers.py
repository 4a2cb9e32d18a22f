"""Payout knows since when two records are one person."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0028"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "rights")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
