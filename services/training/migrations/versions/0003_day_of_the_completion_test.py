"""A training is completed on the day of its completion test, whenever the result is typed (R17)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0003"


def upgrade() -> None:
    """Add to what is there."""
    run_sql(FOLDER, "tables", "a_test_follows_the_last_session")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
