"""A final rejection is objected to once, and a third officer has it opened anew (R2, D27)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0024"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "what_never_changes",
        "a_step_writes_its_own_columns",
        "an_objection_is_made_in_time",
        "an_objection_to_a_notice_freezes_its_payout",
        "a_third_officer_decides",
        "a_final_rejection_is_reopened_once",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
