"""A person's name as it may be shown, masked, so that a certificate can be compared with its paper (§二(二)7)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0011"


def upgrade() -> None:
    """Add to what is kept of persons."""
    run_sql(FOLDER, "tables")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
