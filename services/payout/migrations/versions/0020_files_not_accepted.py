"""No batch goes in a file until the bank's answers to files are read."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0020"


def upgrade() -> None:
    """Add to the rules."""
    run_sql(FOLDER, "dated_rules")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
