"""The panel of an assessment is replaced before its opening (R17)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0008"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "a_panel_is_replaced_before_the_opening", "rights")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
