"""What a work list and a public notice show of a voucher: its class, and its holder's masked name (D19)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0003"


def upgrade() -> None:
    """Add to what is kept of vouchers."""
    run_sql(FOLDER, "tables_received")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
