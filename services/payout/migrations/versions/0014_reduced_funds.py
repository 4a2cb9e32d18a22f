"""A budget is reduced by two finance officers, never below what is claimed of it (R24)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0014"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "a_transaction_balances")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
