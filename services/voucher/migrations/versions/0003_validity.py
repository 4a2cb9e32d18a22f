"""Validity is what D3 says (R6): a hold stops the clock, what is not used returns to the quota, proposals end."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0003"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "life_cycles", "a_batch_counts_what_comes_back")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
