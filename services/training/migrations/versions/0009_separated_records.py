"""A merger of two records may be undone: each record keeps what it was merged into (R16)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0009"


def upgrade() -> None:
    """Add to what is there."""
    run_sql(FOLDER, "tables")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
