"""A role may write the columns that its steps write, and no others."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0005"


def upgrade() -> None:
    """Take back the rights over whole tables."""
    run_sql(FOLDER, "rights")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
