"""A verdict is given again when a register answers after the certification (R2, R10)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0009"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
