"""A rejection is for correction or for good, and what was refused for a cause that is gone is judged again (R2, R3)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0006"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "a_step_writes_its_own_columns",
        "what_is_final_is_decided_by_two",
        "nothing_follows_a_final_rejection",
        "a_cause_may_go_away",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
