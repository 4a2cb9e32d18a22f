"""The database, too, holds back what goes in a file until the bank's answers to files are read."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0021"


def upgrade() -> None:
    """Read every switch in one place, and add the rule about files."""
    run_sql(FOLDER, "switches", "files_are_accepted")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
