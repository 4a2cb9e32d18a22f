"""Each review of a permit is an occasion of its own: due on a day, of which the permit says the next (R7)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0007"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "what_never_changes")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
