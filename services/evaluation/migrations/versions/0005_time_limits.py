"""Whom a case waits for has a time limit, and since when it waits is known (R1, A26)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0005"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "a_row_knows_since_when_it_stands_there", "time_limits")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
