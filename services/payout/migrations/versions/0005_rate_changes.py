"""The rate table changed by two officers (R22): added to and corrected from a day on, the past as it was decided."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0005"


def upgrade() -> None:
    """Add to what is there."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "a_step_writes_its_own_columns",
        "a_change_has_its_event",
        "an_approved_change_makes_the_rate",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
