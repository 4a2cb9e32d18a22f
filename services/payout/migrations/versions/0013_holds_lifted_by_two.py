"""What no event will ever lift, two officers lift (R10): one takes the hold over with a reason, another lifts it."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0013"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "a_lifted_hold_stays_lifted")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
