"""Attempts belong to a series, and another series may follow (R8): nobody is locked out of an assessment for life."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0002"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "a_series_follows_one_that_is_over")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
