"""A person's name as it may be shown, masked, so that a certificate can be compared with its paper (§二(二)7)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0004"


def upgrade() -> None:
    """Add to what is kept of persons and of certificates."""
    run_sql(FOLDER, "tables")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
