"""What an application says may be corrected until it is listed."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0008"


def upgrade() -> None:
    """Grant what was missing."""
    run_sql(FOLDER, "rights")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
