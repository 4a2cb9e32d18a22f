"""What is owed to a payee is found by the payee: an institution's list, and its holds when it leaves the catalogue."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0015"


def upgrade() -> None:
    """Add to what payouts are searched by."""
    run_sql(FOLDER, "tables")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
