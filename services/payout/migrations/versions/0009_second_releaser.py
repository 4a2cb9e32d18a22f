"""A payment batch above the limit is released by two (R18)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0009"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "a_large_batch_is_released_by_two", "rights")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
