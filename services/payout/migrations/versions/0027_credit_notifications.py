"""The bank notifies credits on the account by a file: money that came back, and money that came in (R4, R23)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0027"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "a_report_is_of_one_sort", "a_credit_counts_once", "what_never_changes")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
