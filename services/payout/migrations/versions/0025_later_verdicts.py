"""A fresh verdict on eligibility lifts what an old one held; a no is lifted by no officer (R10)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0025"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "a_lifted_hold_stays_lifted")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
