"""The offices have time limits, and lists of work find what is late (A26)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0010"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "each_step_has_a_time_limit")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
