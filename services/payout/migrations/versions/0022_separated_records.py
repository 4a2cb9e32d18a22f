"""A merger of two records may be undone: each record keeps what it was merged into (R16)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0022"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "a_benefit_is_live_under_any_record")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
