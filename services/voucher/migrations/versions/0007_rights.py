"""Who lifts a hold may have the holder warned again of the voucher's end."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0007"


def upgrade() -> None:
    """Grant what was missing."""
    run_sql(FOLDER, "rights")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
